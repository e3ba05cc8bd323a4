import { type Beat, type CheckResult, MonitorStatus, type MonitorSpec, Verdict } from "@sentinel/contracts";
import { changesOf, isSteady, roundsUntilSteady, startsFlapping } from "./flapping.ts";
import type { MonitorState, Observe, Signal } from "./types.ts";

const BEATS = 60;
const MIN_REOPEN_WINDOW_MS = 5 * 60_000;
const FLAPPING_AT = 3;
const FLAPPING_FACTOR = 5;
const HOUR_MS = 3_600_000;

export const initialMonitorState: MonitorState = {
  status: MonitorStatus.UNKNOWN,
  sinceMs: 0,
  lastSlotMs: 0,
  lastCheckedAtMs: 0,
  lastHealthyAtMs: 0,
  responseTimeMs: 0,
  reason: "",
  failingRounds: 0,
  firstFailureMs: 0,
  healthyRounds: 0,
  beats: [],
  openIncidentId: 0,
  lastIncidentId: 0,
  lastResolvedAtMs: 0,
  reopened: 0,
  flapping: false,
  repairsAtMs: [],
};

/** Healthy rounds in a row that close an incident of this monitor as things stand. */
export function healthyRoundsNeeded(state: MonitorState, spec: MonitorSpec): number {
  const needed = Math.max(1, spec.successesToResolve);
  return state.flapping ? needed * FLAPPING_FACTOR : needed;
}

/** An outage that returns within this span of the last resolve is the same incident. */
export function reopenWindowMs(spec: MonitorSpec): number {
  return Math.max(MIN_REOPEN_WINDOW_MS, 10 * spec.everyMs);
}

/** The state after a round, and what the round means for incidents. */
export const observe: Observe = (state, spec, result, quiet = false) => {
  if (result.slotMs <= state.lastSlotMs) return { state, signal: { type: "none" } };
  if (quiet) return quietly(state, spec, result);
  const seen = remember(state, result);
  switch (result.verdict) {
    case Verdict.HEALTHY:
      return healthy(seen, spec, result);
    case Verdict.DEGRADED:
    case Verdict.DOWN:
      return failing(seen, state, spec, result);
    default:
      return { state: seen, signal: { type: "none" } };
  }
};

/**
 * A round within a maintenance window. Failing rounds are counted, so that the first one after the window opens an
 * incident at once, which begins then: what failed before was expected.
 */
function quietly(state: MonitorState, spec: MonitorSpec, result: CheckResult): ReturnType<Observe> {
  const seen = remember(state, { ...result, verdict: Verdict.MAINTENANCE });
  if (result.verdict === Verdict.HEALTHY) return healthy(seen, spec, result);
  if (result.verdict !== Verdict.DOWN && result.verdict !== Verdict.DEGRADED) return { state: seen, signal: none };
  const failingRounds = state.failingRounds + 1;
  return {
    state: { ...seen, failingRounds, healthyRounds: 0, firstFailureMs: 0, reason: result.reason },
    signal: none,
  };
}

function remember(state: MonitorState, result: CheckResult): MonitorState {
  const beat: Beat = {
    slotMs: result.slotMs,
    verdict: result.verdict,
    durationMs: result.durationMs,
    reason: result.reason,
  };
  const lastSlotMs = result.slotMs;
  const beats = state.beats.slice(1 - BEATS);
  beats.push(beat);
  if (result.verdict === Verdict.MISSED) return { ...state, beats, lastSlotMs };
  const repairsAtMs = state.repairsAtMs.filter((at) => at > result.slotMs - HOUR_MS);
  return { ...state, beats, lastSlotMs, repairsAtMs, lastCheckedAtMs: result.startedAtMs };
}

function healthy(state: MonitorState, spec: MonitorSpec, result: CheckResult): ReturnType<Observe> {
  const healthyRounds = state.healthyRounds + 1;
  const next: MonitorState = {
    ...state,
    healthyRounds,
    failingRounds: 0,
    firstFailureMs: 0,
    lastHealthyAtMs: result.startedAtMs,
    responseTimeMs: result.durationMs,
    reason: "",
    suppressedBy: undefined,
  };
  if (state.openIncidentId === 0) return { state: become(next, MonitorStatus.HEALTHY, result.slotMs), signal: none };
  if (!state.flapping && startsFlapping(state.beats)) return beginFlapping(next, spec);
  if (healthyRounds < healthyRoundsNeeded(state, spec)) return { state: next, signal: none };
  if (state.flapping && !isSteady(state.beats)) return { state: next, signal: none };
  return { state: next, signal: { type: "recovered", slotMs: result.slotMs, changes: changesOf(state.beats).count } };
}

