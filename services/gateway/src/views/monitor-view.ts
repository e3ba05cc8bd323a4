import { type MonitorView as Message, MonitorSource, MonitorSpec } from "@sentinel/contracts";
import type { MonitorView } from "@sentinel/contracts/api";
import { specView } from "@sentinel/contracts/config";
import { instant, instantOrNull, numberOrNull, textOrNull } from "./absent.ts";
import { sourceName, statusName, verdictName } from "./names.ts";

export function monitorView(message: Message): MonitorView {
  const { monitor } = message;
  return {
    id: monitor?.id ?? "",
    name: monitor?.spec?.name ?? "",
    source: sourceName[monitor?.source ?? MonitorSource.UNSPECIFIED],
    version: monitor?.version ?? 0,
    createdAt: instant(monitor?.createdAtMs ?? 0),
    changedAt: instant(monitor?.changedAtMs ?? 0),
    spec: specView(monitor?.spec ?? MonitorSpec.fromPartial({})),
    status: statusName[message.status],
    since: instantOrNull(message.sinceMs),
    lastCheckedAt: instantOrNull(message.lastCheckedAtMs),
    nextDueAt: instantOrNull(message.nextDueAtMs),
    responseTimeMs: numberOrNull(message.responseTimeMs),
    uptime24h: message.uptime24h < 0 ? null : message.uptime24h,
    beats: message.beats.map((beat) => ({
      slotMs: beat.slotMs,
      verdict: verdictName[beat.verdict],
      durationMs: beat.durationMs,
      reason: textOrNull(beat.reason),
    })),
    openIncidentId: numberOrNull(message.openIncidentId),
    reason: textOrNull(message.reason),
    failingRounds: message.failingRounds,
    suppressedBy: textOrNull(message.suppressedBy),
    maintenance:
      message.maintenance === "" ? null : { window: message.maintenance, until: instant(message.maintenanceUntilMs) },
    flapping: message.flapping,
    slo: sloView(message.slo),
  };
}

const sloView = (slo: Message["slo"]): MonitorView["slo"] =>
  slo === undefined
    ? null
    : {
        budgetLeft: slo.budgetLeft ?? null,
        uptime: slo.uptime < 0 ? null : slo.uptime,
        burn1h: slo.burn1h,
        burn6h: slo.burn6h,
      };
