import { describe, expect, test } from "@jest/globals";
import { type CheckResult, MonitorStatus, Verdict } from "@sentinel/contracts";
import * as fc from "fast-check";
import { healthyRoundsNeeded, initialMonitorState, observe, reopenWindowMs } from "./detection.ts";
import { roundsUntilSteady } from "./flapping.ts";
import { aRound, aSpec, EVERY_MS, T0 } from "./fixtures.ts";
import type { MonitorState, Signal } from "./types.ts";

const { HEALTHY, DEGRADED, DOWN, MISSED, UNKNOWN } = Verdict;
const spec = aSpec();
const slot = (n: number): number => T0 + n * EVERY_MS;

/** What the shell does with a signal: keeps the number of the open incident. */
function settle(state: MonitorState, signal: Signal): MonitorState {
  if (signal.type === "confirmed")
    return { ...state, openIncidentId: signal.reopen ? state.lastIncidentId : state.lastIncidentId + 1 };
  if (signal.type !== "recovered") return state;
  return {
    ...state,
    status: MonitorStatus.HEALTHY,
    openIncidentId: 0,
    lastIncidentId: state.openIncidentId,
    lastResolvedAtMs: signal.slotMs,
    flapping: false,
  };
}

interface Run {
  readonly state: MonitorState;
  readonly signals: readonly Signal[];
}

function run(verdicts: readonly Verdict[], from: MonitorState = initialMonitorState, first = 1, of = spec): Run {
  let state = from;
  const signals: Signal[] = [];
  for (const [index, verdict] of verdicts.entries()) {
    const seen = observe(state, of, aRound(slot(first + index), verdict, verdict === HEALTHY ? "" : "connect_refused"));
    signals.push(seen.signal);
    state = settle(seen.state, seen.signal);
  }
  return { state, signals };
}

const kinds = (verdicts: readonly Verdict[]): readonly string[] => run(verdicts).signals.map((signal) => signal.type);

describe("opening", () => {
  test("two failed rounds in a row confirm, and the outage began with the first of them", () => {
    const { state, signals } = run([HEALTHY, DOWN, DOWN]);
    expect(signals[1]).toEqual({ type: "none" });
    expect(signals[2]).toMatchObject({
      type: "confirmed",
      verdict: DOWN,
      startedAtMs: slot(2),
      reopen: false,
      flapping: false,
    });
    expect(state).toMatchObject({
      status: MonitorStatus.DOWN,
      sinceMs: slot(2),
      failingRounds: 2,
      lastHealthyAtMs: slot(1) + 3,
    });
  });

  test("a healthy round in between starts the count anew", () => {
    expect(kinds([DOWN, HEALTHY, DOWN, HEALTHY, DOWN])).toEqual(["none", "none", "none", "none", "none"]);
  });

  test("one round is enough where the monitor says so, three are needed where it says three", () => {
    const at = (failuresToConfirm: number): number =>
      run([DOWN, DOWN, DOWN, DOWN], initialMonitorState, 1, aSpec({ failuresToConfirm })).signals.findIndex(
        (signal) => signal.type === "confirmed",
      );
    expect([at(0), at(1), at(2), at(3)]).toEqual([0, 0, 1, 2]);
  });

  test("a degraded round counts, and a round that is down beats it at once", () => {
    expect(run([DEGRADED, DOWN]).signals[1]).toMatchObject({ type: "confirmed", verdict: DOWN, startedAtMs: slot(1) });
    const { state, signals } = run([DEGRADED, DEGRADED, DOWN]);
    expect(signals[1]).toMatchObject({ type: "confirmed", verdict: DEGRADED });
    expect(signals[2]).toMatchObject({ type: "verdict_changed", verdict: DOWN });
    expect(state.status).toBe(MonitorStatus.DOWN);
  });

  test("down becomes degraded only when that is confirmed, missed rounds aside", () => {
    expect(kinds([DOWN, DOWN, DEGRADED, DOWN, DEGRADED, DEGRADED]).slice(2)).toEqual([
      "still_failing",
      "still_failing",
      "still_failing",
      "verdict_changed",
    ]);
    expect(kinds([DOWN, DOWN, DEGRADED, UNKNOWN, MISSED, DEGRADED]).at(-1)).toBe("verdict_changed");
  });
});

