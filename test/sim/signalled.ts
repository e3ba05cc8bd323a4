/** Wakes whoever waits for something to change. */
export class Signalled {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next beat, or when the signal ends. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  beat(): void {
    for (const wake of this.#waiting) wake();
  }
}
