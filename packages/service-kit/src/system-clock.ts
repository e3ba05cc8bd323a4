import type { Clock } from "./clock.ts";

/** The longest delay a timer of Node holds; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The real clock. Sleeps are not shortened by the system clock being set. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    const until = performance.now() + Math.max(0, ms);
    for (let left = Math.max(0, ms); left > 0; left = until - performance.now()) {
      if (signal?.aborted === true) return;
      await oneTimer(Math.min(Math.ceil(left), LONGEST_TIMER_MS), signal);
    }
  },
};

function oneTimer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake, { once: true });
  });
}
