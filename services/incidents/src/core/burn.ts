import { type IncidentEvent, Nature, Resolution, Severity, Verdict } from "@sentinel/contracts";
import type { IncidentCommand } from "./types.ts";

type Case = NonNullable<IncidentEvent["event"]>;

/** An incident about an objective: nothing of it can be repaired by knocking. */
export function openBurn(command: Extract<IncidentCommand, { type: "OpenBurn" }>): readonly Case[] {
  const { spec, slo, speed, atMs } = command;
  const params = {
    monitor: spec.name,
    target: String(slo.target),
    windowMs: String(slo.windowMs),
    burn: command.burn.toFixed(1),
    budgetLeft: command.budgetLeft === undefined ? "" : command.budgetLeft.toFixed(1),
  };
  return [
    {
      $case: "opened",
      value: {
        incidentId: command.incidentId,
        monitorId: command.monitorId,
        monitorName: spec.name,
        nature: Nature.SLO,
        verdict: Verdict.DEGRADED,
        startedAtMs: atMs,
        lastHealthyAtMs: 0,
        endpoints: [],
        endpointsTotal: spec.endpoints.length,
        prober: "",
        region: "",
        owner: spec.owner,
        failedRounds: 0,
        over: false,
      },
    },
    {
      $case: "diagnosed",
      value: {
        diagnosis: {
          rule: `slo.burn/${speed}`,
          issue: `budget_burns_${speed}`,
          cause: "budget_burn",
          severity: speed === "fast" ? Severity.CRITICAL : Severity.MEDIUM,
          recommendations: ["look_at_outages", "hold_changes"],
          params,
        },
      },
    },
  ];
}

/** What was down counts in the incidents about that. */
export const endBurn = (): Case => ({
  $case: "resolved",
  value: { resolution: Resolution.BURN_ENDED, actor: "", downtimeMs: 0, verifiedBySlotMs: 0 },
});
