import { CHAIN_START } from "../chain.ts";
import type { Head } from "../plan-append.ts";
import type { StoredEvent } from "../store.ts";
import type { Tx } from "./transaction.ts";

/** A row of `events` as the driver gives it. */
export interface EventRow {
  readonly part: number;
  readonly gpos: number;
  readonly stream: string;
  readonly version: number;
  readonly event_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly payload: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly at_ms: number;
  readonly hash: Uint8Array;
}

export function storedEvent(row: EventRow): StoredEvent {
  return {
    part: row.part,
    gpos: row.gpos,
    stream: row.stream,
    version: row.version,
    id: row.event_id,
    type: row.type,
    schemaVersion: row.schema_version,
    payload: view(row.payload),
    metadata: row.metadata,
    atMs: row.at_ms,
    hash: view(row.hash),
  };
}

/** Not a copy: where a whole log is read, memory of its own for each of its values would be most of the work. */
const view = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export async function readStream(tx: Tx, stream: string, fromVersion = 1): Promise<readonly StoredEvent[]> {
  const rows = await tx<EventRow[]>`
    SELECT * FROM events WHERE stream = ${stream} AND version >= ${fromVersion} ORDER BY version`;
  return rows.map(storedEvent);
}

export async function readPartition(
  tx: Tx,
  part: number,
  afterGpos: number,
  limit: number,
): Promise<readonly StoredEvent[]> {
  const rows = await tx<EventRow[]>`
    SELECT * FROM events WHERE part = ${part} AND gpos > ${afterGpos} ORDER BY gpos LIMIT ${limit}`;
  return rows.map(storedEvent);
}

export async function readHead(tx: Tx, part: number): Promise<Head> {
  const [row] = await tx<{ head: number; hash: Uint8Array }[]>`SELECT head, hash FROM heads WHERE part = ${part}`;
  return row === undefined ? { gpos: 0, hash: CHAIN_START } : { gpos: row.head, hash: new Uint8Array(row.hash) };
}
