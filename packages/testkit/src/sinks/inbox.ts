/** What arrived so far, and a way to wait for more. */
export interface Inbox<T> {
  readonly received: readonly T[];
  add(item: T): void;
  /** Resolves once at least `count` have arrived. */
  waitFor(count: number): Promise<void>;
}

export function createInbox<T>(): Inbox<T> {
  const received: T[] = [];
  let waiting: readonly { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    received,
    add(item) {
      received.push(item);
      const ready = waiting.filter((each) => each.count <= received.length);
      waiting = waiting.filter((each) => each.count > received.length);
      for (const each of ready) each.resolve();
    },
    waitFor: (count) =>
      count <= received.length
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting = [...waiting, { count, resolve }];
          }),
  };
}

/** Answers to give instead of the good one, in order. */
export interface Refusals {
  failNext(count: number, status: number): void;
  /** The status to refuse this one with; undefined to take it. */
  next(): number | undefined;
}

export function createRefusals(): Refusals {
  const statuses: number[] = [];
  return {
    failNext: (count, status) => statuses.push(...Array.from({ length: count }, () => status)),
    next: () => statuses.shift(),
  };
}
