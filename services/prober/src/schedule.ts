import type { Clock } from "@sentinel/service-kit";

interface Entry<T> {
  readonly atMs: number;
  readonly item: T;
}

/** Items due at instants of the monotonic clock, with one timer for all of them: setting the wall clock moves none. */
export interface Schedule<T> {
  add(atMs: number, item: T): void;
  /** Calls `fire` for each item when it is due, until the signal ends. */
  run(fire: (item: T, atMs: number) => void, signal: AbortSignal): Promise<void>;
}

const MAX_SLEEP_MS = 60_000;

/** A binary heap by instant: adding and taking cost the logarithm of the number of monitors. */
export function createSchedule<T>(clock: Clock): Schedule<T> {
  const heap: Entry<T>[] = [];
  let wake = new AbortController();

  const swap = (i: number, j: number): void => {
    const a = heap[i];
    const b = heap[j];
    if (a === undefined || b === undefined) return;
    heap[i] = b;
    heap[j] = a;
  };
  const at = (i: number): number => heap[i]?.atMs ?? Number.POSITIVE_INFINITY;
  const push = (entry: Entry<T>): void => {
    heap.push(entry);
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (at(parent) <= at(i)) return;
      swap(i, parent);
      i = parent;
    }
  };
  const pop = (): Entry<T> | undefined => {
    const top = heap[0];
    swap(0, heap.length - 1);
    heap.pop();
    for (let i = 0; ;) {
      const left = 2 * i + 1;
      const child = at(left + 1) < at(left) ? left + 1 : left;
      if (at(i) <= at(child)) return top;
      swap(i, child);
      i = child;
    }
  };

  return {
    add: (atMs, item) => {
      const earliest = atMs < at(0);
      push({ atMs, item });
      // A reason of our own: the one made otherwise carries a stack.
      if (earliest) wake.abort("earlier");
    },
    run: async (fire, signal) => {
      const stop = (): void => wake.abort();
      signal.addEventListener("abort", stop, { once: true });
      while (!signal.aborted) {
        wake = new AbortController();
        for (let entry = heap[0]; entry !== undefined && entry.atMs <= clock.monotonic(); entry = heap[0]) {
          pop();
          fire(entry.item, entry.atMs);
        }
        if (signal.aborted) break;
        await clock.sleep(Math.min(MAX_SLEEP_MS, Math.max(0, at(0) - clock.monotonic())), wake.signal);
      }
      signal.removeEventListener("abort", stop);
    },
  };
}
