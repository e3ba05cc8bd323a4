import { SentinelError } from "@sentinel/contracts/errors";
import postgres from "postgres";
import { partitionOf } from "@sentinel/contracts";
import { canonicalForm, sortedMetadata } from "../chain.ts";
import { checkEvent } from "../check-event.ts";
import { type AppendOutcome, type Head, partitionsOf, planAppend, planEach, type StoreFacts } from "../plan-append.ts";
import type { AppendResult, EventStore, NewEvent, StoredEvent, StreamAppend } from "../store.ts";
import { appendBatch } from "./append-batch.ts";
import { bytes, numbers, texts } from "./array-literals.ts";
import { databaseError } from "./database-error.ts";
import type { Database } from "./database.ts";
import { expectedNumber } from "./expected-number.ts";
import type { Sql } from "./pool.ts";
import type { Tx } from "./transaction.ts";
import { readContent } from "./read-content.ts";
import { type EventRow, readHead, readPartition, readStream, storedEvent } from "./read.ts";

/** The event log in PostgreSQL; its tables come from `eventstoreMigrations`. It holds no state of its own. */
export const postgresEventStore: EventStore<Tx> = {
  append,
  read: readStream,
  readAll: readPartition,
  readContent,
  head: readHead,
};

export function createPostgresEventStore(): EventStore<Tx> {
  return postgresEventStore;
}

/**
 * One round trip where ids are new and streams as expected. Otherwise two more, which find out what is so and write: head
 * rows are locked and the facts read under that lock, then rows and heads are written. A transaction that appends more than once should do so in one call, or in partition order, or it may meet another
 * one crosswise and get `database_conflict`.
 */
async function append(tx: Tx, appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
  if (appends.length === 0) return [];
  const plain = await appendPlain(tx, appends);
  if (plain !== undefined) return plain;
  const plan = planAppend(appends, await lockAndRead(tx, appends));
  if (plan.rows.length > 0) await write(tx, plan.rows, plan.heads);
  return plan.results;
}

/**
 * Appends in a transaction of their own. Where ids are new and streams as expected, that is one statement, which needs no
 * BEGIN and COMMIT around it.
 * @throws SentinelError `version_conflict`, `event_id_reused`, `event_malformed`, `database_*`, `disk_full`
 */
export async function appendCommitted(
  database: Database,
  appends: readonly StreamAppend[],
): Promise<readonly AppendResult[]> {
  if (appends.length === 0) return [];
  const plain = await appendAtOnce(database, appends);
  return plain ?? (await database.transaction((tx) => append(tx, appends)));
}

/** One statement that commits, where all is plain; undefined, with nothing changed, where it is not. */
export async function appendAtOnce(
  database: Database,
  appends: readonly StreamAppend[],
): Promise<readonly AppendResult[] | undefined> {
  try {
    return await appendPlain(database.sql, appends);
  } catch (thrown) {
    throw databaseError(thrown, database.where);
  }
}

async function appendPlain(
  sql: Tx | Sql,
  appends: readonly StreamAppend[],
): Promise<readonly AppendResult[] | undefined> {
  try {
    const alone = appends.length === 1 && appends[0]?.events.length === 1;
    return await (alone ? appendAlone(sql, appends) : appendBatch(sql, appends));
  } catch (thrown) {
    throw reusedId(thrown) ?? thrown;
  }
}

/**
 * One event of one stream, where its id is new and the stream is as expected: the server chains it. Undefined when there
 * is more to it; nothing but the lock has been taken then.
 */
async function appendAlone(
  tx: Tx | Sql,
  appends: readonly StreamAppend[],
): Promise<readonly AppendResult[] | undefined> {
  const [append, another] = appends;
  const [event, next] = append?.events ?? [];
  if (append === undefined || event === undefined || another !== undefined || next !== undefined) return undefined;
  checkEvent(append.stream, event);
  const part = partitionOf(append.stream);
  const row = await callAppendEvent(tx, part, append, event);
  if (row === undefined) return undefined;
  const { results, rows } = planAppend(appends, {
    heads: new Map([[part, { gpos: row.head, hash: new Uint8Array(row.head_hash) }]]),
    versions: new Map([[append.stream, row.version]]),
    known: new Map(),
  });
  // Server and planner chain alike, or nothing may be committed.
  if (Buffer.compare(rows[0]?.hash ?? new Uint8Array(), row.hash) !== 0) throw new SentinelError("internal");
  return results;
}

interface AppendedRow {
  readonly head: number;
  readonly head_hash: Uint8Array;
  readonly version: number;
  readonly hash: Uint8Array;
}

