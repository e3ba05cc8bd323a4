import { PARTITIONS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { CHAIN_START, verifyChain } from "./chain.ts";
import { isHeader, readLine, type Trailer } from "./log-file.ts";
import type { Head } from "./plan-append.ts";
import type { EventStore, StoredEvent } from "./store.ts";
import type { Transactions } from "./transactions.ts";

const BATCH = 1000;
const EMPTY: Head = { gpos: 0, hash: CHAIN_START };

interface NumberedEvent {
  readonly line: number;
  readonly event: StoredEvent;
}

/**
 * Fills an empty log with exported lines, all or nothing: every event keeps its position, version and hash, which are
 * verified while reading. Gives the number of events.
 * @param decode Reads an event's payload; what it throws says that the payload cannot be read, and the import is refused.
 * @throws SentinelError `log_not_empty` {events}, `log_file_unknown` {line}, `log_file_altered` {line},
 * `log_file_truncated` {line}, `log_event_unreadable` {line, event, type, stream}
 */
export function importLog<Tx>(
  store: EventStore<Tx>,
  database: Transactions<Tx>,
  lines: AsyncIterable<string> | Iterable<string>,
  decode: (event: StoredEvent) => unknown = () => undefined,
): Promise<number> {
  return database.transaction(async (tx) => {
    await demandEmpty(store, tx);
    const ends = new Map<number, Head>();
    let batch: NumberedEvent[] = [];
    let trailer: Trailer | undefined;
    let line = 0;
    for await (const text of lines) {
      line += 1;
      if (line === 1 && isHeader(text)) continue;
      const read = line === 1 ? undefined : readLine(text);
      if (read === undefined || trailer !== undefined)
        throw new SentinelError("log_file_unknown", { line: String(line) });
      if ("heads" in read) trailer = demandTrailer(read, ends, line);
      else {
        batch.push(chained(read, ends, line));
        demandReadable(read, decode, line);
      }
      if (batch.length < BATCH) continue;
      await appendAsExported(store, tx, batch);
      batch = [];
    }
    if (trailer === undefined) throw new SentinelError("log_file_truncated", { line: String(line) });
    await appendAsExported(store, tx, batch);
    return trailer.events;
  });
}

async function demandEmpty<Tx>(store: EventStore<Tx>, tx: Tx): Promise<void> {
  let events = 0;
  for (let part = 0; part < PARTITIONS; part += 1) events += (await store.head(tx, part)).gpos;
  if (events > 0) throw new SentinelError("log_not_empty", { events: String(events) });
}

function chained(event: StoredEvent, ends: Map<number, Head>, line: number): NumberedEvent {
  const { gpos, hash } = ends.get(event.part) ?? EMPTY;
  if (verifyChain([event], hash, gpos) !== undefined) throw altered(line);
  ends.set(event.part, event);
  return { line, event };
}

function demandReadable(event: StoredEvent, decode: (event: StoredEvent) => unknown, line: number): void {
  const { id, type, stream } = event;
  try {
    decode(event);
  } catch (cause) {
    throw new SentinelError("log_event_unreadable", { line: String(line), event: id, type, stream }, { cause });
  }
}

function demandTrailer(trailer: Trailer, ends: ReadonlyMap<number, Head>, line: number): Trailer {
  const agrees = trailer.heads.every(({ part, gpos, hash }) => {
    const end = ends.get(part);
    return end?.gpos === gpos && Buffer.compare(end.hash, hash) === 0;
  });
  const events = [...ends.values()].reduce((sum, { gpos }) => sum + gpos, 0);
  if (!agrees || trailer.heads.length !== ends.size || trailer.events !== events) throw altered(line);
  return trailer;
}

/** The store decides positions, versions and hashes itself; so what differs is not an exported log. */
async function appendAsExported<Tx>(store: EventStore<Tx>, tx: Tx, batch: readonly NumberedEvent[]): Promise<void> {
  const results = await store.append(
    tx,
    batch.map(({ event }) => ({ stream: event.stream, expected: "any", events: [event] })),
  );
  for (const [index, { line, event }] of batch.entries()) {
    const stored = results[index]?.events[0];
    const same = stored?.version === event.version && Buffer.compare(stored.hash, event.hash) === 0;
    if (!same) throw altered(line);
  }
}

function altered(line: number): SentinelError {
  return new SentinelError("log_file_altered", { line: String(line) });
}
