import { type HeartbeatRun, type HeartbeatState, PingKind, type TakePingRequest } from "@sentinel/contracts";

/** Runs that began and never ended are forgotten beyond so many: a job that never tells its end would add one each time. */
const MOST_RUNS = 20;

export const silentSoFar: HeartbeatState = {
  seq: 0,
  lastPingAtMs: 0,
  succeededAtMs: 0,
  failedAtMs: 0,
  exitCode: "",
  log: new Uint8Array(),
  runs: [],
  runTookMs: 0,
};

export type Ping = Pick<TakePingRequest, "kind" | "exitCode" | "runId" | "log">;

/** What is known of a job after it called. */
export function afterPing(before: HeartbeatState, ping: Ping, atMs: number): HeartbeatState {
  const log = ping.log.length > 0 ? ping.log : before.log;
  const heard = { ...before, seq: before.seq + 1, lastPingAtMs: atMs, log };
  switch (ping.kind) {
    case PingKind.START: {
      // What is written from here on belongs to this run.
      const others = before.runs.filter(({ runId }) => runId !== ping.runId);
      return { ...heard, log: ping.log, runs: [...others, { runId: ping.runId, startedAtMs: atMs }].slice(-MOST_RUNS) };
    }
    case PingKind.SUCCESS: {
      const begun = runOf(before.runs, ping.runId);
      const runTookMs = begun === undefined ? 0 : Math.max(0, atMs - begun.startedAtMs);
      const runs = runsAfter(before.runs, ping.runId);
      return { ...heard, log: ping.log, succeededAtMs: atMs, failedAtMs: 0, exitCode: "", runs, runTookMs };
    }
    case PingKind.FAIL:
      return { ...heard, failedAtMs: atMs, exitCode: ping.exitCode, runs: runsAfter(before.runs, ping.runId) };
    default:
      return heard;
  }
}

/** Without an id, the last run that began is meant. */
const runOf = (runs: readonly HeartbeatRun[], runId: string): HeartbeatRun | undefined =>
  runId === "" ? runs.at(-1) : runs.find((run) => run.runId === runId);

/** An end without an id ends all runs: whoever gives none has one at a time. */
const runsAfter = (runs: readonly HeartbeatRun[], runId: string): HeartbeatRun[] =>
  runId === "" ? [] : runs.filter((run) => run.runId !== runId);

/** "Nightly backup (EU)" is called "nightly-backup-eu". */
export const slugOf = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .trim()
    .replaceAll(/[\s_-]+/g, "-");
