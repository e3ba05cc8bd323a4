import { describe, expect, test } from "@jest/globals";
import { type GetHeartbeatResponse, HeartbeatState } from "@sentinel/contracts";
import * as fc from "fast-check";
import { expectedAfter, type Heartbeat, judgeHeartbeat } from "./judge-heartbeat.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const T0 = Date.UTC(2026, 10, 21, 12);
const GRACE_MS = 5 * MINUTE_MS;

const hourly: Heartbeat = { tokenHash: "", everyMs: HOUR_MS, graceMs: GRACE_MS, schedule: "", zone: "" };
const cron = (schedule: string, zone = "Europe/Paris"): Heartbeat => ({ ...hourly, everyMs: 0, schedule, zone });

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

const judged = (nowMs: number, said?: Heard, check = hourly): string => {
  const { verdict, reason } = judgeHeartbeat(check, heard(nowMs, said), T0);
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

/** "2026-03-29 01:00" of each of the next times, in UTC. */
const times = (check: Heartbeat, from: string, count: number): readonly string[] => {
  const found: string[] = [];
  for (let atMs = Date.parse(from); found.length < count;) {
    atMs = expectedAfter(check, atMs + MINUTE_MS);
    found.push(new Date(atMs).toISOString().slice(5, 16));
  }
  return found;
};

describe("schedules where clocks change, in Europe/Paris", () => {
  test("in spring, a time that is skipped is due when the gap ends, and none is due twice", () => {
    expect(times(cron("30 2 * * *"), "2026-03-28T00:00:00Z", 4)).toEqual([
      "03-28T01:30",
      "03-29T01:00",
      "03-30T00:30",
      "03-31T00:30",
    ]);
  });

  test("in autumn, a time that comes twice is due the first time only", () => {
    expect(times(cron("30 2 * * *"), "2026-10-24T00:00:00Z", 3)).toEqual(["10-24T00:30", "10-25T00:30", "10-26T01:30"]);
  });

  test("what is due every half hour is due every half hour through both", () => {
    for (const from of ["2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z"]) {
      const found = times(cron("*/30 * * * *"), from, 20).map((each) => Date.parse(`2026-${each}Z`));
      expect(found.slice(1).map((at, index) => at - (found[index] ?? 0))).toEqual(Array(19).fill(30 * MINUTE_MS));
    }
  });

  test("a day of 23 or 25 hours is no reason for alarm, and one call that is left out is", () => {
    const daily = cron("30 2 * * *");
    for (const [called, next] of [
      ["2026-03-28T01:31:00Z", "2026-03-29T01:05:00Z"],
      ["2026-03-29T01:01:00Z", "2026-03-30T00:35:00Z"],
      ["2026-10-24T00:31:00Z", "2026-10-25T00:35:00Z"],
      ["2026-10-25T00:31:00Z", "2026-10-26T01:35:00Z"],
    ] as const) {
      const said = { succeeded: Date.parse(called) };
      expect(judged(Date.parse(next), said, daily)).toBe("HEALTHY");
      expect(judged(Date.parse(next) + 1, said, daily)).toBe("DOWN heartbeat_missed");
    }
  });

  test("a job whose clock goes ahead a little and calls just before its time has called for it", () => {
    const daily = cron("0 3 * * *", "UTC");
    expect(expectedAfter(daily, Date.parse("2026-11-21T02:59:30Z"))).toBe(Date.parse("2026-11-22T03:00:00Z"));
    expect(expectedAfter(daily, Date.parse("2026-11-21T02:50:00Z"))).toBe(Date.parse("2026-11-21T03:00:00Z"));
    const everyMinute = cron("* * * * *", "UTC");
    expect(expectedAfter(everyMinute, Date.parse("2026-11-21T02:59:30Z"))).toBe(Date.parse("2026-11-21T03:00:00Z"));
  });

  test("the next time is always later, at most a day and an hour on for what is due daily", () => {
    const year = { min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) };
    fc.assert(
      fc.property(
        fc.integer(year),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        (at, hour, minute) => {
          const next = expectedAfter(cron(`${minute} ${hour} * * *`), at);
          expect(next).toBeGreaterThan(at);
          expect(next - at).toBeLessThanOrEqual(25 * HOUR_MS + MINUTE_MS);
        },
      ),
    );
  });
});
