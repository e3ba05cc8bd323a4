import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@sentinel/service-kit";

interface Sleeper {
  readonly due: number;
  /** In the order of their calls. */
  readonly turn: number;
  /** Undefined once it is awake. */
  wake: (() => void) | undefined;
}

export interface VirtualClockOptions {
  /** Milliseconds since the epoch; 2026-01-01T00:00:00Z when absent. */
  readonly startMs?: number;
  /** Lets what was woken run until it waits again; the default is enough for code that waits on promises only. */
  readonly settle?: () => Promise<void>;
}

/**
 * A clock that stands until it is advanced. Sleepers wake in the order they are due, and what each sets off has run
 * before the next one wakes, so a whole program behaves the same in every run.
 */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  readonly #settle: () => Promise<void>;
  readonly #queue = new SleeperQueue();
  #asleep = 0;
  #turn = 0;
  #elapsedMs = 0;
  #jumpedMs = 0;

  constructor({ startMs = Date.UTC(2026, 0, 1), settle = settlePromises }: VirtualClockOptions = {}) {
    this.#startMs = startMs;
    this.#settle = settle;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs + this.#jumpedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** How many sleeps are under way. */
  get sleepers(): number {
    return this.#asleep;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { due: this.#elapsedMs + ms, turn: (this.#turn += 1), wake: undefined };
      const dreams = signal === undefined ? undefined : sleepersOf(signal);
      sleeper.wake = () => {
        sleeper.wake = undefined;
        this.#asleep -= 1;
        dreams?.delete(sleeper);
        resolve();
      };
      dreams?.add(sleeper);
      this.#asleep += 1;
      this.#queue.push(sleeper);
    });
  }

  /** Lets this much time pass, waking on the way whoever is due. */
  async advance(ms: number): Promise<void> {
    const target = this.#elapsedMs + ms;
    await this.#settle();
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) await this.#wake(next);
    this.#elapsedMs = target;
    await this.#settle();
  }

  /** Lets time pass from sleeper to sleeper until the condition holds; throws when it does not within `withinMs`. */
  async until(condition: () => boolean, withinMs: number): Promise<void> {
    const target = this.#elapsedMs + withinMs;
    await this.#settle();
    while (!condition()) {
      const next = this.#next(target);
      if (next === undefined)
        throw new Error(`not reached within ${withinMs} ms of virtual time: ${String(condition)}`);
      await this.#wake(next);
    }
  }

  /** Sets the wall clock forward or back, as an operator or NTP would; sleeps and `monotonic` do not notice. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  async #wake(sleeper: Sleeper): Promise<void> {
    this.#elapsedMs = sleeper.due;
    sleeper.wake?.();
    await this.#settle();
  }

  #next(target: number): Sleeper | undefined {
    let first = this.#queue.first();
    while (first !== undefined && first.wake === undefined) {
      this.#queue.shift();
      first = this.#queue.first();
    }
    return first !== undefined && first.due <= target ? first : undefined;
  }
}

const bySignal = new WeakMap<AbortSignal, Set<Sleeper>>();

/** Those who sleep until this signal ends: one listener for all of them, as listeners are dear. */
function sleepersOf(signal: AbortSignal): Set<Sleeper> {
  const known = bySignal.get(signal);
  if (known !== undefined) return known;
  const sleepers = new Set<Sleeper>();
  bySignal.set(signal, sleepers);
  const wakeAll = (): void => {
    for (const sleeper of sleepers) sleeper.wake?.();
  };
  signal.addEventListener("abort", wakeAll, { once: true });
  return sleepers;
}

/** A heap: whoever is due first, and of those due at once whoever slept first. */
class SleeperQueue {
  readonly #heap: Sleeper[] = [];

  first(): Sleeper | undefined {
    return this.#heap[0];
  }

  push(sleeper: Sleeper): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(sleeper);
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const parent = heap[above];
      if (parent === undefined || before(parent, sleeper)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = sleeper;
  }

  shift(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      const other = heap[below + 1];
      if (child !== undefined && other !== undefined && before(other, child)) {
        below += 1;
        child = other;
      }
      if (child === undefined || before(last, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

const before = (a: Sleeper, b: Sleeper): boolean => a.due < b.due || (a.due === b.due && a.turn < b.turn);

/** A turn of the event loop runs every promise callback there is; a second one runs what `setImmediate` users set off. */
async function settlePromises(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
