import { type CheckResult, type MonitorSpec, Verdict } from "@sentinel/contracts";
import { isSilence } from "./network-like.ts";
import type { Usual } from "./usual.ts";

/** With shorter intervals the next slot is as good. */
const SHORTEST_EVERY_MS = 5000;
/** Time for what lasts a moment to pass, and little enough to tell of an outage one interval after it began. */
const AT_ONCE_MS = 1000;
/** Whoever answered within a third of it has had time enough. */
const LEAST_PATIENCE_MS = 2500;

type Failed = Pick<CheckResult, "slotMs" | "onDemand" | "verdict"> & { readonly rounds: number };

/**
 * In how many milliseconds this prober looks again after a round that failed: at once where the target was down, half an
 * interval after its slot where it was only slow or down in part, which is no matter of seconds. Undefined where the round
 * confirms already, was itself out of turn, or is followed by its next slot as soon.
 * @param round `rounds` is how many failed in a row, this one included.
 */
export function recheckInMs(
  round: Failed,
  spec: Pick<MonitorSpec, "everyMs" | "failuresToConfirm">,
  nowMs: number,
): number | undefined {
  if (round.onDemand || spec.everyMs < SHORTEST_EVERY_MS) return undefined;
  if (round.rounds >= Math.max(1, spec.failuresToConfirm)) return undefined;
  const inMs = round.verdict === Verdict.DOWN ? AT_ONCE_MS : round.slotMs + spec.everyMs / 2 - nowMs;
  const nextInMs = round.slotMs + spec.everyMs - nowMs;
  // A round that took most of the interval is followed by the next slot anyway.
  if (nextInMs <= AT_ONCE_MS || inMs < -spec.everyMs / 4) return undefined;
  return Math.max(0, inMs);
}

/**
 * How long the second look waits: a target that was silent for its whole timeout, and usually answers soon, need not be
 * waited for as long again to be told that it is silent.
 */
export function patienceOf(
  { reason }: Pick<CheckResult, "reason">,
  { timeoutMs }: Pick<MonitorSpec, "timeoutMs">,
  usual: Usual | undefined,
): number {
  if (!isSilence(reason) || usual === undefined) return timeoutMs;
  return Math.min(timeoutMs, Math.max(LEAST_PATIENCE_MS, usual.limitMs));
}
