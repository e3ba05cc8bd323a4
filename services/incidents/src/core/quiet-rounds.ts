import { MonitorStatus, Verdict, type CheckResult } from "@sentinel/contracts";
import type { MonitorState } from "./types.ts";

const HOUR_MS = 3_600_000;

/** What a quiet round changes. */
const MOVED = new Set(["lastSlotMs", "lastCheckedAtMs", "lastHealthyAtMs", "responseTimeMs", "healthyRounds", "beats"]);

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
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).every(([name, value]) => {
    if (MOVED.has(name)) return true;
    // Instants only leave it, so as many are the same ones.
    if (name === "repairsAtMs") return after.repairsAtMs.length === before.repairsAtMs.length;
    return value === old.get(name);
  });
}
