import { partitionOf } from "@sentinel/contracts";
import type { AppendResult, EventContent, EventStore, NewEvent, StoredEvent, StreamAppend } from "../store.ts";
import type { AppendAnnouncer } from "../subscribe.ts";
import type { Transactions } from "../transactions.ts";

/** A store under test and the database its transactions come from. */
export interface OpenStore<Tx> {
  readonly store: EventStore<Tx>;
  readonly database: Transactions<Tx>;
  readonly hints: AppendAnnouncer;
  close(): Promise<void>;
}

/** The store of the running test. */
export interface StoreHandle<Tx> {
  readonly current: OpenStore<Tx>;
}

let made = 0;

/** A number no other stream or event of this run has. */
function next(): number {
  made += 1;
  return made;
}

export function newStream(): string {
  return `stream-${next()}`;
}

/** A stream of that partition. */
export function streamIn(part: number): string {
  for (;;) {
    const stream = newStream();
    if (partitionOf(stream) === part) return stream;
  }
}

export function newEvent(changes: Partial<NewEvent> = {}): NewEvent {
  return {
    id: `event-${next()}`,
    type: "Happened",
    schemaVersion: 1,
    payload: Uint8Array.of(1, 2, 3),
    metadata: { actor: "test" },
    atMs: 1_700_000_000_000,
    ...changes,
  };
}

export function appendTo(stream: string, events: readonly NewEvent[], expected: StreamAppend["expected"] = "any") {
  return { stream, expected, events };
}

/** One append in a transaction of its own. */
export function append<Tx>(handle: StoreHandle<Tx>, ...appends: StreamAppend[]): Promise<readonly AppendResult[]> {
  const { store, database } = handle.current;
  return database.transaction((tx) => store.append(tx, appends));
}

export function read<Tx>(handle: StoreHandle<Tx>, stream: string, from?: number): Promise<readonly StoredEvent[]> {
  const { store, database } = handle.current;
  return database.transaction((tx) => store.read(tx, stream, from));
}

export function readAll<Tx>(
  handle: StoreHandle<Tx>,
  part: number,
  after = 0,
  limit = 100_000,
): Promise<readonly StoredEvent[]> {
  const { store, database } = handle.current;
  return database.transaction((tx) => store.readAll(tx, part, after, limit));
}

export function readContent<Tx>(
  handle: StoreHandle<Tx>,
  part: number,
  after: number,
  limit: number,
): Promise<readonly EventContent[]> {
  const { store, database } = handle.current;
  return database.transaction((tx) => store.readContent(tx, part, after, limit));
}

export function head<Tx>(handle: StoreHandle<Tx>, part: number): ReturnType<EventStore<Tx>["head"]> {
  const { store, database } = handle.current;
  return database.transaction((tx) => store.head(tx, part));
}
