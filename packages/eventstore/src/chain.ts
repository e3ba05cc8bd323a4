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

/** The canonical bytes after `offset` free ones: one buffer, as verification does this for every event there is. */
function encode(row: Row, offset: number): Buffer<ArrayBuffer> {
  const metadata = sortedMetadata(row.metadata);
  const buffer = Buffer.allocUnsafe(offset + TAG.length + sizeOf(row, metadata));
  let at = offset + buffer.write(TAG, offset);
  const integer = (value: number): void => {
    const high = Math.floor(value / 2 ** 32);
    at = buffer.writeInt32BE(high, at);
    at = buffer.writeUInt32BE(value - high * 2 ** 32, at);
  };
  const text = (value: string): void => {
    const length = buffer.write(value, at + INTEGER_BYTES);
    integer(length);
    at += length;
  };
  integer(row.part);
  integer(row.gpos);
  text(row.stream);
  integer(row.version);
  text(row.id);
  text(row.type);
  integer(row.schemaVersion);
  integer(row.atMs);
  integer(row.payload.byteLength);
  buffer.set(row.payload, at);
  at += row.payload.byteLength;
  integer(metadata.length);
  for (const [key, value] of metadata) {
    text(key);
    text(value);
  }
  return buffer;
}

function sizeOf(row: Row, metadata: readonly (readonly [string, string])[]): number {
  const text = (value: string): number => INTEGER_BYTES + Buffer.byteLength(value, "utf8");
  const integers = 7 * INTEGER_BYTES;
  const pairs = metadata.reduce((sum, [key, value]) => sum + text(key) + text(value), 0);
  return integers + text(row.stream) + text(row.id) + text(row.type) + row.payload.byteLength + pairs;
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
