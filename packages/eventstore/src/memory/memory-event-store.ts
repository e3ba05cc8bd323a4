import { CHAIN_START } from "../chain.ts";
import { type Head, partitionsOf, planAppend } from "../plan-append.ts";
import type { EventStore, StoredEvent } from "../store.ts";
import type { MemoryTx } from "./memory-database.ts";
import type { MemoryTable } from "./memory-table.ts";

const EMPTY: Head = { gpos: 0, hash: CHAIN_START };

interface Tables {
  /** Key: partition and position. */
  readonly events: MemoryTable<string, StoredEvent>;
  /** Key: stream and version. */
  readonly byStream: MemoryTable<string, StoredEvent>;
  readonly byId: MemoryTable<string, StoredEvent>;
  readonly versions: MemoryTable<string, number>;
  readonly heads: MemoryTable<number, Head>;
}

/** The event log in a `MemoryDatabase`: the same rules and the same hashes as in PostgreSQL. */
export function createMemoryEventStore(): EventStore<MemoryTx> {
  return {
    append: async (tx, appends) => {
      const tables = tablesOf(tx);
      const plan = planAppend(appends, {
        heads: new Map(partitionsOf(appends).map((part) => [part, tables.heads.get(part) ?? EMPTY])),
        versions: new Map(appends.map(({ stream }) => [stream, tables.versions.get(stream) ?? 0])),
        known: knownEvents(
          tables,
          appends.flatMap((append) => append.events.map((event) => event.id)),
        ),
      });
      for (const row of plan.rows) insert(tables, row);
      for (const [part, head] of plan.heads) tables.heads.set(part, head);
      return plan.results;
    },
    read: async (tx, stream, fromVersion = 1) => {
      const { byStream, versions } = tablesOf(tx);
      return range(fromVersion, versions.get(stream) ?? 0, (version) => byStream.get(key(stream, version)));
    },
    readAll,
    readContent: readAll,
    head: async (tx, part) => tablesOf(tx).heads.get(part) ?? EMPTY,
  };
}

async function readAll(tx: MemoryTx, part: number, afterGpos: number, limit: number): Promise<StoredEvent[]> {
  const { events, heads } = tablesOf(tx);
  const end = Math.min(heads.get(part)?.gpos ?? 0, afterGpos + limit);
  return range(afterGpos + 1, end, (gpos) => events.get(key(part, gpos)));
}

function tablesOf(tx: MemoryTx): Tables {
  return {
    events: tx.table("eventstore.events"),
    byStream: tx.table("eventstore.events_by_stream"),
    byId: tx.table("eventstore.events_by_id"),
    versions: tx.table("eventstore.versions"),
    heads: tx.table("eventstore.heads"),
  };
}

function knownEvents(tables: Tables, ids: readonly string[]): Map<string, StoredEvent> {
  const known = new Map<string, StoredEvent>();
  for (const id of ids) {
    const event = tables.byId.get(id);
    if (event !== undefined) known.set(id, event);
  }
  return known;
}

function insert(tables: Tables, row: StoredEvent): void {
  tables.events.set(key(row.part, row.gpos), row);
  tables.byStream.set(key(row.stream, row.version), row);
  tables.byId.set(row.id, row);
  tables.versions.set(row.stream, row.version);
}

/** Numbers last, so that no two pairs share a key. */
function key(first: string | number, second: number): string {
  return `${first} ${second}`;
}

function range(from: number, to: number, get: (at: number) => StoredEvent | undefined): StoredEvent[] {
  const found: StoredEvent[] = [];
  for (let at = Math.max(1, from); at <= to; at += 1) {
    const event = get(at);
    if (event !== undefined) found.push(event);
  }
  return found;
}
