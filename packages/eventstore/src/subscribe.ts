import type { EventStore, StoredEvent } from "./store.ts";
import type { Transactions } from "./transactions.ts";

/**
 * Tells that a partition may have grown. It may tell too often and it may stay silent: it only saves waiting.
 */
export interface AppendHints {
  /**
   * Resolves with the next hint for the partition, or for any, after `timeoutMs` (infinity is allowed), or when the
   * signal ends; never rejects.
   */
  next(part: number | "any", timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** Hints with the other end of them: what appenders call after their commit. */
export interface AppendAnnouncer extends AppendHints {
  /** Says, some time soon and perhaps never, that events were committed to these partitions. */
  announce(parts: readonly number[]): void;
}

export interface SubscribeOptions {
  /** Events read at once; 500 unless told. */
  readonly pageSize?: number;
  /** How long a hint is waited for before the log itself is asked; 1,000 unless told. */
  readonly pollMs?: number;
}

/**
 * Every event of a partition after `afterGpos`, each once and in order, those of the future too, until the signal
 * ends. The log is the truth and is asked whatever the hints say.
 * @throws SentinelError `database_*`; subscribe again after the last position seen.
 */
export async function* subscribe<Tx>(
  source: { readonly store: EventStore<Tx>; readonly database: Transactions<Tx>; readonly hints: AppendHints },
  part: number,
  afterGpos: number,
  signal: AbortSignal,
  { pageSize = 500, pollMs = 1000 }: SubscribeOptions = {},
): AsyncGenerator<StoredEvent, void, void> {
  const { store, database, hints } = source;
  let gpos = afterGpos;
  while (!signal.aborted) {
    // Asked for before reading: an append between reading and waiting must not be slept through.
    const waiting = new AbortController();
    const hint = hints.next(part, pollMs, AbortSignal.any([signal, waiting.signal]));
    try {
      const page = await database.transaction((tx) => store.readAll(tx, part, gpos, pageSize));
      for (const event of page) {
        if (signal.aborted) return;
        gpos = event.gpos;
        yield event;
      }
      if (page.length === 0) await hint;
    } finally {
      waiting.abort();
    }
  }
}
