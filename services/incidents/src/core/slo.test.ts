import { describe, expect, test } from "@jest/globals";
import { burnRate, burnSpeed, sloStatus } from "./slo.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const slo = { target: 99.9, windowMs: 30 * DAY_MS };

/** Down until `agoMs` ago, for `forMs`. */
const outage =
  (forMs: number, agoMs = 0) =>
  (spanMs: number): number =>
    Math.max(0, Math.min(spanMs, agoMs + forMs) - agoMs);

describe("the error budget", () => {
  test("of 99.9 % over 30 days is 43.2 minutes, and what was down is gone from it", () => {
    const known = { upMs: 30 * DAY_MS - 21.6 * MINUTE_MS, downMs: 21.6 * MINUTE_MS };
    expect(sloStatus(slo, known, outage(0), 5)).toMatchObject({ burn1h: 0, burn6h: 0, atMs: 5 });
    expect(sloStatus(slo, known, outage(0), 5).budgetLeft).toBeCloseTo(50);
    expect(sloStatus(slo, { upMs: DAY_MS, downMs: DAY_MS }, outage(0), 5).budgetLeft).toBeLessThan(0);
  });

  test("is not known where nothing is", () => {
    expect(sloStatus(slo, { upMs: 0, downMs: 0 }, outage(0), 5)).toMatchObject({ budgetLeft: undefined, uptime: -1 });
  });
});

describe("burning too fast", () => {
  test("a burn of 1 uses up the budget exactly by the end of the window", () => {
    expect(burnRate(slo, 43.2 * MINUTE_MS, 30 * DAY_MS)).toBeCloseTo(1);
  });

  test("a minute down that goes on is fast; over, it is told no more after five minutes", () => {
    expect(burnSpeed(slo, outage(MINUTE_MS))).toBe("fast");
    expect(burnSpeed(slo, outage(MINUTE_MS, 5 * MINUTE_MS))).toBeUndefined();
    expect(burnSpeed(slo, outage(50_000))).toBeUndefined();
  });

  test("three minutes within six hours are slow, as long as the last half hour has a part in it", () => {
    expect(burnSpeed(slo, outage(3 * MINUTE_MS, 10 * MINUTE_MS))).toBe("slow");
    expect(burnSpeed(slo, outage(3 * MINUTE_MS, 30 * MINUTE_MS))).toBeUndefined();
  });

  test("a looser objective bears more", () => {
    expect(burnSpeed({ target: 90 }, outage(MINUTE_MS))).toBeUndefined();
    expect(burnSpeed({ target: 99 }, outage(10 * MINUTE_MS))).toBe("fast");
  });
});
