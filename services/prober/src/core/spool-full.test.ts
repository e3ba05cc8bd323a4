import { describe, expect, test } from "@jest/globals";
import { CheckResult, Verdict } from "@sentinel/contracts";
import { type Dropped, missedInstead } from "./spool-full.ts";

const dropped = (slotMs: number, change: Partial<CheckResult> = {}, sent = false): Dropped => ({
  result: {
    ...CheckResult.fromPartial({ monitorId: "mon_a", region: "local", prober: "p1", monitorVersion: 1 }),
    slotMs,
    verdict: Verdict.DOWN,
    reason: "status",
    ...change,
  },
  sent,
});
const told = (records: readonly CheckResult[]) =>
  records.map(({ monitorId, slotMs, missedUntilMs, missedSlots, reason }) => [
    monitorId,
    slotMs,
    missedUntilMs,
    missedSlots,
    reason,
  ]);

describe("results dropped from a full spool", () => {
  test("that never left become one record per monitor, which names how many slots and which", () => {
    const records = missedInstead([
      dropped(10),
      dropped(15, { monitorId: "mon_b" }),
      dropped(20),
      dropped(30, { monitorVersion: 2 }),
    ]);
    expect(told(records)).toEqual([
      ["mon_a", 10, 30, 3, "spool_full"],
      ["mon_b", 15, 15, 1, "spool_full"],
    ]);
    expect(records[0]).toMatchObject({
      verdict: Verdict.MISSED,
      region: "local",
      prober: "p1",
      monitorVersion: 2,
      startedAtMs: 0,
      endpoints: [],
    });
  });

  test("that may be on their way keep a record each, so that one which arrives is not called missed", () => {
    const records = missedInstead([dropped(10), dropped(20, {}, true), dropped(30, {}, true), dropped(40)]);
    expect(told(records).map(([, slot, until]) => [slot, until])).toEqual([
      [10, 10],
      [20, 20],
      [30, 30],
      [40, 40],
    ]);
  });

  test("that were records of missed slots keep their count, and alone their reason", () => {
    const missed = { verdict: Verdict.MISSED, reason: "late", missedSlots: 4, missedUntilMs: 40 };
    expect(told(missedInstead([dropped(10, missed)]))).toEqual([["mon_a", 10, 40, 4, "late"]]);
    expect(told(missedInstead([dropped(10, missed), dropped(50)]))).toEqual([["mon_a", 10, 50, 5, "spool_full"]]);
  });

  test("that were asked for out of turn are no slots of a run", () => {
    const records = missedInstead([dropped(10), dropped(15, { onDemand: true }), dropped(20)]);
    expect(records.map(({ slotMs, onDemand }) => [slotMs, onDemand])).toEqual([
      [10, false],
      [15, true],
      [20, false],
    ]);
  });
});