describe("closing", () => {
  test("one healthy round closes by default, as many as asked for otherwise", () => {
    expect(run([DOWN, DOWN, HEALTHY]).signals[2]).toEqual({ type: "recovered", slotMs: slot(3), changes: 1 });
    const patient = aSpec({ successesToResolve: 3 });
    const { signals } = run(
      [DOWN, DOWN, HEALTHY, HEALTHY, DOWN, HEALTHY, HEALTHY, HEALTHY],
      initialMonitorState,
      1,
      patient,
    );
    expect(signals.map((signal) => signal.type).slice(2)).toEqual([
      "none",
      "none",
      "still_failing",
      "none",
      "none",
      "recovered",
    ]);
  });

  test("the monitor is shown as failing until its incident is closed", () => {
    const { state } = run([DOWN, DOWN, HEALTHY], initialMonitorState, 1, aSpec({ successesToResolve: 2 }));
    expect(state.status).toBe(MonitorStatus.DOWN);
  });
});

describe("rounds that say nothing about the target", () => {
  test.each([MISSED, UNKNOWN])("%s changes the strip only", (verdict) => {
    const before = run([HEALTHY, DOWN]).state;
    const { state, signal } = observe(before, spec, aRound(slot(3), verdict, "late"));
    expect(signal).toEqual({ type: "none" });
    const { beats, lastSlotMs, lastCheckedAtMs: _checked, ...rest } = state;
    const { beats: _beats, lastSlotMs: _slot, lastCheckedAtMs: _before, ...restBefore } = before;
    expect(rest).toEqual(restBefore);
    expect(beats.at(-1)).toMatchObject({ slotMs: slot(3), verdict, reason: "late" });
    expect(lastSlotMs).toBe(slot(3));
  });

  test("they neither break a run of failures nor add to it", () => {
    expect(kinds([DOWN, MISSED, UNKNOWN, DOWN])).toEqual(["none", "none", "none", "confirmed"]);
    expect(run([DOWN, MISSED, DOWN]).signals[2]).toMatchObject({ startedAtMs: slot(1) });
  });

  test("a result that comes late or twice changes nothing", () => {
    const { state } = run([HEALTHY, DOWN]);
    for (const late of [slot(2), slot(1), slot(0)]) {
      const seen = observe(state, spec, aRound(late, DOWN, "connect_refused"));
      expect(seen).toEqual({ state, signal: { type: "none" } });
      expect(seen.state).toBe(state);
    }
  });

  test("the strip holds the last sixty rounds", () => {
    const { state } = run(Array.from({ length: 75 }, () => HEALTHY));
    expect(state.beats).toHaveLength(60);
    expect(state.beats[0]?.slotMs).toBe(slot(16));
  });
});

describe("an outage that comes back", () => {
  const closed = run([DOWN, DOWN, HEALTHY]).state;
  const windowSlots = Math.floor(reopenWindowMs(spec) / EVERY_MS);

  test("within the window is the same incident, after it another one", () => {
    const back = run([HEALTHY, DOWN, DOWN], closed, 4);
    expect(back.signals[2]).toMatchObject({ type: "confirmed", reopen: true, startedAtMs: slot(5) });
    const later = run([DOWN, DOWN], closed, 3 + windowSlots);
    expect(later.signals[1]).toMatchObject({ type: "confirmed", reopen: false });
    expect(run([DOWN, DOWN], closed, 2 + windowSlots).signals[1]).toMatchObject({ reopen: true });
  });

  test("is flapping the third time at the latest, and then only a longer healthy run closes it", () => {
    let state = closed;
    let at = 4;
    const told: boolean[] = [];
    // Seldom enough that the changes alone do not make it flap.
    const quiet = Array.from({ length: 8 }, () => HEALTHY);
    for (let round = 0; round < 3; round += 1) {
      const broken = run([DOWN, DOWN], state, at);
      told.push(broken.signals.some((signal) => signal.type === "confirmed" && signal.flapping));
      expect(healthyRoundsNeeded(broken.state, spec)).toBe(round < 2 ? 1 : 5);
      const well = run(quiet, broken.state, at + 2);
      const recovered = well.signals.findIndex((signal) => signal.type === "recovered");
      expect(recovered).toBe(round < 2 ? 0 : 4);
      state = well.state;
      at += 2 + quiet.length;
    }
    expect(told).toEqual([false, false, true]);
    expect(state).toMatchObject({ lastIncidentId: 1, flapping: false, openIncidentId: 0 });
  });

  test("closed by hand while it failed on, it does not count the time before twice", () => {
    const open = run([DOWN, DOWN, DOWN]).state;
    const byHand: MonitorState = { ...open, openIncidentId: 0, lastIncidentId: 1, lastResolvedAtMs: slot(3) + 5 };
    expect(run([DOWN], byHand, 4).signals[0]).toMatchObject({
      type: "confirmed",
      reopen: true,
      startedAtMs: slot(3) + 5,
    });
  });
});

