import { type CheckResult, type MonitorSpec, Verdict } from "@sentinel/contracts";
import type { LateFailures, MonitorState } from "./types.ts";

/** After so long without a late failing round, what there is of an outage is together. */
const TOGETHER_MS = 30_000;
const MIN_MARGIN_MS = 10 * 60_000;

/** An outage that was confirmed and over, as its rounds say. */
export interface PastOutage {
  readonly verdict: Verdict;
  readonly startedAtMs: number;
  readonly lastHealthyAtMs: number;
  readonly confirmedBy: CheckResult;
  readonly failedRounds: number;
  readonly endSlotMs: number;
}

const isFailing = ({ verdict }: CheckResult): boolean => verdict === Verdict.DOWN || verdict === Verdict.DEGRADED;

/** Takes note of a failing round that is older than what was folded; others change nothing. */
export function noteLate(state: MonitorState, result: CheckResult, nowMs: number): MonitorState {
  if (!isFailing(result) || result.slotMs > state.lastSlotMs) return state;
  const { fromMs, untilMs } = state.late ?? { fromMs: result.slotMs, untilMs: result.slotMs };
  const late: LateFailures = {
    fromMs: Math.min(fromMs, result.slotMs),
    untilMs: Math.max(untilMs, result.slotMs),
    atMs: nowMs,
  };
  return { ...state, late };
}

/** The late failing rounds whose time to be judged has come. */
export const lateToJudge = ({ late }: MonitorState, nowMs: number): LateFailures | undefined =>
  late !== undefined && Math.abs(nowMs - late.atMs) >= TOGETHER_MS ? late : undefined;

/** How far around them rounds are looked at. */
export function lateWindow(
  late: LateFailures,
  spec: MonitorSpec,
): { readonly afterMs: number; readonly beforeMs: number } {
  const rounds = spec.failuresToConfirm + spec.successesToResolve + 20;
  const marginMs = Math.max(MIN_MARGIN_MS, rounds * spec.everyMs);
  return { afterMs: late.fromMs - marginMs, beforeMs: late.untilMs + marginMs };
}

/**
 * The outages among these rounds, oldest first, in which one of the late ones took part: failing rounds in a row, as
 * many as confirm an outage, and healthy ones that end it. Missed and unknown rounds say nothing, as ever. What is not
 * over within the window is left to the rounds of now.
 */
export function pastOutages(
  rounds: readonly CheckResult[],
  spec: MonitorSpec,
  late: LateFailures,
): readonly PastOutage[] {
  const confirm = Math.max(1, spec.failuresToConfirm);
  const resolve = Math.max(1, spec.successesToResolve);
  const found: PastOutage[] = [];
  let failing: CheckResult[] = [];
  let healthy = 0;
  let lastHealthyAtMs = 0;
  for (const round of rounds) {
    if (isFailing(round)) {
      // Before it is confirmed a single healthy round begins the count anew.
      if (healthy > 0 && failing.length < confirm) failing = [];
      failing.push(round);
      healthy = 0;
    } else if (round.verdict === Verdict.HEALTHY) {
      healthy += 1;
      const outage =
        healthy >= resolve || failing.length < confirm ? outageOf(failing, confirm, round, lastHealthyAtMs) : undefined;
      if (outage !== undefined && failing.some(({ slotMs }) => late.fromMs <= slotMs && slotMs <= late.untilMs))
        found.push(outage);
      if (failing.length < confirm || outage !== undefined) {
        failing = [];
        lastHealthyAtMs = round.slotMs;
      }
    }
  }
  return found;
}

function outageOf(
  failing: readonly CheckResult[],
  confirm: number,
  end: CheckResult,
  lastHealthyAtMs: number,
): PastOutage | undefined {
  const [first, confirmedBy] = [failing[0], failing[confirm - 1]];
  if (first === undefined || confirmedBy === undefined) return undefined;
  const verdict = failing.some((round) => round.verdict === Verdict.DOWN) ? Verdict.DOWN : Verdict.DEGRADED;
  return {
    verdict,
    startedAtMs: first.slotMs,
    lastHealthyAtMs,
    confirmedBy,
    failedRounds: failing.length,
    endSlotMs: end.slotMs,
  };
}
