import { describe, expect, test } from "@jest/globals";
import { MonitorStatus, Verdict } from "@sentinel/contracts";
import * as fc from "fast-check";
import { initialMonitorState, observe } from "./detection.ts";
import { aRound, aSpec, EVERY_MS, T0 } from "./fixtures.ts";
import { inTime } from "./in-time.ts";
import type { MonitorState } from "./types.ts";

const HOUR_MS = 3_600_000;
const spec = aSpec({ failuresToConfirm: 2 });

function fold(state: MonitorState, slotMs: number, verdict: Verdict, nowMs: number) {
  const placed = inTime(state, spec, aRound(slotMs, verdict), nowMs);
  return observe(placed.state, spec, placed.result);
}

describe("a round of a clock that is wrong", () => {
  test("in time is as it is", () => {
    const round = aRound(T0, Verdict.HEALTHY);
    for (const nowMs of [T0 - EVERY_MS, T0, T0 + HOUR_MS]) {
      expect(inTime(initialMonitorState, spec, round, nowMs)).toEqual({ state: initialMonitorState, result: round });
    }
  });

  test("that was an hour ahead counts as of now, so the outage seen after the clock is right again is noticed", () => {
    const ahead = fold(initialMonitorState, T0 + HOUR_MS, Verdict.HEALTHY, T0).state;
    expect(ahead).toMatchObject({ status: MonitorStatus.HEALTHY, lastSlotMs: T0 });
    const first = fold(ahead, T0 + EVERY_MS, Verdict.DOWN, T0 + EVERY_MS);
    const second = fold(first.state, T0 + 2 * EVERY_MS, Verdict.DOWN, T0 + 2 * EVERY_MS);
    expect(second.signal).toMatchObject({ type: "confirmed", startedAtMs: T0 + EVERY_MS });
  });

  test("counts although the clock of the fold was set back by an hour, and from then on as ever", () => {
    const before = fold(initialMonitorState, T0, Verdict.HEALTHY, T0).state;
    const first = fold(before, T0 - HOUR_MS + EVERY_MS, Verdict.DOWN, T0 - HOUR_MS + EVERY_MS);
    const second = fold(first.state, T0 - HOUR_MS + 2 * EVERY_MS, Verdict.DOWN, T0 - HOUR_MS + 2 * EVERY_MS);
    expect(second.signal).toMatchObject({ type: "confirmed" });
    // An older one is late, as ever.
    expect(fold(second.state, T0 - 2 * HOUR_MS, Verdict.HEALTHY, T0 - HOUR_MS + 2 * EVERY_MS).state).toBe(second.state);
  });

  test("never freezes a monitor: whatever was folded before, one that is right counts within three intervals", () => {
    const earlier = fc.array(
      fc.record({
        offMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
        foldOffMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
      }),
    );
    fc.assert(
      fc.property(earlier, (rounds) => {
        let state: MonitorState = initialMonitorState;
        rounds.forEach(({ offMs, foldOffMs }, index) => {
          const trueMs = T0 + index * EVERY_MS;
          state = fold(state, trueMs + offMs, Verdict.HEALTHY, trueMs + foldOffMs).state;
        });
        const fromMs = T0 + rounds.length * EVERY_MS;
        const signals = [0, 1, 2, 3, 4].map((index) => {
          const nowMs = fromMs + index * EVERY_MS;
          const step = fold(state, nowMs, Verdict.DOWN, nowMs);
          ({ state } = step);
          return step.signal.type;
        });
        expect(signals).toContain("confirmed");
      }),
    );
  });
});
