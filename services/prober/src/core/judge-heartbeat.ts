import { type GetHeartbeatResponse, type HeartbeatState, type MonitorSpec, Verdict } from "@sentinel/contracts";
import { compileSchedule } from "@sentinel/contracts/config";
import type { Judgement } from "./assertions.ts";

type Check = NonNullable<MonitorSpec["endpoints"][number]["check"]>;
export type Heartbeat = Extract<Check, { readonly $case: "heartbeat" }>["value"];

const HEALTHY: Judgement = { verdict: Verdict.HEALTHY, reason: "", params: {} };
const MOST_EARLY_MS = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

/** When a job that succeeded then is expected to succeed again. */
export function expectedAfter(check: Heartbeat, atMs: number): number {
  if (check.schedule === "") return atMs + check.everyMs;
  const read = compileSchedule(check.schedule, check.zone);
  const next = read.ok ? read.schedule.next(atMs) : undefined;
  if (!read.ok || next === undefined) return NEVER;
  const after = read.schedule.next(next) ?? NEVER;
  // A clock that goes a little ahead has the job call just before its time: that call is the one of this time.
  const early = next - atMs <= Math.min(MOST_EARLY_MS, (after - next) / 4);
  return early ? after : next;
}

/**
 * What the calls of a job say about it now, by the clock of whoever takes them.
 * @param waitingSinceMs from when on the first call counts as awaited.
 */
export function judgeHeartbeat(check: Heartbeat, heard: GetHeartbeatResponse, waitingSinceMs: number): Judgement {
  const { state, nowMs } = heard;
  const lastPing = state === undefined || state.lastPingAtMs === 0 ? {} : { lastPing: instant(state.lastPingAtMs) };
  if (state !== undefined && state.failedAtMs > 0) return failed(state);
  const succeededAtMs = state?.succeededAtMs ?? 0;
  const expectedMs = expectedAfter(check, succeededAtMs || waitingSinceMs);
  const limitMs = expectedMs + check.graceMs;
  const [run] = state?.runs ?? [];
  if (run !== undefined && run.startedAtMs <= limitMs) {
    const untilMs = run.startedAtMs + check.graceMs;
    if (nowMs <= untilMs) return succeededAtMs > 0 ? HEALTHY : awaited(untilMs);
    const params = { startedAt: instant(run.startedAtMs), expectedBy: instant(untilMs), ...lastPing };
    return unheard(check, heard, { fromMs: run.startedAtMs, untilMs }) ?? down("heartbeat_overrun", params);
  }
  if (nowMs <= limitMs) return succeededAtMs > 0 ? HEALTHY : awaited(limitMs);
  const params = { expectedBy: instant(limitMs), ...lastPing };
  return (
    unheard(check, heard, { fromMs: expectedMs - check.graceMs, untilMs: limitMs }) ?? down("heartbeat_missed", params)
  );
}

const down = (reason: string, params: Readonly<Record<string, string>>): Judgement => ({
  verdict: Verdict.DOWN,
  reason,
  params,
});

const unknown = (reason: string, params: Readonly<Record<string, string>>): Judgement => ({
  verdict: Verdict.UNKNOWN,
  reason,
  params,
});

const awaited = (untilMs: number): Judgement => unknown("heartbeat_awaited", { expectedBy: instant(untilMs) });

function failed({ failedAtMs, exitCode, lastPingAtMs }: HeartbeatState): Judgement {
  const code = exitCode === "" ? {} : { exitCode };
  return down("heartbeat_failed", { failedAt: instant(failedAtMs), lastPing: instant(lastPingAtMs), ...code });
}

/** The call may have come while nobody could take it; what is known for certain is known after the next one. */
function unheard(
  check: Heartbeat,
  { nowMs, deafFromMs, deafUntilMs }: GetHeartbeatResponse,
  expected: { readonly fromMs: number; readonly untilMs: number },
): Judgement | undefined {
  if (deafUntilMs === 0 || deafFromMs > expected.untilMs || deafUntilMs < expected.fromMs) return undefined;
  if (nowMs > expectedAfter(check, deafUntilMs) + check.graceMs) return undefined;
  return unknown("heartbeat_unheard", { from: instant(deafFromMs), until: instant(deafUntilMs) });
}

/** "2026-03-29 01:30:00 UTC"; empty for never. */
const instant = (ms: number): string =>
  Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC` : "";
