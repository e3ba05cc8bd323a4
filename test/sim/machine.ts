import type { VirtualClock } from "@sentinel/testkit";

/** Where processes run: its wall clock may be wrong, its monotonic one goes on as everybody's does. */
export class Machine {
  readonly #clock: VirtualClock;
  #offsetMs = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  now(): number {
    return Math.floor(this.#clock.now()) + this.#offsetMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }

  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
