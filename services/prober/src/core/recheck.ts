import type { CheckResult, MonitorSpec } from "@sentinel/contracts";

/** With shorter intervals the next slot is as good. */
const SHORTEST_EVERY_MS = 5000;

/**
 * In how many milliseconds this prober looks again after a round that failed: half an interval after its slot, so that
 * what passes by itself has some time to. Undefined where the round confirms already, or was itself out of turn.
 * @param round `rounds` is how many failed in a row, this one included.
 */
export function recheckInMs(
  round: Pick<CheckResult, "slotMs" | "onDemand"> & { readonly rounds: number },
  spec: Pick<MonitorSpec, "everyMs" | "failuresToConfirm">,
  nowMs: number,
): number | undefined {
  if (round.onDemand || spec.everyMs < SHORTEST_EVERY_MS) return undefined;
  if (round.rounds >= Math.max(1, spec.failuresToConfirm)) return undefined;
  const inMs = round.slotMs + spec.everyMs / 2 - nowMs;
  // A round that took most of the interval is followed by the next slot anyway.
  return inMs < -spec.everyMs / 4 ? undefined : Math.max(0, inMs);
}
