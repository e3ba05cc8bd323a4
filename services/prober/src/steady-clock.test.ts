import { describe, expect, test } from "@jest/globals";
import type { Clock } from "@sentinel/service-kit";
import { type ClockTurn, createSteadyClock } from "./steady-clock.ts";

const HOUR_MS = 3_600_000;
const T0 = 1_800_000_000_000;

/** A machine whose wall clock can be set and that can sleep. */
function machine() {
  let elapsedMs = 0;
  let fraction = 0;
  let sleptMs = 0;
  let setMs = 0;
  const clock: Clock = {
    now: () => T0 + elapsedMs + sleptMs + setMs,
    monotonic: () => elapsedMs + (fraction = (fraction + 0.2) % 0.5),
    sleep: () => Promise.resolve(),
  };
  const turns: [ClockTurn, number][] = [];
  const steady = createSteadyClock(clock, {
    sinceBootMs: () => elapsedMs + sleptMs,
    onTurn: (turn, byMs) => void turns.push([turn, byMs]),
  });
  return {
    steady,
    turns,
    pass: (ms: number) => void (elapsedMs += ms),
    set: (byMs: number) => void (setMs += byMs),
    sleep: (ms: number) => void (sleptMs += ms),
    trueNow: () => T0 + elapsedMs + sleptMs,
  };
}

describe.each([HOUR_MS, -HOUR_MS])("a clock that is set by %d ms", (byMs) => {
  test("changes nothing while the witness agrees with what was before, nor when it is right again", () => {
    const { steady, turns, pass, set, trueNow } = machine();
    pass(1000);
    set(byMs);
    expect(steady.now()).toBe(trueNow());
    pass(400);
    steady.witness(1100, trueNow() - 1200);
    steady.witness(1100, trueNow() - 1200);
    pass(10 * HOUR_MS);
    expect(steady.now()).toBe(trueNow());
    set(-byMs);
    expect(steady.now()).toBe(trueNow());
    expect(turns).toEqual([
      ["set", byMs],
      ["distrusted", byMs],
      ["right_again", 0],
    ]);
  });

  test("is believed when the witness agrees with it, and when nobody is heard for a minute", () => {
    const told = machine();
    told.set(byMs);
    expect(told.steady.now()).toBe(T0);
    told.steady.witness(0, T0 + byMs + 900);
    expect(told.steady.now()).toBe(T0 + byMs);
    const alone = machine();
    alone.set(byMs);
    alone.steady.now();
    alone.pass(59_999);
    expect(alone.steady.now()).toBe(T0 + 59_999);
    alone.pass(2);
    expect(alone.steady.now()).toBe(T0 + 60_001 + byMs);
    expect([told.turns.at(-1), alone.turns.at(-1)]).toEqual([
      ["accepted", byMs],
      ["accepted", byMs],
    ]);
  });

  test("stays in doubt while the witness is elsewhere, or speaks of a time that fits both", () => {
    const { steady, turns, pass, set } = machine();
    set(byMs);
    steady.witness(0, T0 + 7 * byMs);
    steady.witness(0, T0 - 7 * byMs);
    pass(2 * HOUR_MS - 1);
    steady.witness(-3 * HOUR_MS, T0);
    expect(turns.map(([turn]) => turn)).toEqual(["set", "accepted"]);
  });
});

test("a machine that slept is believed at once, and so is what keeps a clock in time", () => {
  const { steady, turns, sleep, set, pass, trueNow } = machine();
  sleep(8 * HOUR_MS);
  expect(steady.now()).toBe(trueNow());
  for (let times = 0; times < 10; times += 1) {
    set(900);
    pass(1000);
    expect(steady.now()).toBe(trueNow() + (times + 1) * 900);
  }
  expect(turns).toEqual([]);
});
