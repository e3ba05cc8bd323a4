import type { Clock, Failpoint, FailpointName, Log, Random, ServiceKit } from "@sentinel/service-kit";
import { createMetrics, offTracing } from "@sentinel/service-kit";
import type { Machine } from "./machine.ts";

const nothing = (): void => undefined;

/** What never comes: the answer to a process that is gone. */
export const never = <T>(): Promise<T> => new Promise<T>(nothing);

/**
 * One process of the simulation. Whatever it does to the outside passes through `effect`, so that after a crash nothing
 * that was in flight acts or answers any more, and while it is paused everything waits.
 */
export class SimProcess {
  readonly name: string;
  readonly machine: Machine;
  readonly kit: ServiceKit;
  readonly #crash = new AbortController();
  /** Who is told of its death at once. */
  readonly #mourners = new Set<() => void>();
  #dead = false;
  readonly #failpoint: (name: FailpointName) => void;
  #resumed: PromiseWithResolvers<void> | undefined;

  constructor(
    name: string,
    machine: Machine,
    random: Random,
    ends: { readonly failpoint: (name: FailpointName) => void; readonly log: Log },
  ) {
    this.name = name;
    this.machine = machine;
    this.#failpoint = ends.failpoint;
    const clock: Clock = {
      now: () => machine.now(),
      monotonic: () => machine.monotonic(),
      sleep: (ms, signal) => this.effect(() => machine.sleep(ms, signal)),
    };
    const hit: Failpoint = (point) => this.#failpoint(point);
    this.kit = { clock, random, log: ends.log, metrics: createMetrics(), tracing: offTracing, failpoint: hit };
  }

  get alive(): boolean {
    return !this.#dead;
  }

  get paused(): boolean {
    return this.#resumed !== undefined;
  }

  /** Ends with the process. */
  get crashed(): AbortSignal {
    return this.#crash.signal;
  }

  crash(): void {
    this.#dead = true;
    for (const mourn of this.#mourners) mourn();
    this.#crash.abort();
  }

  /** As SIGSTOP does; the clock of the machine goes on. */
  pause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  /** Runs something the outside sees. Its outcome reaches the process only if it lives, and when it runs again. */
  effect<T>(run: () => Promise<T>): Promise<T> {
    if (this.#resumed !== undefined) return this.#resumed.promise.then(() => this.effect(run));
    if (!this.alive) return never();
    return run().then(this.#told, this.#refused);
  }

  /** What a dead process would be told, it is never told. */
  readonly #told = <T>(value: T): T | Promise<T> => {
    if (this.#resumed !== undefined) return this.#resumed.promise.then(() => this.#told(value));
    return this.alive ? value : never();
  };

  readonly #refused = (reason: unknown): Promise<never> => {
    if (this.#resumed !== undefined) return this.#resumed.promise.then(() => this.#refused(reason));
    return this.alive ? Promise.reject(reason) : never();
  };

  /** Each step of a stream of messages, as far as the process lives to see it. */
  async *each<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    const steps = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const step = await this.effect(() => steps.next());
        if (step.done === true) return;
        yield step.value;
      }
    } finally {
      await steps.return?.();
    }
  }

  /** Rejects when the process dies first: for whoever talks to it. */
  orDeath<T>(work: Promise<T>, death: () => Error): Promise<T> {
    if (!this.alive) {
      // What becomes of it after the death concerns nobody.
      work.catch(() => undefined);
      return Promise.reject(death());
    }
    return new Promise((resolve, reject) => {
      const onDeath = (): void => reject(death());
      this.#mourners.add(onDeath);
      work.then(resolve, reject).finally(() => this.#mourners.delete(onDeath));
    });
  }
}
