import { describe, expect, test } from "@jest/globals";
import type { Clock } from "@sentinel/service-kit";

export interface OpenClock {
  readonly clock: Clock;
  /** Lets at least this much of the clock's time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What every clock promises. */
export function clockContract(name: string, open: () => OpenClock): void {
  describe(`clock contract: ${name}`, () => {
    test("a sleep ends when its time has passed, not before", async () => {
      const { clock, pass } = open();
      const from = clock.monotonic();
      let sleptMs = -1;
      const sleep = clock.sleep(20).then(() => (sleptMs = clock.monotonic() - from));
      await pass(5);
      await pass(40);
      await sleep;
      expect(sleptMs).toBeGreaterThanOrEqual(20);
    });

    test("sleeps end in the order they are due", async () => {
      const { clock, pass } = open();
      const woken: number[] = [];
      const sleeps = [60, 20, 40].map((ms) => clock.sleep(ms).then(() => woken.push(ms)));
      await pass(100);
      await Promise.all(sleeps);
      expect(woken).toEqual([20, 40, 60]);
    });

    test("a sleep ends at once when its signal ends, without an error", async () => {
      const { clock } = open();
      const stop = new AbortController();
      const sleep = clock.sleep(3_600_000, stop.signal);
      stop.abort();
      await expect(sleep).resolves.toBeUndefined();
      await expect(clock.sleep(3_600_000, stop.signal)).resolves.toBeUndefined();
    });

    test("no time or less is no sleep", async () => {
      const { clock } = open();
      await expect(Promise.all([clock.sleep(0), clock.sleep(-5), clock.sleep(Number.NaN)])).resolves.toHaveLength(3);
    });

    test("time goes forward, and both readings agree on how much", async () => {
      const { clock, pass } = open();
      const from = { now: clock.now(), monotonic: clock.monotonic() };
      await pass(50);
      expect(clock.monotonic() - from.monotonic).toBeGreaterThanOrEqual(50);
      const differenceMs = clock.now() - from.now - (clock.monotonic() - from.monotonic);
      expect(Math.abs(differenceMs)).toBeLessThan(1000);
    });

    test("a sleep longer than a timer can hold does not end at once", async () => {
      const { clock, pass } = open();
      const stop = new AbortController();
      let ended = false;
      const sleep = clock.sleep(2 ** 31 + 1000, stop.signal).then(() => (ended = true));
      await pass(30);
      expect(ended).toBe(false);
      stop.abort();
      await sleep;
    });
  });
}
