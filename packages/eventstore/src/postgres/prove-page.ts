import type { Head } from "../plan-append.ts";
import type { Tx } from "./transaction.ts";

/**
 * Lets the server itself chain the events of a page, so that none of them travels. Undefined unless each follows the one
 * before it and every hash is true: what is wrong, and whether anything is, must then be found out by reading them. It
 * needs no more than the tables, whatever version wrote them.
 * @param named The head that was read before; where the page holds that event, its hash must be that one.
 */
export async function provePage(
  tx: Tx,
  part: number,
  after: Head,
  limit: number,
  named: Head,
): Promise<{ readonly end: Head; readonly events: number } | undefined> {
  const [page] = await tx<{ events: number; sound: boolean | null; gpos: number | null; hash: Uint8Array | null }[]>`
    WITH read AS MATERIALIZED (
      SELECT * FROM events WHERE part = ${part} AND gpos > ${after.gpos} ORDER BY gpos LIMIT ${limit}
    ), metas AS MATERIALIZED (
      -- Most of the work of an event otherwise; many events have the same.
      SELECT metadata, CASE WHEN metadata = '{}' THEN int8send(0) ELSE (
        SELECT CASE WHEN bool_and(jsonb_typeof(value) = 'string') THEN int8send(count(*)) || string_agg(
          int8send(octet_length(key)) || convert_to(key, 'UTF8')
            || int8send(octet_length(value #>> '{}')) || convert_to(value #>> '{}', 'UTF8'),
          '' ORDER BY key COLLATE "C") END
        FROM jsonb_each(metadata)) END AS canonical
      FROM (SELECT DISTINCT metadata FROM read) AS d
    ), page AS (
      SELECT gpos, hash, lag(hash, 1, ${Buffer.from(after.hash)}::bytea) OVER (ORDER BY gpos) AS previous,
        ${after.gpos}::bigint + row_number() OVER (ORDER BY gpos) AS place,
        int8send(part) || int8send(gpos)
          || int8send(octet_length(stream)) || convert_to(stream, 'UTF8') || int8send(version)
          || int8send(octet_length(event_id)) || convert_to(event_id, 'UTF8')
          || int8send(octet_length(type)) || convert_to(type, 'UTF8') || int8send(schema_version) || int8send(at_ms)
          || int8send(length(payload)) || payload || metas.canonical AS canonical
      -- As a left join would be, but never in nested loops, which misjudged numbers would make endless.
      FROM read FULL JOIN metas USING (metadata)
    )
    SELECT count(*) AS events, max(gpos) AS gpos,
      (SELECT e.hash FROM events e WHERE e.part = ${part} AND e.gpos = max(page.gpos)) AS hash,
      bool_and(coalesce(
        gpos = place AND hash = sha256(previous || convert_to(E'sentinel-event/1\n', 'UTF8') || canonical)
          AND (gpos <> ${named.gpos}::bigint OR hash = ${Buffer.from(named.hash)}::bytea), false)) AS sound
    FROM page`;
  if (page === undefined) return undefined;
  if (page.gpos === null || page.hash === null) return { end: after, events: 0 };
  if (page.sound !== true) return undefined;
  return { end: { gpos: page.gpos, hash: new Uint8Array(page.hash) }, events: page.events };
}
