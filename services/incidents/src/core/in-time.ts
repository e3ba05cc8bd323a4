import type { CheckResult, MonitorSpec } from "@sentinel/contracts";
import type { MonitorState } from "./types.ts";

/**
 * A round as it counts for the verdict, where clocks disagree. One named by an instant beyond the next interval, as by a
 * prober whose clock is ahead, counts as of now; so whatever is named rightly afterwards is newer. A state that is
 * itself ahead, because the clock of this machine was set back, is measured from two intervals ago.
 */
export function inTime(
  state: MonitorState,
  { everyMs }: Pick<MonitorSpec, "everyMs">,
  result: CheckResult,
  nowMs: number,
): { readonly state: MonitorState; readonly result: CheckResult } {
  const horizonMs = nowMs + everyMs;
  const isAhead = state.lastSlotMs > horizonMs;
  const lastSlotMs = isAhead ? nowMs - 2 * everyMs : state.lastSlotMs;
  return {
    state: isAhead ? { ...state, lastSlotMs } : state,
    result: result.slotMs > horizonMs ? { ...result, slotMs: Math.max(nowMs, lastSlotMs + 1) } : result,
  };
}
