import type { EventContent } from "../store.ts";
import { readPartition } from "./read.ts";
import { safeInteger } from "./safe-integer.ts";
import type { Tx } from "./transaction.ts";

/** A page of events in one row, column by column: numbers as arrays, texts with a character between them. */
interface PageRow {
  readonly gpos: string | null;
  readonly versions: string;
  readonly schema_versions: string;
  readonly ats_ms: string;
  readonly lengths: string;
  readonly streams: string;
  readonly types: string;
  readonly payloads: Uint8Array;
}

/** In names of streams and types it is allowed and yet never used; where it is, the page is read row by row. */
const BETWEEN = "\u0001";

/**
 * Reads a page as one row, which neither side has to take apart field by field: for a whole log that is most of the work.
 */
export async function readContent(
  tx: Tx,
  part: number,
  afterGpos: number,
  limit: number,
): Promise<readonly EventContent[]> {
  const [row] = await tx<PageRow[]>`
    SELECT array_agg(gpos)::text AS gpos, array_agg(version)::text AS versions,
      array_agg(schema_version)::text AS schema_versions, array_agg(at_ms)::text AS ats_ms,
      array_agg(length(payload))::text AS lengths, string_agg(stream, ${BETWEEN}) AS streams,
      string_agg(type, ${BETWEEN}) AS types, string_agg(payload, '') AS payloads
    FROM (SELECT gpos, version, schema_version, at_ms, stream, type, payload FROM events
      WHERE part = ${part} AND gpos > ${afterGpos} ORDER BY gpos LIMIT ${limit}) AS page`;
  if (row === undefined || row.gpos === null) return [];
  return contentOf(part, row, row.gpos) ?? (await readPartition(tx, part, afterGpos, limit));
}

function contentOf(part: number, row: PageRow, positions: string): EventContent[] | undefined {
  const gpos = numbersIn(positions);
  const streams = row.streams.split(BETWEEN);
  const types = row.types.split(BETWEEN);
  if (streams.length !== gpos.length || types.length !== gpos.length) return undefined;
  const versions = numbersIn(row.versions);
  const schemaVersions = numbersIn(row.schema_versions);
  const atsMs = numbersIn(row.ats_ms);
  const lengths = numbersIn(row.lengths);
  // Copied once, so that payloads are parts of memory of their own.
  const payloads = Uint8Array.from(row.payloads);
  let at = 0;
  return gpos.map((position, index) => ({
    part,
    gpos: position,
    stream: streams[index] ?? "",
    version: versions[index] ?? 0,
    type: types[index] ?? "",
    schemaVersion: schemaVersions[index] ?? 0,
    payload: payloads.subarray(at, (at += lengths[index] ?? 0)),
    atMs: atsMs[index] ?? 0,
  }));
}

/** Of PostgreSQL's array literal without nulls. @throws SentinelError `integer_too_large` {value} */
const numbersIn = (literal: string): number[] => literal.slice(1, -1).split(",").map(safeInteger);
