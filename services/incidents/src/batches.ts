/**
 * What has arrived so far, at most `max` at a time: while one batch is worked on the next one gathers, so load makes
 * batches larger instead of slower. Reading stops ahead when `max * 4` wait.
 */
export async function* batches<T>(source: AsyncIterable<T>, max: number): AsyncIterable<readonly T[]> {
  let waiting: T[] = [];
  let ended = false;
  let failure: { readonly thrown: unknown } | undefined;
  let arrived = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  let closed = false;
  const read = async (): Promise<void> => {
    try {
      for await (const item of source) {
        if (closed) return;
        waiting.push(item);
        arrived.resolve();
        if (waiting.length >= max * 4) {
          taken = Promise.withResolvers();
          await taken.promise;
        }
      }
    } catch (thrown) {
      failure = { thrown };
    } finally {
      ended = true;
      arrived.resolve();
    }
  };
  void read();
  try {
    for (;;) {
      await arrived.promise;
      const batch = waiting.slice(0, max);
      waiting = waiting.slice(max);
      if (waiting.length === 0 && !ended) arrived = Promise.withResolvers();
      taken.resolve();
      if (batch.length > 0) yield batch;
      else if (failure !== undefined) throw failure.thrown;
      else if (ended) return;
    }
  } finally {
    closed = true;
    taken.resolve();
  }
}