async function callAppendEvent(
  tx: Tx | Sql,
  part: number,
  { stream, expected }: StreamAppend,
  event: NewEvent,
): Promise<AppendedRow | undefined> {
  const { bytes, gposAt, versionAt } = canonicalForm({ ...event, part, stream });
  const [row] = await tx<AppendedRow[]>`
    SELECT * FROM append_event(${part}::smallint, ${stream}, ${expectedNumber(expected)}::bigint, ${event.id},
      ${event.type}, ${event.schemaVersion}::smallint, ${event.payload}::bytea, ${metadataText(event)}::text::jsonb,
      ${event.atMs}::bigint, ${bytes}::bytea, ${gposAt + 1}::integer, ${versionAt + 1}::integer)`;
  return row;
}

/**
 * The slow way for several calls: each has the outcome it would have, were they made one after the other in this order.
 * The outcomes are true once the transaction has been committed.
 * @throws SentinelError `event_id_reused` when an id was written elsewhere meanwhile; then no call has an outcome.
 */
export async function appendEach(
  tx: Tx,
  calls: readonly (readonly StreamAppend[])[],
): Promise<readonly AppendOutcome[]> {
  const plan = planEach(calls, await lockAndRead(tx, calls.flat()));
  if (plan.rows.length > 0) await write(tx, plan.rows, plan.heads);
  return plan.outcomes;
}

const metadataText = (event: NewEvent): string => JSON.stringify(Object.fromEntries(sortedMetadata(event.metadata)));

async function lockAndRead(tx: Tx, appends: readonly StreamAppend[]): Promise<StoreFacts> {
  const streams = [...new Set(appends.map((append) => append.stream))];
  const ids = appends.flatMap((append) => append.events.map((event) => event.id));
  // Sent together and run one after the other, so the facts are read after the lock is held.
  const [heads, versions, known] = await Promise.all([
    tx<{ part: number; head: number; hash: Uint8Array }[]>`
      SELECT part, head, hash FROM heads WHERE part = ANY(${numbers(partitionsOf(appends))}::smallint[])
      ORDER BY part FOR UPDATE`,
    tx<{ stream: string; version: number | null }[]>`
      SELECT s.stream, (SELECT e.version FROM events e WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1)
      FROM unnest(${texts(streams)}::text[]) AS s (stream)`,
    tx<EventRow[]>`SELECT * FROM events WHERE event_id = ANY(${texts(ids)}::text[])`,
  ]);
  return {
    heads: new Map(heads.map((row) => [row.part, { gpos: row.head, hash: new Uint8Array(row.hash) }])),
    versions: new Map(versions.map((row) => [row.stream, row.version ?? 0])),
    known: new Map(known.map((row) => [row.event_id, storedEvent(row)])),
  };
}

/** One statement: heads move with the rows they count. */
async function write(tx: Tx, rows: readonly StoredEvent[], heads: ReadonlyMap<number, Head>): Promise<void> {
  const ends = [...heads];
  const statement = tx`
    WITH moved AS (
      UPDATE heads SET head = n.head, hash = n.hash
      FROM unnest(
        ${numbers(ends.map(([part]) => part))}::bigint[],
        ${numbers(ends.map(([, end]) => end.gpos))}::bigint[],
        ${bytes(ends.map(([, end]) => end.hash))}::bytea[]
      ) AS n (part, head, hash)
      WHERE heads.part = n.part
    )
    INSERT INTO events
      (part, gpos, stream, version, event_id, type, schema_version, payload, metadata, at_ms, hash)
    SELECT part, gpos, stream, version, event_id, type, schema_version, payload, metadata::jsonb, at_ms, hash
    FROM unnest(
      ${numbers(rows.map((row) => row.part))}::bigint[],
      ${numbers(rows.map((row) => row.gpos))}::bigint[],
      ${texts(rows.map((row) => row.stream))}::text[],
      ${numbers(rows.map((row) => row.version))}::bigint[],
      ${texts(rows.map((row) => row.id))}::text[],
      ${texts(rows.map((row) => row.type))}::text[],
      ${numbers(rows.map((row) => row.schemaVersion))}::bigint[],
      ${bytes(rows.map((row) => row.payload))}::bytea[],
      ${texts(rows.map(metadataText))}::text[],
      ${numbers(rows.map((row) => row.atMs))}::bigint[],
      ${bytes(rows.map((row) => row.hash))}::bytea[]
    ) AS n (part, gpos, stream, version, event_id, type, schema_version, payload, metadata, at_ms, hash)`;
  try {
    await statement;
  } catch (thrown) {
    throw reusedId(thrown) ?? thrown;
  }
}

/** The same id in another partition, committed since the facts were read: only the unique index can know. */
function reusedId(thrown: unknown): SentinelError | undefined {
  if (!(thrown instanceof postgres.PostgresError) || thrown.constraint_name !== "events_event_id_key") return undefined;
  const eventId = /^Key \(event_id\)=\((.*)\) already exists/s.exec(thrown.detail ?? "")?.[1] ?? "";
  return new SentinelError("event_id_reused", { eventId }, { cause: thrown });
}
