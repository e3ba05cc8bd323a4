import { describe, expect, test } from "@jest/globals";
import { VirtualClock } from "@sentinel/testkit";
import * as fc from "fast-check";
import { createSchedule } from "./schedule.ts";

interface Fired {
  readonly item: number;
  readonly dueMs: number;
  readonly atMs: number;
}

function start(): {
  clock: VirtualClock;
  schedule: ReturnType<typeof createSchedule<number>>;
  fired: Fired[];
  readonly stop: () => Promise<void>;
} {
  const clock = new VirtualClock({ startMs: 0 });
  const schedule = createSchedule<number>(clock);
  const fired: Fired[] = [];
  const ending = new AbortController();
  const running = schedule.run((item, dueMs) => fired.push({ item, dueMs, atMs: clock.now() }), ending.signal);
  return {
    clock,
    schedule,
    fired,
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

describe("a schedule", () => {
  test("fires each item once, when it is due and in that order, whenever it was added", async () => {
    const plan = fc.array(fc.record({ addedMs: fc.nat(200_000), delayMs: fc.nat(200_000) }), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(plan, async (items) => {
        const { clock, schedule, fired, stop } = start();
        const order = items.map((each, item) => ({ ...each, item })).toSorted((a, b) => a.addedMs - b.addedMs);
        for (const { addedMs, delayMs, item } of order) {
          await clock.advance(addedMs - clock.now());
          schedule.add(addedMs + delayMs, item);
        }
        await clock.advance(400_000);
        await stop();
        expect(fired.map((each) => each.item).toSorted((a, b) => a - b)).toEqual(items.map((_, item) => item));
        for (const { atMs, dueMs } of fired) expect(atMs).toBe(dueMs);
        expect(fired.map((each) => each.atMs)).toEqual(fired.map((each) => each.atMs).toSorted((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });

  test("fires in time though the wall clock is set forward or back, and at once what is due already", async () => {
    const { clock, schedule, fired, stop } = start();
    schedule.add(10_000, 1);
    schedule.add(20_000, 2);
    await clock.advance(0);
    clock.jump(3_600_000);
    await clock.advance(10_000);
    clock.jump(-7_200_000);
    await clock.advance(10_000);
    schedule.add(5000, 3);
    await clock.advance(0);
    expect(fired.map(({ item, dueMs }) => [item, dueMs])).toEqual([
      [1, 10_000],
      [2, 20_000],
      [3, 5000],
    ]);
    await stop();
    expect(clock.sleepers).toBe(0);
  });
});
