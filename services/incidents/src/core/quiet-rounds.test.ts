import { MonitorStatus, Verdict } from "@sentinel/contracts";
import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { initialMonitorState, observe } from "./detection.ts";
import { aRound, aSpec, EVERY_MS, T0 } from "./fixtures.ts";
import { isQuiet, withQuietRounds } from "./quiet-rounds.ts";
import type { MonitorState } from "./types.ts";

const SPEC = aSpec();
const LATER_MS = T0 + 1e9;
const round = (n: number, verdict: Verdict = Verdict.HEALTHY) => aRound(T0 + n * EVERY_MS, verdict);
const after = (state: MonitorState, ...rounds: ReturnType<typeof round>[]): MonitorState =>
  rounds.reduce((last, each) => observe(last, SPEC, each).state, state);
const HEALTHY = after(initialMonitorState, round(0));

test("one more healthy round of a healthy monitor is quiet; the first, a failing, missed or unknown one is not", () => {
  expect(isQuiet(HEALTHY, after(HEALTHY, round(1)))).toBe(true);
  expect(isQuiet(initialMonitorState, HEALTHY)).toBe(false);
  for (const verdict of [Verdict.DOWN, Verdict.DEGRADED, Verdict.MISSED, Verdict.UNKNOWN]) {
    expect(isQuiet(HEALTHY, after(HEALTHY, round(1, verdict)))).toBe(false);
    expect(isQuiet(after(HEALTHY, round(1, verdict)), after(HEALTHY, round(1, verdict), round(2)))).toBe(
      verdict === Verdict.MISSED || verdict === Verdict.UNKNOWN,
    );
  }
});

test("what is remembered besides makes a round unquiet: an open incident, late failures, a repair that leaves the hour", () => {
  const open = { ...HEALTHY, openIncidentId: 3 };
  expect(isQuiet(open, after(open, round(1)))).toBe(false);
  const late = { ...HEALTHY, late: { fromMs: T0, untilMs: T0, atMs: T0 } };
  expect(isQuiet(late, after(late, round(1)))).toBe(false);
  const repaired = { ...HEALTHY, repairsAtMs: [T0 - 3_600_000] };
  expect(isQuiet(repaired, after(repaired, round(1)))).toBe(false);
  const kept = { ...HEALTHY, repairsAtMs: [T0] };
  expect(isQuiet(kept, after(kept, round(1)))).toBe(true);
});

test("a state is stored once in each hour of its rounds", () => {
  const last = after(HEALTHY, ...Array.from({ length: 119 }, (_, n) => round(n + 1)));
  expect(isQuiet(HEALTHY, last)).toBe(false);
  const before = after(HEALTHY, round(118));
  expect(isQuiet(before, after(before, round(119)))).toBe(true);
  expect(isQuiet(last, after(last, round(120)))).toBe(false);
});

test("a round that is older than the state changes nothing, which is quiet", () => {
  const state = after(HEALTHY, round(5));
  expect(isQuiet(state, after(state, round(3)))).toBe(true);
});

test("from a state stored at any unquiet round, the rounds since then give the state of now", () => {
  const aVerdict = fc.oneof(
    { weight: 8, arbitrary: fc.constant(Verdict.HEALTHY) },
    { weight: 1, arbitrary: fc.constantFrom(Verdict.DOWN, Verdict.DEGRADED, Verdict.MISSED, Verdict.UNKNOWN) },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(aVerdict, fc.integer({ min: -3, max: 6 })), { maxLength: 55 }), (steps) => {
      let stored = initialMonitorState;
      let state = initialMonitorState;
      let slot = 0;
      const seen = new Map<number, ReturnType<typeof round>>();
      for (const [verdict, step] of steps) {
        slot += step;
        if (seen.has(slot)) continue;
        // Late ones that fail are remembered by the state, and not part of this.
        const isLate = T0 + slot * EVERY_MS <= state.lastSlotMs;
        const each = round(slot, isLate ? Verdict.HEALTHY : verdict);
        seen.set(slot, each);
        const next = observe(state, SPEC, each).state;
        if (!isQuiet(state, next)) stored = next;
        state = next;
        const log = [...seen.values()].toSorted((a, b) => a.slotMs - b.slotMs);
        const { healthyRounds: _, beats: __, ...found } = withQuietRounds(stored, log, LATER_MS);
        expect(found).toEqual(expect.objectContaining({ lastSlotMs: state.lastSlotMs, status: state.status }));
        const { healthyRounds: ___, beats: ____, ...wanted } = state;
        expect(found).toEqual(wanted);
      }
    }),
    { seed: 20_260_102, numRuns: 300 },
  );
});

test("a round that is named by an instant to come does not move the state there", () => {
  const rounds = [round(1), round(100)];
  expect(withQuietRounds(HEALTHY, rounds, T0 + 2 * EVERY_MS).lastSlotMs).toBe(T0 + EVERY_MS);
  expect(withQuietRounds(HEALTHY, rounds, LATER_MS).lastSlotMs).toBe(T0 + 100 * EVERY_MS);
});

test("of a monitor that is not healthy the stored state says all", () => {
  const down = { ...HEALTHY, status: MonitorStatus.DOWN, openIncidentId: 1 };
  expect(withQuietRounds(down, [round(1)], LATER_MS)).toBe(down);
});
