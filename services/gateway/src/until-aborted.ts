/** The same stream, ended without an error as soon as the signal ends, even when its source does not notice. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let end = (): void => undefined;
  const onAbort = (): void => end();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (!signal.aborted) {
      // A promise of its own for each wait: one that outlives them all, raced, would keep everything that ever came.
      const next = await new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
        end = () => resolve({ done: true, value: undefined });
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // A generator in the middle of a wait answers `return` only after it, so nobody waits for that.
    void iterator.return?.().catch(() => undefined);
  }
}
