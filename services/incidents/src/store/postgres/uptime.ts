import type { Tx } from "@sentinel/eventstore/postgres";
import { decodeSlots } from "../../checklog/chunk.ts";
import { addCounts, countRounds } from "../../checklog/count-rounds.ts";
import { decodeHeads, type RoundHead } from "../../checklog/segment.ts";
import type { Uptime, UptimeCounts } from "../port.ts";
import { integers, texts } from "./arrays.ts";

export function postgresUptime(tx: Tx): Uptime {
  return { since: (hourMs) => since(tx, hourMs) };
}

async function since(tx: Tx, hourMs: number): Promise<readonly UptimeCounts[]> {
  const hot = await uncountedRounds(tx, hourMs);
  const counted = await tx<UptimeCounts[]>`
    SELECT monitor_id AS "monitorId", hour_ms AS "hourMs", healthy, degraded, down, unknown, missed
    FROM uptime_hourly WHERE hour_ms >= ${hourMs}`;
  return addCounts([...counted, ...countRounds(hot)]);
}

/** Hot rounds, without those that are kept twice while their hour is packed. */
async function uncountedRounds(tx: Tx, hourMs: number): Promise<readonly RoundHead[]> {
  // One statement, so that both are seen as they were at one instant.
  const rows = await tx<{ data: Uint8Array | null; monitorId: string; region: string; chunk: Uint8Array }[]>`
    WITH hot AS (SELECT hour_ms, data FROM check_segments WHERE hour_ms >= ${hourMs} AND NOT counted)
    SELECT data, '' AS "monitorId", '' AS region, NULL AS chunk FROM hot
    UNION ALL
    SELECT NULL, monitor_id, region, chunk FROM check_chunks WHERE hour_ms IN (SELECT hour_ms FROM hot)`;
  const heads: RoundHead[] = [];
  const packed = new Set<string>();
  for (const { data, monitorId, region, chunk } of rows) {
    if (data !== null) heads.push(...decodeHeads(data));
    else for (const slotMs of decodeSlots(chunk)) packed.add(keyOf({ monitorId, region, slotMs }));
  }
  return heads.filter((head) => !packed.has(keyOf(head)));
}

const keyOf = ({ monitorId, region, slotMs }: Pick<RoundHead, "monitorId" | "region" | "slotMs">): string =>
  `${monitorId} ${region} ${slotMs}`;

/** Adds counts of rounds that are packed. */
export async function addUptime(tx: Tx, counts: readonly UptimeCounts[]): Promise<void> {
  if (counts.length === 0) return;
  const column = (name: Exclude<keyof UptimeCounts, "monitorId">) =>
    integers(
      tx,
      counts.map((count) => count[name]),
    );
  await tx`
    INSERT INTO uptime_hourly AS u (monitor_id, hour_ms, healthy, degraded, down, unknown, missed)
    SELECT * FROM unnest(
      ${texts(counts.map((count) => count.monitorId))}::text[], ${column("hourMs")}::bigint[],
      ${column("healthy")}::int[], ${column("degraded")}::int[], ${column("down")}::int[],
      ${column("unknown")}::int[], ${column("missed")}::int[])
    ON CONFLICT (monitor_id, hour_ms) DO UPDATE SET
      healthy = u.healthy + excluded.healthy, degraded = u.degraded + excluded.degraded,
      down = u.down + excluded.down, unknown = u.unknown + excluded.unknown, missed = u.missed + excluded.missed`;
}
