import { VirtualClock } from "@sentinel/testkit";
import { expect, test } from "@jest/globals";
import { createPace } from "./pace.ts";

const { signal } = new AbortController();

/** How long each step waited. */
async function waits(clock: VirtualClock, pace: ReturnType<typeof createPace>, steps: number): Promise<number[]> {
  const waited: number[] = [];
  for (let n = 0; n < steps; n += 1) {
    const fromMs = clock.monotonic();
    const stop = new AbortController();
    const next = pace.next(signal).then(() => stop.abort());
    await Promise.resolve();
    while (!stop.signal.aborted) await clock.advance(1);
    await next;
    waited.push(clock.monotonic() - fromMs);
  }
  return waited;
}

test("a few steps after a quiet moment do not wait; of many, one goes in each span", async () => {
  const clock = new VirtualClock({ startMs: 0 });
  const pace = createPace(clock, 40, 3);
  const [first = 0, second = 0, third = 0, ...later] = await waits(clock, pace, 8);
  expect([first, second, third].every((ms) => ms <= 1)).toBe(true);
  expect(later.slice(1).every((ms) => ms >= 38 && ms <= 40)).toBe(true);
  await clock.advance(1000);
  expect((await waits(clock, pace, 3)).every((ms) => ms <= 1)).toBe(true);
});

test("whoever stops does not wait", async () => {
  const clock = new VirtualClock({ startMs: 0 });
  const pace = createPace(clock, 60_000, 0);
  const stop = new AbortController();
  const next = pace.next(stop.signal);
  stop.abort();
  await next;
  expect(clock.monotonic()).toBe(0);
});
