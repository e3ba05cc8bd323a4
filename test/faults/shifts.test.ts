import { describe, expect, test } from "@jest/globals";
import { readings, trueInstant } from "./shifts.ts";

const HOUR_MS = 3_600_000;
const NOON_MS = 12 * HOUR_MS;
const shifts = [{ service: "prober", fromMs: NOON_MS, untilMs: NOON_MS + 5000, offsetMs: HOUR_MS }];

describe("readings", () => {
  test("an instant noted by a clock that was wrong then may mean what was true then", () => {
    const noted = NOON_MS + HOUR_MS + 2000;
    expect(readings(noted, "prober", shifts)).toEqual([noted, NOON_MS + 2000]);
  });

  test("one noted by another service, or before or after, means itself alone", () => {
    expect(readings(NOON_MS + HOUR_MS + 2000, "incidents", shifts)).toHaveLength(1);
    expect(readings(NOON_MS + HOUR_MS + 9000, "prober", shifts)).toHaveLength(1);
    expect(readings(NOON_MS + 2000, "prober", shifts)).toHaveLength(1);
  });
});

test("the true instant is the one by the right clock", () => {
  const noted = NOON_MS + HOUR_MS + 2000;
  expect(trueInstant(noted, "prober", shifts)).toBe(NOON_MS + 2000);
  expect(trueInstant(noted, "incidents", shifts)).toBe(noted);
});
