import { describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { initialMonitorState } from "./detection.ts";
import { aRound, aSpec, EVERY_MS, T0 } from "./fixtures.ts";
import { lateToJudge, noteLate, pastOutages } from "./late-outages.ts";

const { DOWN, DEGRADED, HEALTHY, MISSED, UNKNOWN } = Verdict;
const spec = aSpec({ failuresToConfirm: 2, successesToResolve: 1 });
const slot = (n: number): number => T0 + n * EVERY_MS;
const everything = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, atMs: 0 };
const outages = (verdicts: readonly Verdict[], of = spec, late = everything) =>
  pastOutages(
    verdicts.map((verdict, n) => aRound(slot(n), verdict)),
    of,
    late,
  );

describe("outages among rounds of the past", () => {
  test("are failing rounds in a row, as many as confirm one, until the healthy ones that end it", () => {
    expect(outages([HEALTHY, DOWN, DEGRADED, DOWN, HEALTHY, DOWN, DOWN, HEALTHY])).toMatchObject([
      { startedAtMs: slot(1), endSlotMs: slot(4), lastHealthyAtMs: slot(0), failedRounds: 3, verdict: DOWN },
      { startedAtMs: slot(5), endSlotMs: slot(7), lastHealthyAtMs: slot(4), failedRounds: 2, verdict: DOWN },
    ]);
    expect(outages([HEALTHY, DOWN, MISSED, UNKNOWN, DEGRADED, HEALTHY])).toMatchObject([
      { startedAtMs: slot(1), endSlotMs: slot(5), failedRounds: 2, confirmedBy: { slotMs: slot(4) } },
    ]);
    const patient = aSpec({ failuresToConfirm: 2, successesToResolve: 2 });
    expect(outages([DOWN, DOWN, HEALTHY, DOWN, HEALTHY, HEALTHY], patient)).toMatchObject([
      { startedAtMs: slot(0), endSlotMs: slot(5), failedRounds: 3 },
    ]);
  });

  test("are none where too few failed in a row, nothing ended it, or none of the late rounds took part", () => {
    expect(outages([HEALTHY, DOWN, HEALTHY, DOWN, HEALTHY])).toEqual([]);
    expect(outages([HEALTHY, DOWN, DOWN, DOWN])).toEqual([]);
    expect(outages([DOWN, DOWN, HEALTHY, DOWN], spec, { ...everything, fromMs: slot(3) })).toEqual([]);
  });
});

test("late failing rounds are noted with their span, and judged when no more of them come", () => {
  const state = { ...initialMonitorState, lastSlotMs: slot(9) };
  expect(noteLate(state, aRound(slot(4), HEALTHY), T0)).toBe(state);
  expect(noteLate(state, aRound(slot(10), DOWN), T0)).toBe(state);
  const noted = noteLate(noteLate(state, aRound(slot(4), DOWN), T0), aRound(slot(2), DEGRADED), T0 + 10);
  expect(noted.late).toEqual({ fromMs: slot(2), untilMs: slot(4), atMs: T0 + 10 });
  expect(lateToJudge(noted, T0 + 29_000)).toBeUndefined();
  expect(lateToJudge(noted, T0 + 31_000)).toEqual(noted.late);
});
