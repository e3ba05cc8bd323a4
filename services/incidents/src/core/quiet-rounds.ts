import { MonitorStatus, Verdict, type CheckResult } from "@sentinel/contracts";
import type { MonitorState } from "./types.ts";

const HOUR_MS = 3_600_000;

/** What a quiet round leaves as it is, besides instants of repairs. */
const STANDING = [
  "status",
  "sinceMs",
  "reason",
  "failingRounds",
  "firstFailureMs",
  "openIncidentId",
  "lastIncidentId",
  "lastResolvedAtMs",
  "reopened",
  "flapping",
  "late",
  "suppressedBy",
] as const;
type Moved = "lastSlotMs" | "lastCheckedAtMs" | "lastHealthyAtMs" | "responseTimeMs" | "healthyRounds" | "beats";

/** A part of the state that is in neither list does not compile here: nobody would know whether to store it. */
const isSorted: Exclude<keyof MonitorState, (typeof STANDING)[number] | Moved | "repairsAtMs"> extends never
  ? true
  : never = true;

/** Of a round what a state can be brought up to date with. */
export type QuietRound = Pick<CheckResult, "slotMs" | "startedAtMs" | "durationMs" | "verdict">;

/**
 * Whether the check log alone tells what changed between the two: one more healthy round of a healthy monitor, in time.
 * Such a state need not be stored again; once an hour it is, so that the rounds since then are always kept.
 */
export function isQuiet(before: MonitorState, after: MonitorState): boolean {
  if (before === after) return true;
  if (!isAtRest(before) || after.lastSlotMs <= before.lastSlotMs) return false;
  if (after.lastHealthyAtMs !== after.lastCheckedAtMs || after.healthyRounds !== before.healthyRounds + 1) return false;
  return hourOf(before.lastSlotMs) === hourOf(after.lastSlotMs) && isSameButMoved(before, after);
}

/** The state as it was after these rounds, oldest first, of which those after the state was stored were quiet. */
export function withQuietRounds(state: MonitorState, rounds: readonly QuietRound[], nowMs: number): MonitorState {
  if (!isAtRest(state)) return state;
  // One that is named by an instant to come was counted as of another, and its state stored.
  const since = rounds.filter(
    ({ slotMs, verdict }) => slotMs > state.lastSlotMs && slotMs <= nowMs && verdict === Verdict.HEALTHY,
  );
  const last = since.at(-1);
  if (last === undefined) return state;
  return {
    ...state,
    lastSlotMs: last.slotMs,
    lastCheckedAtMs: last.startedAtMs,
    lastHealthyAtMs: last.startedAtMs,
    responseTimeMs: last.durationMs,
    healthyRounds: state.healthyRounds + new Set(since.map(({ slotMs }) => slotMs)).size,
  };
}

const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS);

const isAtRest = (state: MonitorState): boolean =>
  state.status === MonitorStatus.HEALTHY &&
  state.openIncidentId === 0 &&
  state.failingRounds === 0 &&
  state.late === undefined;

function isSameButMoved(before: MonitorState, after: MonitorState): boolean {
  // Instants of repairs only leave, so as many are the same ones.
  const isSame = isSorted && before.repairsAtMs.length === after.repairsAtMs.length;
  return isSame && STANDING.every((name) => before[name] === after[name]);
}
