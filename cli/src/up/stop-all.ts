import { setTimeout as sleep } from "node:timers/promises";

/** What ends a part that was started. */
export type Stop = () => Promise<void>;

/** Stops the parts, the last one first; gives whether all had stopped when the time was over. */
export async function stopAll(stops: readonly Stop[], limitMs: number): Promise<boolean> {
  return within(limitMs, stopEach(stops));
}

async function stopEach(stops: readonly Stop[]): Promise<void> {
  for (const stop of stops.toReversed()) await stop().catch(() => undefined);
}

/** Whether it settled in this time, well or not. */
export async function within(limitMs: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = new AbortController();
  const done = promise.then(
    () => true,
    () => true,
  );
  const late = sleep(limitMs, false, { signal: settled.signal }).catch(() => false);
  return Promise.race([done, late]).finally(() => settled.abort());
}

/**
 * Ends the process although something of it still runs, once the caller has said how it ended and set the exit code.
 * It damages nothing: what was acknowledged is on disk, and PostgreSQL ends with us.
 */
export function endSoon(): void {
  setTimeout(() => process.exit(), 100).unref();
}
