import type { Clock } from "@sentinel/service-kit";

/** A loop waits here until somebody has work for it, or some time has passed. */
export interface Kick {
  /** Ends the wait, or the next one if none is under way. */
  now(): void;
  wait(clock: Clock, maxMs: number, signal: AbortSignal): Promise<void>;
}

const KICKED = "kicked";

export function createKick(): Kick {
  let wake = new AbortController();
  return {
    // A reason of our own: the one made otherwise carries a stack, which is dear where thousands a second kick.
    now: () => wake.abort(KICKED),
    wait: async (clock, maxMs, signal) => {
      const stop = (): void => wake.abort(KICKED);
      signal.addEventListener("abort", stop, { once: true });
      if (!signal.aborted) await clock.sleep(maxMs, wake.signal);
      signal.removeEventListener("abort", stop);
      if (wake.signal.aborted) wake = new AbortController();
    },
  };
}
