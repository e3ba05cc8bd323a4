import type { Tx } from "@sentinel/eventstore/postgres";
import { decodeHistogram, encodeHistogram, type Histogram, mergeHistograms } from "../../checklog/histogram.ts";
import { dayOf, HOUR_MS, hourOf, packHour, type PackedHour, resultOf } from "../../checklog/pack-hour.ts";
import {
  type CheckSpan,
  type CheckSummary,
  type DaySummary,
  type HourChunk,
  summarize,
  wholeDays,
} from "../../checklog/summarize.ts";
import { addTime, NO_TIME, type TimeByVerdict } from "../../checklog/time-by-verdict.ts";
import type { CheckLog, MonitorHour } from "../port.ts";
import { bytes, integers } from "./arrays.ts";
import { type HotRow, rowOf } from "./hot-rows.ts";

/** The packed part of the check log. */
export function postgresChunks(tx: Tx): Pick<CheckLog, "summary" | "packable" | "pack"> {
  return {
    summary: (span) => summary(tx, span),
    packable: async ({ beforeMs, afterId, limit }) =>
      // From monitor to monitor by the index, whatever each has of rows.
      await tx<MonitorHour[]>`
        WITH RECURSIVE m (id, n) AS (
          SELECT (SELECT monitor_id FROM checks WHERE slot_ms < ${beforeMs} AND monitor_id > ${afterId}
            ORDER BY monitor_id LIMIT 1), 1
          UNION ALL
          SELECT (SELECT monitor_id FROM checks WHERE slot_ms < ${beforeMs} AND monitor_id > m.id
            ORDER BY monitor_id LIMIT 1), n + 1
          FROM m WHERE m.id IS NOT NULL AND n < ${limit}
        )
        SELECT id AS "monitorId", (SELECT min(slot_ms) FROM checks WHERE monitor_id = id) / ${HOUR_MS} * ${HOUR_MS}
          AS "hourMs"
        FROM m WHERE id IS NOT NULL`,
    pack: (hours) => pack(tx, hours),
  };
}

interface Pack {
  readonly monitorId: string;
  readonly region: string;
  readonly hourMs: number;
  readonly packed: PackedHour;
}

async function pack(tx: Tx, hours: readonly (MonitorHour & { readonly everyMs: number })[]): Promise<number> {
  if (hours.length === 0) return 0;
  // If the machine stops before this is on disk, the rows are as they were and are packed again.
  await tx`SET LOCAL synchronous_commit = off`;
  const rows = await takeRows(tx, hours);
  if (rows.length === 0) return 0;
  const everyMs = new Map(hours.map((hour) => [hour.monitorId, hour.everyMs]));
  const groups = Map.groupBy(rows, (row) => keyOf(row.monitor_id, row.region, hourOf(row.slot_ms)));
  const old = await lockChunks(tx, hours);
  const packs: Pack[] = [];
  for (const [key, group] of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const { monitor_id: monitorId, region } = first;
    const packed = packHour({ monitorId, region }, old.get(key), group.map(rowOf), everyMs.get(monitorId) ?? 0);
    packs.push({ monitorId, region, hourMs: hourOf(first.slot_ms), packed });
  }
  await saveChunks(tx, packs);
  await addToDays(tx, packs);
  const until = Math.max(...hours.map(({ hourMs }) => hourMs)) + HOUR_MS;
  await tx`UPDATE check_packing SET packed_until_ms = ${until} WHERE packed_until_ms < ${until}`;
  return rows.length;
}

const keyOf = (monitorId: string, region: string, atMs: number): string => `${monitorId} ${region} ${atMs}`;

const boundsOf = (hours: readonly MonitorHour[]): readonly [number, number] => [
  Math.min(...hours.map(({ hourMs }) => hourMs)),
  Math.max(...hours.map(({ hourMs }) => hourMs)) + HOUR_MS,
];