describe("a service that goes up and down", () => {
  const types = (signals: readonly Signal[]) => signals.map(({ type }) => type).filter((type) => type !== "none");

  test("opens one incident although no two rounds in a row fail, and keeps it until it is steady", () => {
    const turns = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? HEALTHY : DOWN));
    const { state, signals } = run(turns);
    expect(types(signals).filter((type) => type !== "still_failing")).toEqual(["confirmed"]);
    const opened = signals.find(({ type }) => type === "confirmed");
    expect(opened).toMatchObject({ flapping: true, reopen: false });
    const well = run(
      Array.from({ length: 20 }, () => HEALTHY),
      state,
      31,
    );
    expect(types(well.signals)).toEqual(["recovered"]);
    expect(well.state).toMatchObject({ flapping: false, openIncidentId: 0 });
  });

  test("an open incident begins to flap instead of closing, and one that fails steadily goes on as an outage", () => {
    const turns = [HEALTHY, DOWN, DOWN, HEALTHY, DOWN, DOWN, HEALTHY, DOWN, DOWN, HEALTHY];
    const { state, signals } = run(turns);
    expect(types(signals).filter((type) => type !== "still_failing")).toEqual([
      "confirmed",
      "recovered",
      "confirmed",
      "recovered",
      "confirmed",
      "flapping_started",
    ]);
    const down = run(
      Array.from({ length: 20 }, () => DOWN),
      state,
      11,
    );
    expect(types(down.signals).filter((type) => type !== "still_failing")).toEqual(["flapping_stopped"]);
    expect(down.state).toMatchObject({ flapping: false, openIncidentId: 1 });
  });

  test("the number of good rounds it was said to need is what it needs", () => {
    const turns = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? DOWN : HEALTHY));
    const { state } = run(turns);
    const needed = roundsUntilSteady(state.beats, healthyRoundsNeeded(state, spec));
    const well = run(
      Array.from({ length: needed }, () => HEALTHY),
      state,
      13,
    );
    // The last of the turns was good already.
    expect(well.signals.findIndex(({ type }) => type === "recovered")).toBeGreaterThanOrEqual(needed - 2);
    expect(types(well.signals)).toEqual(["recovered"]);
  });

  test("two outages in an hour are no flapping", () => {
    const outage = [DOWN, DOWN, DOWN, ...Array.from({ length: 9 }, () => HEALTHY)];
    expect(run([...outage, ...outage]).state.flapping).toBe(false);
  });
});

