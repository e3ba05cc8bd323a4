import { type Beat, CheckResult, verdictFromJSON } from "@sentinel/contracts";
import type { Tx } from "@sentinel/eventstore/postgres";
import type { CheckLog, CheckRow } from "../port.ts";
import { bytes, floats, integers } from "./arrays.ts";

export function postgresChecks(tx: Tx): CheckLog {
  return {
    insert: (rows) => insert(tx, rows),
    list: async ({ monitorId, beforeMs, afterMs, limit }) => {
      const rows = await tx<{ payload: Uint8Array; result: Uint8Array | null }[]>`
        SELECT c.payload, e.result FROM checks c
        LEFT JOIN check_evidence e USING (monitor_id, slot_ms, region)
        WHERE c.monitor_id = ${monitorId} AND c.slot_ms < ${beforeMs} AND c.slot_ms >= ${afterMs}
        ORDER BY c.slot_ms DESC LIMIT ${limit}`;
      return rows.map((row) => CheckResult.decode(row.result ?? row.payload));
    },
    beats: (monitorIds, count) => beats(tx, monitorIds, count),
  };
}

async function insert(tx: Tx, rows: readonly CheckRow[]): Promise<readonly boolean[]> {
  if (rows.length === 0) return [];
  const inserted = await tx<{ monitor_id: string; region: string; slot_ms: number }[]>`
    INSERT INTO checks (monitor_id, region, slot_ms, verdict, duration_ms, reason, payload)
    SELECT * FROM unnest(
      ${rows.map((row) => row.monitorId)}::text[],
      ${rows.map((row) => row.region)}::text[],
      ${integers(
        tx,
        rows.map((row) => row.slotMs),
      )}::bigint[],
      ${rows.map((row) => row.verdict)}::text[],
      ${floats(
        tx,
        rows.map((row) => row.durationMs),
      )}::float8[],
      ${rows.map((row) => row.reason)}::text[],
      ${bytes(
        tx,
        rows.map((row) => row.payload),
      )}::bytea[]
    )
    ON CONFLICT DO NOTHING RETURNING monitor_id, region, slot_ms`;
  const fresh = new Set(inserted.map((row) => keyOf(row.monitor_id, row.region, row.slot_ms)));
  // The same round twice in one batch: the first is the row, the second is old.
  const flags = rows.map((row) => fresh.delete(keyOf(row.monitorId, row.region, row.slotMs)));
  await insertEvidence(
    tx,
    rows.filter((_, index) => flags[index] === true),
  );
  return flags;
}

const keyOf = (monitorId: string, region: string, slotMs: number): string => `${monitorId} ${region} ${slotMs}`;

async function insertEvidence(tx: Tx, rows: readonly CheckRow[]): Promise<void> {
  const failing = rows.flatMap((row) => (row.evidence === undefined ? [] : [{ ...row, evidence: row.evidence }]));
  if (failing.length === 0) return;
  await tx`
    INSERT INTO check_evidence (monitor_id, region, slot_ms, result)
    SELECT * FROM unnest(
      ${failing.map((row) => row.monitorId)}::text[],
      ${failing.map((row) => row.region)}::text[],
      ${integers(
        tx,
        failing.map((row) => row.slotMs),
      )}::bigint[],
      ${bytes(
        tx,
        failing.map((row) => row.evidence),
      )}::bytea[]
    ) ON CONFLICT DO NOTHING`;
}

interface BeatRow {
  readonly monitor_id: string;
  readonly slot_ms: number;
  readonly verdict: string;
  readonly duration_ms: number;
  readonly reason: string;
}

async function beats(
  tx: Tx,
  monitorIds: readonly string[],
  count: number,
): Promise<ReadonlyMap<string, readonly Beat[]>> {
  const rows = await tx<BeatRow[]>`
    SELECT b.* FROM unnest(${[...monitorIds]}::text[]) AS m (id)
    CROSS JOIN LATERAL (
      SELECT monitor_id, slot_ms, verdict, duration_ms, reason FROM checks
      WHERE monitor_id = m.id ORDER BY slot_ms DESC LIMIT ${count}
    ) b ORDER BY b.monitor_id, b.slot_ms`;
  const found = new Map<string, Beat[]>(monitorIds.map((id) => [id, []]));
  for (const row of rows) {
    found.get(row.monitor_id)?.push({
      slotMs: row.slot_ms,
      verdict: verdictFromJSON(row.verdict),
      durationMs: row.duration_ms,
      reason: row.reason,
    });
  }
  return found;
}