const columnsOf = (tx: Tx, hours: readonly MonitorHour[]) =>
  tx`unnest(${hours.map(({ monitorId }) => monitorId)}::text[], ${integers(
    tx,
    hours.map(({ hourMs }) => hourMs),
  )}::bigint[]) AS h (id, at_ms)`;

async function takeRows(tx: Tx, hours: readonly MonitorHour[]): Promise<readonly HotRow[]> {
  const [fromMs, toMs] = boundsOf(hours);
  return await tx<HotRow[]>`
    DELETE FROM checks c USING ${columnsOf(tx, hours)}
    WHERE c.monitor_id = h.id AND c.slot_ms >= h.at_ms AND c.slot_ms < h.at_ms + ${HOUR_MS}
      AND c.slot_ms >= ${fromMs} AND c.slot_ms < ${toMs}
    RETURNING c.monitor_id, c.region, c.slot_ms, c.verdict, c.duration_ms, c.reason, c.payload`;
}

async function lockChunks(tx: Tx, hours: readonly MonitorHour[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const [fromMs, toMs] = boundsOf(hours);
  const rows = await tx<{ monitor_id: string; region: string; hour_ms: number; chunk: Uint8Array }[]>`
    SELECT k.monitor_id, k.region, k.hour_ms, k.chunk FROM check_chunks k JOIN ${columnsOf(tx, hours)}
      ON k.monitor_id = h.id AND k.hour_ms = h.at_ms
    WHERE k.hour_ms >= ${fromMs} AND k.hour_ms < ${toMs} FOR UPDATE OF k`;
  return new Map(rows.map((row) => [keyOf(row.monitor_id, row.region, row.hour_ms), row.chunk]));
}

/** Throws when a chunk is not as it was when it was read: writing over it would lose rounds. */
async function saveChunks(tx: Tx, packs: readonly Pack[]): Promise<void> {
  const numbers = (value: (pack: Pack) => number) => integers(tx, packs.map(value));
  const saved = await tx`
    WITH n AS (
      SELECT * FROM unnest(
        ${packs.map(({ monitorId }) => monitorId)}::text[], ${numbers(({ hourMs }) => hourMs)}::bigint[],
        ${packs.map(({ region }) => region)}::text[], ${numbers(({ packed }) => packed.rounds)}::int[],
        ${numbers(({ packed }) => packed.roundsBefore)}::int[],
        ${bytes(
          tx,
          packs.map(({ packed }) => packed.chunk),
        )}::bytea[]) AS n (id, hour_ms, region, rounds, rounds_before, chunk)
    ), changed AS (
      UPDATE check_chunks k SET rounds = n.rounds, chunk = n.chunk FROM n
      WHERE k.monitor_id = n.id AND k.hour_ms = n.hour_ms AND k.region = n.region AND k.rounds = n.rounds_before
      RETURNING 1
    ), made AS (
      INSERT INTO check_chunks (monitor_id, hour_ms, region, rounds, chunk)
      SELECT id, hour_ms, region, rounds, chunk FROM n WHERE rounds_before = 0 RETURNING 1
    ) SELECT FROM changed UNION ALL SELECT FROM made`;
  if (saved.length !== packs.length) throw new Error("an hour of checks was packed by somebody else meanwhile");
}

interface DayRow extends TimeByVerdict {
  readonly monitorId: string;
  readonly region: string;
  readonly dayMs: number;
  readonly latency: Uint8Array;
}

const dayColumns = (tx: Tx) => tx`
  monitor_id AS "monitorId", region, day_ms AS "dayMs", up_ms AS "upMs", down_ms AS "downMs",
  unknown_ms AS "unknownMs", missed_ms AS "missedMs", latency`;

async function addToDays(tx: Tx, packs: readonly Pack[]): Promise<void> {
  const ids = [...new Set(packs.map(({ monitorId }) => monitorId))];
  const daysMs = [...new Set(packs.map(({ hourMs }) => dayOf(hourMs)))];
  const old = await tx<DayRow[]>`
    SELECT ${dayColumns(tx)} FROM check_days
    WHERE monitor_id = ANY(${ids}::text[]) AND day_ms = ANY(${integers(tx, daysMs)}::bigint[]) FOR UPDATE`;
  const sums = new Map<string, { readonly time: TimeByVerdict; readonly latency: Histogram; readonly pack: Pack }>();
  const known = new Map(old.map((row) => [keyOf(row.monitorId, row.region, row.dayMs), row]));
  for (const pack of packs) {
    const key = keyOf(pack.monitorId, pack.region, dayOf(pack.hourMs));
    const row = known.get(key);
    const before = sums.get(key) ?? {
      time: row ?? NO_TIME,
      latency: row === undefined ? new Map<number, number>() : decodeHistogram(row.latency),
    };
    const { addedTime, addedLatency } = pack.packed;
    const latency = mergeHistograms([before.latency, addedLatency]);
    sums.set(key, { time: addTime(before.time, addedTime), latency, pack });
  }
  const values = [...sums.values()];
  const times = (name: keyof TimeByVerdict) =>
    integers(
      tx,
      values.map(({ time }) => Math.round(time[name])),
    );
  await tx`
    INSERT INTO check_days (monitor_id, day_ms, region, up_ms, down_ms, unknown_ms, missed_ms, latency)
    SELECT * FROM unnest(
      ${values.map(({ pack }) => pack.monitorId)}::text[],
      ${integers(
        tx,
        values.map(({ pack }) => dayOf(pack.hourMs)),
      )}::bigint[],
      ${values.map(({ pack }) => pack.region)}::text[],
      ${times("upMs")}::bigint[], ${times("downMs")}::bigint[], ${times("unknownMs")}::bigint[],
      ${times("missedMs")}::bigint[],
      ${bytes(
        tx,
        values.map(({ latency }) => encodeHistogram(latency)),
      )}::bytea[])
    ON CONFLICT (monitor_id, day_ms, region) DO UPDATE SET up_ms = excluded.up_ms, down_ms = excluded.down_ms,
      unknown_ms = excluded.unknown_ms, missed_ms = excluded.missed_ms, latency = excluded.latency`;
}

async function summary(tx: Tx, span: CheckSpan): Promise<CheckSummary> {
  const { monitorId, fromMs, toMs } = span;
  const whole = wholeDays(span);
  const hot = await tx<HotRow[]>`
    SELECT monitor_id, region, slot_ms, verdict, duration_ms, reason, payload FROM checks
    WHERE monitor_id = ${monitorId} AND slot_ms >= ${fromMs} AND slot_ms < ${toMs}`;
  const hotHours = [...new Set(hot.map((row) => hourOf(row.slot_ms)))];
  const days = await tx<DayRow[]>`
    SELECT ${dayColumns(tx)} FROM check_days
    WHERE monitor_id = ${monitorId} AND day_ms >= ${whole.fromMs} AND day_ms < ${whole.toMs}`;
  const chunks = await tx<HourChunk[]>`
    SELECT region, hour_ms AS "hourMs", chunk FROM check_chunks
    WHERE monitor_id = ${monitorId} AND hour_ms > ${fromMs - HOUR_MS} AND hour_ms < ${toMs}
      AND (hour_ms < ${whole.fromMs} OR hour_ms >= ${whole.toMs}
        OR hour_ms = ANY(${integers(tx, hotHours)}::bigint[]))`;
  return summarize(span, days.map(daySummary), chunks, hot.map(rowOf).map(resultOf));
}

function daySummary(row: DayRow): DaySummary {
  const { region, dayMs, upMs, downMs, unknownMs, missedMs, latency } = row;
  return { region, dayMs, time: { upMs, downMs, unknownMs, missedMs }, latency: decodeHistogram(latency) };
}
