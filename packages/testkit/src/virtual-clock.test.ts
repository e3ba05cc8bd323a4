import { expect, test } from "@jest/globals";
import { seededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("what a sleeper sets off has run before the next sleeper wakes", async () => {
  const clock = new VirtualClock({ startMs: 0 });
  const story: string[] = [];
  const worker = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    story.push(`${name} at ${clock.now()}`);
  };
  const workers = [worker("slow", 20), worker("quick", 10), worker("also quick", 10)];
  await clock.advance(25);
  await Promise.all(workers);
  expect(story).toEqual(["quick at 10", "also quick at 10", "slow at 20"]);
  expect(clock.now()).toBe(25);
});

test("a loop that sleeps runs once per period, to the end of the advance", async () => {
  const clock = new VirtualClock({ startMs: 0 });
  const stop = new AbortController();
  const ticks: number[] = [];
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(100, stop.signal);
      ticks.push(clock.now());
    }
  })();
  await clock.advance(300);
  expect(ticks).toEqual([100, 200, 300]);
  stop.abort();
  await loop;
  expect(clock.sleepers).toBe(0);
});

test("until stops at the instant its condition holds, and says when it never does", async () => {
  const clock = new VirtualClock({ startMs: 0 });
  let done = false;
  const work = clock.sleep(70).then(() => (done = true));
  await clock.until(() => done, 1000);
  await work;
  expect(clock.now()).toBe(70);
  await expect(clock.until(() => false, 1000)).rejects.toThrow("not reached within 1000 ms of virtual time");
});

test("setting the wall clock back moves neither sleeps nor the monotonic reading", async () => {
  const clock = new VirtualClock({ startMs: 1_000_000 });
  let awake = false;
  const sleep = clock.sleep(10).then(() => (awake = true));
  clock.jump(-5000);
  expect(clock.now()).toBe(995_000);
  await clock.advance(10);
  await sleep;
  expect({ awake, monotonic: clock.monotonic() }).toEqual({ awake: true, monotonic: 10 });
});

test("a seed decides every number and byte, and another seed gives others", () => {
  const draw = (seed: number): unknown[] => {
    const random = seededRandom(seed);
    return [random.next(), random.next(), [...random.bytes(8)]];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  const many = seededRandom(1);
  const mean = Array.from({ length: 10_000 }, () => many.next()).reduce((sum, x) => sum + x, 0) / 10_000;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
});