function beginFlapping(state: MonitorState, spec: MonitorSpec): ReturnType<Observe> {
  const flapping = { ...state, flapping: true };
  return { state: flapping, signal: { type: "flapping_started", roundsNeeded: roundsNeeded(flapping, spec) } };
}

const roundsNeeded = (state: MonitorState, spec: MonitorSpec): number =>
  roundsUntilSteady(state.beats, healthyRoundsNeeded(state, spec));

function failing(
  state: MonitorState,
  before: MonitorState,
  spec: MonitorSpec,
  result: CheckResult,
): ReturnType<Observe> {
  const failingRounds = before.failingRounds + 1;
  const next: MonitorState = {
    ...state,
    failingRounds,
    healthyRounds: 0,
    firstFailureMs: before.firstFailureMs === 0 ? result.slotMs : before.firstFailureMs,
    responseTimeMs: result.verdict === Verdict.DEGRADED ? result.durationMs : before.responseTimeMs,
    reason: result.reason,
  };
  if (before.openIncidentId > 0) return openAndFailing(next, spec, result);
  if (!startsFlapping(next.beats) && failingRounds < Math.max(1, spec.failuresToConfirm))
    return { state: next, signal: none };
  return confirm(next, spec, result);
}

function confirm(state: MonitorState, spec: MonitorSpec, result: CheckResult): ReturnType<Observe> {
  const reopen = state.lastIncidentId > 0 && result.slotMs - state.lastResolvedAtMs <= reopenWindowMs(spec);
  const reopened = reopen ? state.reopened + 1 : 0;
  const flapping = startsFlapping(state.beats) || (reopen && reopened >= FLAPPING_AT);
  // A run confirmed before was closed by hand while it failed on: the time until then is counted already.
  const again = reopen && state.failingRounds > Math.max(1, spec.failuresToConfirm);
  const resumedMs = Math.max(state.firstFailureMs, Math.min(state.lastResolvedAtMs, result.slotMs));
  const startedAtMs = again ? resumedMs : state.firstFailureMs;
  const judged = { ...state, reopened, flapping, suppressedBy: undefined };
  const confirmed = become(judged, statusOf(result.verdict), startedAtMs);
  return {
    state: confirmed,
    signal: {
      type: "confirmed",
      verdict: result.verdict,
      startedAtMs,
      reopen,
      flapping,
      roundsNeeded: flapping ? roundsNeeded(confirmed, spec) : 0,
      result,
    },
  };
}

function openAndFailing(state: MonitorState, spec: MonitorSpec, result: CheckResult): ReturnType<Observe> {
  if (!state.flapping && startsFlapping(state.beats)) return beginFlapping(state, spec);
  if (state.flapping && isSteady(state.beats)) {
    const signal: Signal = { type: "flapping_stopped", changes: changesOf(state.beats).count };
    return { state: { ...state, flapping: false }, signal };
  }
  return stillOpen(state, spec, result);
}

function stillOpen(state: MonitorState, spec: MonitorSpec, result: CheckResult): ReturnType<Observe> {
  const status = statusOf(result.verdict);
  if (status === state.status) return { state, signal: { type: "still_failing", result } };
  const worse = status === MonitorStatus.DOWN;
  const settled = lastVerdicts(state, Math.max(1, spec.failuresToConfirm), result.verdict);
  if (!worse && !settled) return { state, signal: { type: "still_failing", result } };
  return {
    state: become(state, status, result.slotMs),
    signal: { type: "verdict_changed", verdict: result.verdict, result },
  };
}

const UNJUDGED: ReadonlySet<Verdict> = new Set([Verdict.MISSED, Verdict.UNKNOWN, Verdict.MAINTENANCE]);

function lastVerdicts(state: MonitorState, count: number, verdict: Verdict): boolean {
  const judged = state.beats.filter((beat) => !UNJUDGED.has(beat.verdict));
  const last = judged.slice(-count);
  return last.length === count && last.every((beat) => beat.verdict === verdict);
}

function become(state: MonitorState, status: MonitorStatus, sinceMs: number): MonitorState {
  return state.status === status ? state : { ...state, status, sinceMs };
}

function statusOf(verdict: Verdict): MonitorStatus {
  return verdict === Verdict.DOWN ? MonitorStatus.DOWN : MonitorStatus.DEGRADED;
}

const none: Signal = { type: "none" };
