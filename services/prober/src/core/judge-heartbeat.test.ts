import { describe, expect, test } from "@jest/globals";
import { type GetHeartbeatResponse, HeartbeatState } from "@sentinel/contracts";
import * as fc from "fast-check";
import { judgeHeartbeat } from "./judge-heartbeat.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const T0 = Date.UTC(2026, 10, 21, 12);
const GRACE_MS = 5 * MINUTE_MS;

const hourly = { tokenHash: "", everyMs: HOUR_MS, graceMs: GRACE_MS, schedule: "", zone: "" };

interface Heard {
  readonly succeeded?: number;
  readonly failed?: number;
  readonly exitCode?: string;
  readonly began?: number;
  readonly deaf?: readonly [number, number];
}

const heard = (nowMs: number, said?: Heard): GetHeartbeatResponse => ({
  state:
    said === undefined
      ? undefined
      : HeartbeatState.fromPartial({
          seq: 1,
          lastPingAtMs: Math.max(said.succeeded ?? 0, said.failed ?? 0, said.began ?? 0),
          succeededAtMs: said.succeeded ?? 0,
          failedAtMs: said.failed ?? 0,
          exitCode: said.exitCode ?? "",
          runs: said.began === undefined ? [] : [{ runId: "", startedAtMs: said.began }],
        }),
  nowMs,
  deafFromMs: said?.deaf?.[0] ?? 0,
  deafUntilMs: said?.deaf?.[1] ?? 0,
});

const judged = (nowMs: number, said?: Heard): string => {
  const { verdict, reason } = judgeHeartbeat(hourly, heard(nowMs, said), T0);
  return `${verdict.replace("VERDICT_", "")} ${reason}`.trim();
};

describe("a job expected every hour, with five minutes of grace", () => {
  test.each<readonly [string, number, Heard | undefined, string]>([
    ["it was never heard, and its first call is not due", 65 * MINUTE_MS, undefined, "UNKNOWN heartbeat_awaited"],
    ["it was never heard in time", 65 * MINUTE_MS + 1, undefined, "DOWN heartbeat_missed"],
    ["it succeeded and the next call is not due", 65 * MINUTE_MS, { succeeded: T0 }, "HEALTHY"],
    ["its next call does not come in time", 65 * MINUTE_MS + 1, { succeeded: T0 }, "DOWN heartbeat_missed"],
    ["it failed", 1, { succeeded: T0, failed: T0 }, "DOWN heartbeat_failed"],
    ["it began in time and is within grace", 66 * MINUTE_MS, { succeeded: T0, began: T0 + 62 * MINUTE_MS }, "HEALTHY"],
    [
      "it began and did not end within grace",
      67 * MINUTE_MS + 1,
      { succeeded: T0, began: T0 + 62 * MINUTE_MS },
      "DOWN heartbeat_overrun",
    ],
    [
      "it began only after it was missed",
      67 * MINUTE_MS,
      { succeeded: T0, began: T0 + 66 * MINUTE_MS },
      "DOWN heartbeat_missed",
    ],
    ["it began for the first time", MINUTE_MS, { began: T0 }, "UNKNOWN heartbeat_awaited"],
    ["it failed and began again", 2, { failed: T0, began: T0 + 1 }, "DOWN heartbeat_failed"],
    [
      "nobody listened when it was due",
      70 * MINUTE_MS,
      { succeeded: T0, deaf: [T0 + 58 * MINUTE_MS, T0 + 61 * MINUTE_MS] },
      "UNKNOWN heartbeat_unheard",
    ],
    [
      "nobody listened when it was due, nor did the next call come",
      2 * HOUR_MS + 6 * MINUTE_MS + 1,
      { succeeded: T0, deaf: [T0 + 58 * MINUTE_MS, T0 + 61 * MINUTE_MS] },
      "DOWN heartbeat_missed",
    ],
    [
      "nobody listened long before it was due",
      70 * MINUTE_MS,
      { succeeded: T0, deaf: [T0 + 10 * MINUTE_MS, T0 + 20 * MINUTE_MS] },
      "DOWN heartbeat_missed",
    ],
    [
      "nobody listened once it was missed",
      90 * MINUTE_MS,
      { succeeded: T0, deaf: [T0 + 80 * MINUTE_MS, T0 + 85 * MINUTE_MS] },
      "DOWN heartbeat_missed",
    ],
    ["the clock was set back since", -HOUR_MS, { succeeded: T0 }, "HEALTHY"],
  ])("%s", (_, afterMs, said, verdict) => {
    expect(judged(T0 + afterMs, said)).toBe(verdict);
  });

  test("evidence says when it called last and by when it was expected", () => {
    expect(judgeHeartbeat(hourly, heard(T0 + 2 * HOUR_MS, { succeeded: T0 }), T0).params).toEqual({
      lastPing: "2026-11-21 12:00:00 UTC",
      expectedBy: "2026-11-21 13:05:00 UTC",
    });
    expect(judgeHeartbeat(hourly, heard(T0, { failed: T0, exitCode: "3" }), T0).params).toMatchObject({
      exitCode: "3",
    });
  });

  test("it is never missed before its time and always missed after it, whenever it called", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 3 * HOUR_MS }), (at, after) => {
        const succeeded = at + 1;
        const late = after > HOUR_MS + GRACE_MS;
        expect(judged(succeeded + after, { succeeded })).toBe(late ? "DOWN heartbeat_missed" : "HEALTHY");
      }),
    );
  });
});
