import type { Tx } from "@sentinel/eventstore/postgres";
import { decodeSlots } from "../../checklog/chunk.ts";
import { hourOf } from "../../checklog/pack-hour.ts";
import type { CheckLog, CheckRow } from "../port.ts";
import { bytes, floats, integers, texts } from "./arrays.ts";
import { postgresChunks } from "./chunks.ts";
import { beats, list } from "./read-checks.ts";

export function postgresChecks(tx: Tx): CheckLog {
  return {
    insert: (rows) => insert(tx, rows),
    list: (query) => list(tx, query),
    beats: (monitorIds, count) => beats(tx, monitorIds, count),
    ...postgresChunks(tx),
  };
}

async function insert(tx: Tx, rows: readonly CheckRow[]): Promise<readonly boolean[]> {
  if (rows.length === 0) return [];
  const [inserted, [packing]] = await Promise.all([insertHot(tx, rows), packedUntil(tx)]);
  const untilMs = packing?.packed_until_ms ?? 0;
  const suspects = inserted.filter((row) => row.slot_ms < untilMs);
  if (inserted.length === rows.length && suspects.length === 0) {
    await insertEvidence(tx, rows);
    return rows.map(() => true);
  }
  const fresh = new Set(inserted.map(keyOf));
  for (const key of await takeBackPacked(tx, suspects)) fresh.delete(key);
  // The same round twice in one batch: the first is the row, the second is old.
  const flags = rows.map((row) => fresh.delete(keyOf({ ...row, monitor_id: row.monitorId, slot_ms: row.slotMs })));
  await insertEvidence(
    tx,
    rows.filter((_, index) => flags[index] === true),
  );
  return flags;
}

/** Sent after the insert, so that it sees what was packed while the insert waited for a row. */
const packedUntil = (tx: Tx) => tx<{ packed_until_ms: number }[]>`SELECT packed_until_ms FROM check_packing`;

interface SlotRow {
  readonly monitor_id: string;
  readonly region: string;
  readonly slot_ms: number;
}

const keyOf = ({ monitor_id, region, slot_ms }: SlotRow): string => `${monitor_id} ${region} ${slot_ms}`;

/** Rounds that came again after they were packed are not new: their rows go, and their keys come back. */
async function takeBackPacked(tx: Tx, suspects: readonly SlotRow[]): Promise<readonly string[]> {
  if (suspects.length === 0) return [];
  const ids = suspects.map((row) => row.monitor_id);
  const hours = [...new Set(suspects.map((row) => hourOf(row.slot_ms)))];
  const chunks = await tx<{ monitor_id: string; region: string; chunk: Uint8Array }[]>`
    SELECT monitor_id, region, chunk FROM check_chunks
    WHERE monitor_id = ANY(${[...new Set(ids)]}::text[]) AND hour_ms = ANY(${integers(tx, hours)}::bigint[])`;
  const packed = new Set(chunks.flatMap((row) => decodeSlots(row.chunk).map((slot_ms) => keyOf({ ...row, slot_ms }))));
  const again = suspects.filter((row) => packed.has(keyOf(row)));
  if (again.length === 0) return [];
  await tx`
    DELETE FROM checks c USING unnest(
      ${again.map((row) => row.monitor_id)}::text[], ${again.map((row) => row.region)}::text[],
      ${integers(
        tx,
        again.map((row) => row.slot_ms),
      )}::bigint[]) AS a (id, region, slot_ms)
    WHERE c.monitor_id = a.id AND c.region = a.region AND c.slot_ms = a.slot_ms`;
  return again.map(keyOf);
}

const insertHot = (tx: Tx, rows: readonly CheckRow[]) =>
  tx<SlotRow[]>`
    INSERT INTO checks (monitor_id, region, slot_ms, verdict, duration_ms, reason, payload)
    SELECT * FROM unnest(
      ${texts(rows.map((row) => row.monitorId))}::text[],
      ${texts(rows.map((row) => row.region))}::text[],
      ${integers(
        tx,
        rows.map((row) => row.slotMs),
      )}::bigint[],
      ${texts(rows.map((row) => row.verdict))}::text[],
      ${floats(
        tx,
        rows.map((row) => row.durationMs),
      )}::float8[],
      ${texts(rows.map((row) => row.reason))}::text[],
      ${bytes(
        tx,
        rows.map((row) => row.payload),
      )}::bytea[]
    )
    ON CONFLICT DO NOTHING RETURNING monitor_id, region, slot_ms`;

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
