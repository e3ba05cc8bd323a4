import type { Clock } from "@sentinel/service-kit";

export interface Pace {
  /** At once while steps have been few of late, else when the next one is due; early when the signal ends. */
  next(signal: AbortSignal): Promise<void>;
}

/** Lets `burst` steps follow each other without a pause, and in the long run one every `everyMs`. */
export function createPace(clock: Clock, everyMs: number, burst: number): Pace {
  let dueAtMs = -Infinity;
  return {
    next: async (signal) => {
      const nowMs = clock.monotonic();
      dueAtMs = Math.max(dueAtMs, nowMs - burst * everyMs) + everyMs;
      if (dueAtMs > nowMs) await clock.sleep(dueAtMs - nowMs, signal);
    },
  };
}
