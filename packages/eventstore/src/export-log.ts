import { PARTITIONS } from "@sentinel/contracts";
import { CHAIN_START } from "./chain.ts";
import { type ExportedHead, writeEvent, writeHeader, writeTrailer } from "./log-file.ts";
import type { EventStore } from "./store.ts";
import type { Transactions } from "./transactions.ts";

const PAGE_SIZE = 1000;

/**
 * Writes the whole log as lines without their line ends: a header, one line per event in order of partition and
 * position, and a trailer with count and heads. Memory stays flat. Gives the number of events.
 * @param database One transaction is used; give a snapshot to have one moment of a log that grows meanwhile.
 * @param write Takes some lines; the next ones are read when it resolves.
 */
export function exportLog<Tx>(
  store: EventStore<Tx>,
  database: Transactions<Tx>,
  write: (lines: readonly string[]) => Promise<void>,
): Promise<number> {
  return database.transaction(async (tx) => {
    await write([writeHeader()]);
    const heads: ExportedHead[] = [];
    for (let part = 0; part < PARTITIONS; part += 1) {
      let [gpos, hash] = [0, CHAIN_START];
      for (;;) {
        const page = await store.readAll(tx, part, gpos, PAGE_SIZE);
        const last = page.at(-1);
        if (last === undefined) break;
        ({ gpos, hash } = last);
        await write(page.map(writeEvent));
      }
      if (gpos > 0) heads.push({ part, gpos, hash });
    }
    const events = heads.reduce((sum, head) => sum + head.gpos, 0);
    await write([writeTrailer({ events, heads })]);
    return events;
  });
}