describe("maintenance", () => {
  const quietly = (verdicts: readonly Verdict[], state: MonitorState, at: number) => {
    const signals: Signal[] = [];
    let current = state;
    verdicts.forEach((verdict, index) => {
      const seen = observe(current, spec, aRound(slot(at + index), verdict), true);
      signals.push(seen.signal);
      current = seen.state;
    });
    return { state: current, signals };
  };
  const healthyBefore = run([HEALTHY]).state;

  test("nothing opens within it, and what still fails afterwards opens with its first round, as of then", () => {
    const within = quietly([DOWN, DOWN, DOWN, DOWN], healthyBefore, 2);
    expect(within.signals.every(({ type }) => type === "none")).toBe(true);
    expect(within.state.beats.at(-1)?.verdict).toBe("VERDICT_MAINTENANCE");
    const after = run([DOWN], within.state, 6);
    expect(after.signals[0]).toMatchObject({ type: "confirmed", startedAtMs: slot(6) });
  });

  test("an incident that was open stays open and quiet, and closes when the service works", () => {
    const open = run([HEALTHY, DOWN, DOWN]).state;
    const within = quietly([DEGRADED, DEGRADED, DOWN], open, 4);
    expect(within.signals.every(({ type }) => type === "none")).toBe(true);
    expect(within.state.openIncidentId).toBe(1);
    expect(quietly([HEALTHY], within.state, 7).signals[0]?.type).toBe("recovered");
    expect(run([DOWN], within.state, 7).signals[0]?.type).toBe("still_failing");
  });

  test("what goes up and down within it does not count as flapping", () => {
    const turns = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? DOWN : HEALTHY));
    const within = quietly(turns, healthyBefore, 2);
    expect(run([DOWN], within.state, 22).state.flapping).toBe(false);
  });
});

describe("a fold that catches up", () => {
  test("dates an outage by its rounds, though the one before was closed later by the clock", () => {
    const closed = { ...run([DOWN, DOWN, HEALTHY]).state, lastResolvedAtMs: slot(100) };
    expect(run([DOWN, DOWN], closed, 5).signals[1]).toMatchObject({ reopen: true, startedAtMs: slot(5) });
  });
});

describe("any sequence of rounds", () => {
  const rounds = fc.array(
    fc.record({
      verdict: fc.constantFrom(HEALTHY, DEGRADED, DOWN, MISSED, UNKNOWN),
      gap: fc.integer({ min: -2, max: 20 }),
    }),
    { maxLength: 120 },
  );
  const specs = fc.record({
    failuresToConfirm: fc.integer({ min: 1, max: 4 }),
    successesToResolve: fc.integer({ min: 1, max: 3 }),
  });

  test("never opens a second incident beside an open one, and only after enough failures in a row", () => {
    fc.assert(
      fc.property(rounds, specs, (sequence, numbers) => {
        const of = aSpec(numbers);
        let state = initialMonitorState;
        let at = T0;
        let failing = 0;
        for (const { verdict, gap } of sequence) {
          at += gap * EVERY_MS;
          const fresh = at > state.lastSlotMs;
          const wasOpen = state.openIncidentId > 0;
          const seen = observe(state, of, aRound(at, verdict));
          if (fresh && (verdict === DOWN || verdict === DEGRADED)) failing += 1;
          if (fresh && verdict === HEALTHY) failing = 0;
          if (seen.signal.type === "confirmed") {
            expect(wasOpen).toBe(false);
            expect(failing).toBeGreaterThanOrEqual(numbers.failuresToConfirm);
            expect(seen.signal.startedAtMs).toBeLessThanOrEqual(at);
          }
          if (["recovered", "still_failing", "verdict_changed"].includes(seen.signal.type)) expect(wasOpen).toBe(true);
          if (!wasOpen && fresh && failing >= numbers.failuresToConfirm && (verdict === DOWN || verdict === DEGRADED)) {
            expect(seen.signal.type).toBe("confirmed");
          }
          expect(seen.state.failingRounds).toBe(failing);
          expect(seen.state.beats.length).toBeLessThanOrEqual(60);
          state = settle(seen.state, seen.signal);
        }
      }),
    );
  });

  test("late and repeated results leave no trace at all", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(HEALTHY, DEGRADED, DOWN, MISSED, UNKNOWN), { maxLength: 30 }),
        fc.nat(),
        (verdicts, seed) => {
          const once = run(verdicts);
          let state = initialMonitorState;
          const results: CheckResult[] = verdicts.map((verdict, index) =>
            aRound(slot(index + 1), verdict, verdict === HEALTHY ? "" : "connect_refused"),
          );
          for (const [index, result] of results.entries()) {
            const seen = observe(state, spec, result);
            state = settle(seen.state, seen.signal);
            const again = results[(seed * 7 + index) % (index + 1)];
            if (again !== undefined) state = observe(state, spec, again).state;
          }
          expect(state).toEqual(once.state);
        },
      ),
    );
  });
});
