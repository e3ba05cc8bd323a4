import { hash } from "node:crypto";
import { PARTITIONS } from "@sentinel/contracts";
import { createHintBoard, subscribe } from "@sentinel/eventstore";
import {
  appendCommitted,
  createSharedAppender,
  type Database,
  eventstoreMigrations,
  migrate,
  openDatabase,
  postgresEventStore,
  type SharedAppender,
} from "@sentinel/eventstore/postgres";

/** What every store is given to keep: an id that is a UUID in order of time (version 7), and a JSON text. */
export interface BenchEvent {
  readonly id: string;
  readonly data: Readonly<Record<string, string | number>>;
}

export interface Delivery {
  readonly id: string;
  readonly stream: string;
  /** Place in its stream. */
  readonly version: number;
}

export interface BenchAppend {
  readonly stream: string;
  readonly events: readonly BenchEvent[];
}

/** A store with its connections open. */
export interface OpenStore {
  /** Appends to the ends of these streams: in one durable transaction, where the store can. */
  append(appends: readonly BenchAppend[]): Promise<void>;
  /** Gives every event to `deliver` by the store's own means of following all of its streams, until the signal ends. */
  follow?(deliver: (delivery: Delivery) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** Makes its tables in a database of its own; once. */
  prepare(url: string): Promise<void>;
  open(url: string, connections: number): Promise<OpenStore>;
}

const FROM_MS = 1_700_000_000_000;

/** About 250 bytes as JSON, the same for all. A hundred come in one millisecond of their ids. */
export function benchEvent(number: number): BenchEvent {
  const digest = hash("sha256", String(number));
  const time = (FROM_MS + Math.floor(number / 100)).toString(16).padStart(12, "0");
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7${digest.slice(0, 3)}-a${digest.slice(3, 6)}-${digest.slice(6, 18)}`;
  const text = "the answer was 503 where 200 was expected, in the third round from the place called ";
  return { id, data: { number, monitor: `mon_${digest.slice(0, 26)}`, text, digest, atMs: FROM_MS } };
}

/** Calls that wait for the same commit share it. */
export const sentinel: Contender = sentinelWith("Sentinel", (database) => {
  const appender = createSharedAppender(database);
  return (appends) => appender.append(appends);
});

/** Each call in a transaction that it shares with nobody. */
export const sentinelAlone: Contender = sentinelWith(
  "Sentinel alone",
  (database) => (appends) => appendCommitted(database, appends),
);

function sentinelWith(name: string, appenderOf: (database: Database) => SharedAppender["append"]): Contender {
  return {
    name,
    prepare: async (url) => {
      const database = await openDatabase(url);
      await migrate(database, [...eventstoreMigrations]);
      await database.close();
    },
    open: async (url, connections) => {
      const database = await openDatabase(url, { max: connections });
      const append = appenderOf(database);
      return {
        append: async (appends) => {
          await append(appends.map(({ stream, events }) => ({ stream, expected: "any", events: events.map(ours) })));
        },
        follow: (deliver, signal) => followParts(database, deliver, signal),
        close: () => database.close(),
      };
    },
  };
}

const ours = ({ id, data }: BenchEvent) => ({
  id,
  type: "bench.noted",
  schemaVersion: 1,
  payload: Buffer.from(JSON.stringify(data)),
  metadata: {},
  atMs: 1_700_000_000_000,
});

/** Without hints: what is seen is what the log itself says. */
async function followParts(
  database: Database,
  deliver: (delivery: Delivery) => void,
  signal: AbortSignal,
): Promise<void> {
  const source = { store: postgresEventStore, database, hints: createHintBoard() };
  const parts = Array.from({ length: PARTITIONS }, async (_, part) => {
    for await (const event of subscribe(source, part, 0, signal, { pollMs: 200 })) deliver(event);
  });
  await Promise.all(parts);
}

/** The least that a store can do: the same columns with one index, one durable transaction each. It keeps no order. */
export const bare: Contender = {
  name: "bare INSERT and COMMIT",
  prepare: async (url) => {
    const database = await openDatabase(url);
    await database.sql`
      CREATE TABLE bare (id text PRIMARY KEY, stream text NOT NULL, type text NOT NULL, payload bytea NOT NULL)`;
    await database.close();
  },
  open: async (url, connections) => {
    const database = await openDatabase(url, { max: connections });
    return {
      append: async (appends) => {
        const rows = appends.flatMap(({ stream, events }) => events.map(({ id, data }) => ({ stream, id, data })));
        const payloads = database.sql.array(
          rows.map(({ data }) => Buffer.from(JSON.stringify(data))),
          17,
        );
        await database.sql`
          INSERT INTO bare SELECT id, stream, 'bench.noted', payload
          FROM unnest(${rows.map(({ id }) => id)}::text[], ${rows.map(({ stream }) => stream)}::text[],
            ${payloads}::bytea[]) AS n (id, stream, payload)`;
      },
      close: () => database.close(),
    };
  },
};
