import type { Clock } from "@sentinel/service-kit";

/** A loop waits here until somebody has work for it, or some time has passed. */
export interface Kick {
  /** Ends the wait, or the next one if none is under way. */
  now(): void;
  wait(clock: Clock, maxMs: number, signal: AbortSignal): Promise<void>;
}

export function createKick(): Kick {
  let wake = new AbortController();
  return {
    now: () => wake.abort(),
    wait: async (clock, maxMs, signal) => {
      const stop = (): void => wake.abort();
      signal.addEventListener("abort", stop, { once: true });
      if (!signal.aborted) await clock.sleep(maxMs, wake.signal);
      signal.removeEventListener("abort", stop);
      wake = new AbortController();
    },
  };
}
