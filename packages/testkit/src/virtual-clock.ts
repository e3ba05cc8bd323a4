import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@sentinel/service-kit";

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
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
  readonly #sleepers = new Set<Sleeper>();
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
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper: Sleeper = { due: this.#elapsedMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
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
    sleeper.wake();
    await this.#settle();
  }

  #next(target: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.due > target) continue;
      if (first === undefined || sleeper.due < first.due) first = sleeper;
    }
    return first;
  }
}

/** A turn of the event loop runs every promise callback there is; a second one runs what `setImmediate` users set off. */
async function settlePromises(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
