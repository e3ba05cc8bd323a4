import { Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { EVERY_MS, T0 } from "../core/fixtures.ts";
import { addTime, takeTime, timeByVerdict, type TimedRound, uptimePercent } from "./time-by-verdict.ts";

const at = (slot: number, verdict: Verdict, change: Partial<TimedRound> = {}): TimedRound => ({
  slotMs: T0 + slot * EVERY_MS,
  verdict,
  missedUntilMs: 0,
  ...change,
});
const { HEALTHY, DEGRADED, DOWN, UNKNOWN, MISSED } = Verdict;
const run = (from: number, to: number, verdict: Verdict): TimedRound[] =>
  Array.from({ length: to - from }, (_, n) => at(from + n, verdict));

describe("uptime", () => {
  test("counts the time a verdict stood: degraded is up, down is down", () => {
    const rounds = [...run(0, 60, HEALTHY), ...run(60, 90, DOWN), ...run(90, 120, DEGRADED)];
    const time = timeByVerdict(rounds, 0);
    expect(time).toEqual({ upMs: 90 * EVERY_MS, downMs: 30 * EVERY_MS, unknownMs: 0, missedMs: 0 });
    expect(uptimePercent(time)).toBe(75);
  });

  test("more rounds during an outage do not make it longer", () => {
    const extra = Array.from({ length: 50 }, (_, n) => at(60 + n / 51, DOWN));
    const rounds = [...run(0, 60, HEALTHY), ...run(60, 61, DOWN), ...extra, ...run(61, 120, HEALTHY)];
    expect(timeByVerdict(rounds, 0).downMs).toBeCloseTo(EVERY_MS, 0);
  });

  test("what is unknown, missed or not looked at counts for neither side", () => {
    const missed = at(30, MISSED, { missedUntilMs: T0 + 59 * EVERY_MS });
    const rounds = [...run(0, 20, HEALTHY), ...run(20, 30, UNKNOWN), missed, ...run(60, 80, DOWN)];
    const time = timeByVerdict(rounds, 0);
    expect(time).toEqual({
      upMs: 20 * EVERY_MS,
      downMs: 20 * EVERY_MS,
      unknownMs: 10 * EVERY_MS,
      missedMs: 30 * EVERY_MS,
    });
    expect(uptimePercent(time)).toBe(50);
    expect(timeByVerdict([...run(0, 10, HEALTHY), ...run(100, 110, DOWN)], 0).upMs).toBe(11 * EVERY_MS);
  });

  test("one round alone stands for the interval of its monitor", () => {
    expect(timeByVerdict([at(0, DOWN)], 60_000).downMs).toBe(60_000);
    expect(uptimePercent(timeByVerdict([], 60_000))).toBe(-1);
  });

  test("never sums to more than the time from the first round to the end of the last, whatever the order", () => {
    const slots = fc.uniqueArray(fc.nat({ max: 1000 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(slots, fc.infiniteStream(fc.constantFrom(HEALTHY, DOWN, UNKNOWN)), (found, verdicts) => {
        const rounds = found.map((slot) => at(slot, verdicts.next().value ?? HEALTHY));
        const { upMs, downMs, unknownMs } = timeByVerdict(rounds, 0);
        const sorted = found.toSorted((a, b) => a - b);
        const wholeMs = ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) * EVERY_MS;
        const widestMs = Math.max(...sorted.slice(1).map((slot, n) => slot - (sorted[n] ?? 0))) * EVERY_MS;
        expect(upMs + downMs + unknownMs).toBeLessThanOrEqual(wholeMs + widestMs);
        expect(timeByVerdict(rounds.toReversed(), 0)).toEqual(timeByVerdict(rounds, 0));
      }),
    );
  });

  test("of parts adds up and can be taken off again", () => {
    const [a, b] = [timeByVerdict(run(0, 9, HEALTHY), 0), timeByVerdict(run(3, 9, DOWN), 0)];
    expect(takeTime(addTime(a, b), b)).toEqual(a);
  });
});
