import { hash } from "node:crypto";
import type { StoredEvent } from "./store.ts";

/** The hash before the first event of a partition: 32 zero bytes. */
export const CHAIN_START: Uint8Array = new Uint8Array(32);

/** Where a partition's chain stops being true. */
export interface ChainBreak {
  readonly part: number;
  /** The first position that is missing, doubled or altered. */
  readonly gpos: number;
  readonly problem: "gap" | "hash";
}

/** A row before it is chained. */
export type Row = Omit<StoredEvent, "hash">;

/**
 * The bytes a row is hashed as: a version tag, then each field in the order part, gpos, stream, version, id, type,
 * schemaVersion, atMs, payload, count of metadata, and its keys and values sorted by key in UTF-16 order. Integers are
 * 8 bytes, signed, big endian; texts are UTF-8; texts and bytes follow their length. So no two rows share an encoding.
 */
export function canonicalBytes(row: Row): Uint8Array {
  return encode(row, 0);
}

const TAG = "sentinel-event/1\n";
const INTEGER_BYTES = 8;
/** At most: one unit of UTF-16 is up to three bytes of UTF-8. */
const BYTES_OF_UNIT = 3;

/** The canonical bytes after `offset` free ones: one buffer, as verification does this for every event there is. */
function encode(row: Row, offset: number): Buffer<ArrayBuffer> {
  const metadata = sortedMetadata(row.metadata);
  const head = TAG.length + 4 * INTEGER_BYTES + row.stream.length * BYTES_OF_UNIT;
  const buffer = Buffer.allocUnsafe(offset + head + tailBound(row, metadata));
  let at = offset + buffer.write(TAG, offset);
  at = writeInteger(buffer, row.part, at);
  at = writeInteger(buffer, row.gpos, at);
  at = writeText(buffer, row.stream, at);
  at = writeInteger(buffer, row.version, at);
  return buffer.subarray(0, writeTail(buffer, row, metadata, at).end);
}

type Entries = readonly (readonly [string, string])[];
type Tail = Pick<Row, "id" | "type" | "schemaVersion" | "atMs" | "payload">;

/** Room for the canonical bytes after the version. */
function tailBound(row: Tail, metadata: Entries): number {
  const pairs = metadata.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const units = row.id.length + row.type.length + pairs;
  return (6 + 2 * metadata.length) * INTEGER_BYTES + units * BYTES_OF_UNIT + row.payload.byteLength;
}

function writeTail(
  buffer: Buffer,
  row: Tail,
  metadata: Entries,
  from: number,
): { readonly payloadAt: number; readonly end: number } {
  let at = writeText(buffer, row.id, from);
  at = writeText(buffer, row.type, at);
  at = writeInteger(buffer, row.schemaVersion, at);
  at = writeInteger(buffer, row.atMs, at);
  const payloadAt = writeInteger(buffer, row.payload.byteLength, at);
  buffer.set(row.payload, payloadAt);
  at = writeInteger(buffer, metadata.length, payloadAt + row.payload.byteLength);
  for (const [key, value] of metadata) at = writeText(buffer, value, writeText(buffer, key, at));
  return { payloadAt, end: at };
}

function writeInteger(buffer: Buffer, value: number, at: number): number {
  const high = Math.floor(value / 2 ** 32);
  return buffer.writeUInt32BE(value - high * 2 ** 32, buffer.writeInt32BE(high, at));
}

function writeText(buffer: Buffer, value: string, at: number): number {
  const length = buffer.write(value, at + INTEGER_BYTES);
  return writeInteger(buffer, length, at) + length;
}

/** Where each event's canonical bytes after its version begin, and its payload within them; counted from 0. */
export interface CanonicalTails {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly from: readonly number[];
  readonly payloadFrom: readonly number[];
}

/** What can be encoded before positions are known, of many events one after the other, in memory of its own. */
export function canonicalTails(events: readonly Tail[], metadata: readonly Entries[]): CanonicalTails {
  const bound = events.reduce((sum, event, index) => sum + tailBound(event, metadata[index] ?? []), 0);
  const buffer = Buffer.allocUnsafeSlow(bound);
  const from: number[] = [];
  const payloadFrom: number[] = [];
  let at = 0;
  for (const [index, event] of events.entries()) {
    from.push(at);
    const { payloadAt, end } = writeTail(buffer, event, metadata[index] ?? [], at);
    payloadFrom.push(payloadAt);
    at = end;
  }
  return { bytes: buffer.subarray(0, at), from, payloadFrom };
}

/** Canonical bytes with position and version yet unknown, and where these go: 8 bytes each, counted from 0. */
export function canonicalForm(row: Omit<Row, "gpos" | "version">): {
  readonly bytes: Uint8Array;
  readonly gposAt: number;
  readonly versionAt: number;
} {
  const gposAt = TAG.length + INTEGER_BYTES;
  const versionAt = gposAt + 2 * INTEGER_BYTES + Buffer.byteLength(row.stream);
  return { bytes: canonicalBytes({ ...row, gpos: 0, version: 0 }), gposAt, versionAt };
}

/** Entries sorted by key, which are unique. */
export function sortedMetadata(metadata: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** SHA-256 over the previous hash and the row's canonical bytes. */
export function chainHash(previous: Uint8Array, row: Row): Uint8Array {
  const bytes = encode(row, previous.byteLength);
  bytes.set(previous, 0);
  return new Uint8Array(hash("sha256", bytes, "buffer"));
}

/**
 * Walks events of one partition in order from a known hash: `CHAIN_START`, or the last hash of the page before.
 * Returns the first break, or undefined when every position follows and every hash is true.
 * @param afterGpos The position before the first event of the page.
 */
export function verifyChain(
  events: readonly StoredEvent[],
  startHash: Uint8Array,
  afterGpos?: number,
): ChainBreak | undefined {
  let previous = startHash;
  let gpos = afterGpos ?? (events[0]?.gpos ?? 1) - 1;
  for (const event of events) {
    gpos += 1;
    if (event.gpos !== gpos) return { part: event.part, gpos, problem: "gap" };
    if (!isChained(previous, event)) return { part: event.part, gpos, problem: "hash" };
    previous = event.hash;
  }
  return undefined;
}

/** An altered row may hold what no append can write, such as a number among the metadata. */
function isChained(previous: Uint8Array, event: StoredEvent): boolean {
  const plain = Object.values(event.metadata).every((value) => typeof value === "string");
  return plain && Buffer.compare(chainHash(previous, event), event.hash) === 0;
}
