import { describe, expect, test } from "@jest/globals";
import { PingKind } from "@sentinel/contracts";
import { afterPing, type Ping, silentSoFar, slugOf } from "./heartbeat.ts";

const ping = (kind: PingKind, change: Partial<Ping> = {}): Ping => ({
  kind,
  exitCode: "",
  runId: "",
  log: new Uint8Array(),
  ...change,
});

const after = (...pings: readonly (readonly [number, Ping])[]) =>
  pings.reduce((state, [atMs, each]) => afterPing(state, each, atMs), silentSoFar);

const { SUCCESS, START, FAIL, LOG } = PingKind;

describe("what is known of a job", () => {
  test("a success ends a failure, and every call counts", () => {
    const failed = after([1, ping(FAIL, { exitCode: "2" })]);
    expect(failed).toMatchObject({ seq: 1, failedAtMs: 1, exitCode: "2", succeededAtMs: 0 });
    expect(afterPing(failed, ping(SUCCESS), 5)).toMatchObject({
      seq: 2,
      failedAtMs: 0,
      exitCode: "",
      succeededAtMs: 5,
    });
  });

  test("the same success told twice changes nothing but when", () => {
    const once = after([1, ping(SUCCESS)]);
    expect(afterPing(once, ping(SUCCESS), 2)).toEqual({ ...once, seq: 2, succeededAtMs: 2, lastPingAtMs: 2 });
  });

  test("runs are paired by their ids, and end together where no id is given", () => {
    const two = after([1, ping(START, { runId: "a" })], [3, ping(START, { runId: "b" })]);
    const one = afterPing(two, ping(SUCCESS, { runId: "a" }), 11);
    expect(one).toMatchObject({ runs: [{ runId: "b", startedAtMs: 3 }], runTookMs: 10 });
    expect(afterPing(two, ping(SUCCESS), 11)).toMatchObject({ runs: [], runTookMs: 8 });
  });

  test("a start does not take back a failure, and a log line says neither", () => {
    const state = after([1, ping(FAIL)], [2, ping(START)], [3, ping(LOG, { log: Buffer.from("still trying") })]);
    expect(state).toMatchObject({ failedAtMs: 1, runs: [{ startedAtMs: 2 }], lastPingAtMs: 3 });
    expect(Buffer.from(state.log).toString()).toBe("still trying");
  });

  test("what a run wrote is kept until the next one begins", () => {
    const log = Buffer.from("disk full");
    const state = after([1, ping(START)], [2, ping(LOG, { log })], [3, ping(FAIL)]);
    expect(Buffer.from(state.log).toString()).toBe("disk full");
    expect(afterPing(state, ping(START), 4).log).toHaveLength(0);
  });

  test("runs that never end are not kept for ever", () => {
    let state = silentSoFar;
    for (let at = 1; at <= 50; at += 1) state = afterPing(state, ping(START, { runId: `run-${at}` }), at);
    expect(state.runs).toHaveLength(20);
    expect(state.runs.at(-1)).toEqual({ runId: "run-50", startedAtMs: 50 });
  });
});

test.each([
  ["Nightly backup (EU)", "nightly-backup-eu"],
  ["Sauvegarde été", "sauvegarde-ete"],
  ["db_dump", "db-dump"],
])("%j is called by the slug %s", (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});
