import { createHash } from "node:crypto";
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
  const chunks: Uint8Array[] = [Buffer.from("sentinel-event/1\n")];
  const integer = (value: number): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(value));
    chunks.push(bytes);
  };
  const bytes = (value: Uint8Array): void => {
    integer(value.byteLength);
    chunks.push(value);
  };
  const text = (value: string): void => bytes(Buffer.from(value, "utf8"));
  integer(row.part);
  integer(row.gpos);
  text(row.stream);
  integer(row.version);
  text(row.id);
  text(row.type);
  integer(row.schemaVersion);
  integer(row.atMs);
  bytes(row.payload);
  const metadata = sortedMetadata(row.metadata);
  integer(metadata.length);
  for (const [key, value] of metadata) {
    text(key);
    text(value);
  }
  return Buffer.concat(chunks);
}

/** Entries sorted by key, which are unique. */
export function sortedMetadata(metadata: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** SHA-256 over the previous hash and the row's canonical bytes. */
export function chainHash(previous: Uint8Array, row: Row): Uint8Array {
  return new Uint8Array(createHash("sha256").update(previous).update(canonicalBytes(row)).digest());
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
    const hash = chainHash(previous, event);
    if (Buffer.compare(hash, event.hash) !== 0) return { part: event.part, gpos, problem: "hash" };
    previous = hash;
  }
  return undefined;
}
