import { partitionOf } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { type CanonicalTails, canonicalTails, chainHash, sortedMetadata } from "../chain.ts";
import { checkEvent } from "../check-event.ts";
import { partitionsOf } from "../plan-append.ts";
import type { AppendResult, NewEvent, StoredEvent, StreamAppend } from "../store.ts";
import { numbers, texts } from "./array-literals.ts";
import { expectedNumber } from "./expected-number.ts";
import type { Sql } from "./pool.ts";
import type { Tx } from "./transaction.ts";

const HASH_BYTES = 32;

interface AppendedBatch {
  readonly heads: readonly number[];
  readonly head_hashes: Uint8Array;
  readonly versions: readonly number[];
  readonly hashes: Uint8Array;
}

/**
 * Events at the ends of different streams, where all ids are new and all streams as expected: one statement, in which
 * the server chains them. Undefined when there is more to it; nothing but the locks has been taken then.
 */
export async function appendBatch(
  sql: Tx | Sql,
  appends: readonly StreamAppend[],
): Promise<readonly AppendResult[] | undefined> {
  if (!isPlain(appends)) return undefined;
  const parts = partitionsOf(appends);
  const events = appends.flatMap((append) => append.events);
  const metadata = events.map((event) => sortedMetadata(event.metadata));
  const tails = canonicalTails(events, metadata);
  const row = await callAppendEvents(sql, parts, appends, { events, metadata, tails });
  return row === undefined ? undefined : resultsOf(appends, parts, tails, row);
}

function isPlain(appends: readonly StreamAppend[]): boolean {
  const streams = new Set<string>();
  const ids = new Set<string>();
  let count = 0;
  for (const { stream, events } of appends) {
    if (events.length === 0) return false;
    streams.add(stream);
    count += events.length;
    for (const event of events) {
      checkEvent(stream, event);
      ids.add(event.id);
    }
  }
  return streams.size === appends.length && ids.size === count;
}

interface EncodedEvents {
  readonly events: readonly NewEvent[];
  readonly metadata: readonly ReturnType<typeof sortedMetadata>[];
  readonly tails: CanonicalTails;
}

async function callAppendEvents(
  sql: Tx | Sql,
  parts: readonly number[],
  appends: readonly StreamAppend[],
  { events, metadata, tails: { bytes, from, payloadFrom } }: EncodedEvents,
): Promise<AppendedBatch | undefined> {
  const lengths = from.map((at, index) => (from[index + 1] ?? bytes.byteLength) - at);
  const one = (at: number): number => at + 1;
  const [row] = await sql<AppendedBatch[]>`
    SELECT * FROM append_events(
      ${numbers(parts)}::smallint[],
      ${numbers(appends.map(({ stream }) => partitionOf(stream)))}::smallint[],
      ${texts(appends.map(({ stream }) => stream))}::text[],
      ${numbers(appends.map(({ expected }) => expectedNumber(expected)))}::bigint[],
      ${numbers(appends.map((append) => append.events.length))}::integer[],
      ${texts(events.map(({ id }) => id))}::text[],
      ${texts(events.map(({ type }) => type))}::text[],
      ${numbers(events.map(({ schemaVersion }) => schemaVersion))}::smallint[],
      ${texts(metadata.map((entries) => (entries.length === 0 ? "{}" : JSON.stringify(Object.fromEntries(entries)))))}::text[],
      ${numbers(events.map(({ atMs }) => atMs))}::bigint[],
      decode(${base64(bytes)}::text, 'base64'),
      ${numbers(from.map(one))}::integer[],
      ${numbers(lengths)}::integer[],
      ${numbers(payloadFrom.map(one))}::integer[],
      ${numbers(events.map(({ payload }) => payload.byteLength))}::integer[])`;
  return row;
}

/** Two thirds of the bytes that the driver's own hexadecimal would send. */
const base64 = ({ buffer, byteOffset, byteLength }: CanonicalTails["bytes"]): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64");

function resultsOf(
  appends: readonly StreamAppend[],
  parts: readonly number[],
  { bytes, payloadFrom }: CanonicalTails,
  row: AppendedBatch,
): AppendResult[] {
  const heads = new Map(parts.map((part, index) => [part, row.heads[index] ?? 0]));
  // Copied, as the driver's own bytes belong to a larger piece of memory.
  const hashes = Uint8Array.from(row.hashes);
  let done = 0;
  const results = appends.map(({ stream, events }, index): AppendResult => {
    const part = partitionOf(stream);
    const head = heads.get(part) ?? 0;
    const before = row.versions[index] ?? 0;
    heads.set(part, head + events.length);
    const stored = events.map((event, place) => {
      const hash = hashes.subarray(done * HASH_BYTES, (done + 1) * HASH_BYTES);
      // Already a copy that nobody else writes to.
      const payload = new Uint8Array(
        bytes.buffer,
        bytes.byteOffset + (payloadFrom[done] ?? 0),
        event.payload.byteLength,
      );
      done += 1;
      const { id, type, schemaVersion, atMs } = event;
      const metadata = { ...event.metadata };
      const [gpos, version] = [head + place + 1, before + place + 1];
      return { id, type, schemaVersion, payload, metadata, atMs, part, gpos, stream, version, hash };
    });
    return { stream, version: before + events.length, events: stored, repeated: false };
  });
  demandChainedAlike(results[0]?.events[0], parts, row.head_hashes);
  return results;
}

/** The server chains as verification does, or nothing may be committed. */
function demandChainedAlike(first: StoredEvent | undefined, parts: readonly number[], headHashes: Uint8Array): void {
  if (first === undefined) throw new SentinelError("internal");
  const at = parts.indexOf(first.part) * HASH_BYTES;
  const expected = chainHash(headHashes.subarray(at, at + HASH_BYTES), first);
  if (Buffer.compare(expected, first.hash) !== 0) throw new SentinelError("internal");
}
