import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Outcome } from "./simulate.ts";

/** What to simulate. */
export interface Job {
  readonly seed: number;
  /** Name of the mistake that is planted in it, if any. */
  readonly plant?: string | undefined;
}

/** A world that never lets go of its thread has no other limit. */
const MOST_WALL_MS = 300_000;

/** Threads that simulate worlds, as many as there are processors. */
export class Worlds implements Disposable {
  readonly #idle: Worker[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #threads: number;
  #busy = 0;

  constructor(threads = availableParallelism()) {
    this.#threads = threads;
  }

  get threads(): number {
    return this.#threads;
  }

  /** The outcome of one world, when a thread is free for it. */
  async simulate(job: Job): Promise<Outcome> {
    while (this.#busy >= this.#threads) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy += 1;
    const worker = this.#idle.pop() ?? new Worker(new URL("./world-worker.ts", import.meta.url));
    try {
      const outcome = await answer(worker, job);
      this.#idle.push(worker);
      return outcome;
    } catch (error) {
      await worker.terminate();
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const nothing = { simulatedMs: 0, events: 0, checks: 0, lives: 0, story: [] };
      return { ...nothing, seed: job.seed, violations: [{ rule: "comes to rest", what }] };
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  [Symbol.dispose](): void {
    for (const worker of this.#idle) void worker.terminate();
  }
}

function answer(worker: Worker, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer after ${MOST_WALL_MS} ms`)), MOST_WALL_MS);
    const end = (settle: () => void): void => {
      clearTimeout(late);
      worker.off("message", onOutcome).off("error", onError);
      settle();
    };
    const onOutcome = (outcome: Outcome): void => end(() => resolve(outcome));
    const onError = (error: unknown): void => end(() => reject(error));
    worker.on("message", onOutcome).on("error", onError);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(job);
  });
}
