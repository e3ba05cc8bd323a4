/** The same stream, ended without an error as soon as the signal ends, even when its source does not notice. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<{ readonly done: true; readonly value: undefined }>();
  const end = (): void => aborted.resolve({ done: true, value: undefined });
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", end);
    // A generator in the middle of a wait answers `return` only after it, so nobody waits for that.
    void iterator.return?.().catch(() => undefined);
  }
}
