/** Wakes whoever waits for something to change. */
export class Signalled {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next beat, or when the signal ends. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const ending = waitingFor(signal);
      const wake = (): void => {
        this.#waiting.delete(wake);
        ending.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      ending.add(wake);
    });
  }

  beat(): void {
    for (const wake of this.#waiting) wake();
  }
}

const bySignal = new WeakMap<AbortSignal, Set<() => void>>();

/** Who is to be woken when this signal ends: one listener for all of them, as listeners are dear. */
function waitingFor(signal: AbortSignal): Set<() => void> {
  const known = bySignal.get(signal);
  if (known !== undefined) return known;
  const waiting = new Set<() => void>();
  bySignal.set(signal, waiting);
  const wakeAll = (): void => {
    for (const wake of waiting) wake();
  };
  signal.addEventListener("abort", wakeAll, { once: true });
  return waiting;
}
