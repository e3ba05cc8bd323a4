import type { Tx } from "@sentinel/eventstore/postgres";
import { decodeHistogram, encodeHistogram, type Histogram, mergeHistograms } from "../../checklog/histogram.ts";
import { addCounts } from "../../checklog/count-rounds.ts";
import { packHour, type PackedHour } from "../../checklog/pack-hour.ts";
import { dayOf, HOUR_MS, hourOf } from "../../checklog/spans.ts";
import {
  type CheckSpan,
  type CheckSummary,
  type DaySummary,
  type HourChunk,
  summarize,
  wholeDays,
} from "../../checklog/summarize.ts";
import { addTime, NO_TIME, type TimeByVerdict } from "../../checklog/time-by-verdict.ts";
import type { CheckLog, HourToPack } from "../port.ts";
import { bytes, integers } from "./arrays.ts";
import { hotRounds } from "./segments.ts";
import { addUptime } from "./uptime.ts";

/** The packed part of the check log. */
export function postgresChunks(tx: Tx): Pick<CheckLog, "summary" | "pack"> {
  return { summary: (span) => summary(tx, span), pack: (hours) => pack(tx, hours) };
}

interface Pack {
  readonly monitorId: string;
  readonly region: string;
  readonly hourMs: number;
  readonly packed: PackedHour;
}

async function pack(tx: Tx, hours: readonly HourToPack[]): Promise<number> {
  if (hours.length === 0) return 0;
  // If the machine stops before this is on disk, the rounds are hot as before and are packed again.
  await tx`SET LOCAL synchronous_commit = off`;
  const old = await lockChunks(tx, hours);
  const packs = hours.flatMap((hour): Pack[] => {
    const { monitorId, region, hourMs } = hour;
    const packed = packHour(hour, old.get(keyOf(monitorId, region, hourMs)));
    return packed === undefined ? [] : [{ monitorId, region, hourMs, packed }];
  });
  if (packs.length === 0) return 0;
  await saveChunks(tx, packs);
  await addToDays(tx, packs);
  await addUptime(tx, addCounts(packs.flatMap(({ packed }) => packed.addedCounts)));
  const until = Math.max(...hours.map(({ hourMs }) => hourMs)) + HOUR_MS;
  await tx`UPDATE check_packing SET packed_until_ms = ${until} WHERE packed_until_ms < ${until}`;
  return packs.reduce((sum, { packed }) => sum + packed.rounds - packed.roundsBefore, 0);
}

const keyOf = (monitorId: string, region: string, atMs: number): string => `${monitorId} ${region} ${atMs}`;

const boundsOf = (hours: readonly HourToPack[]): readonly [number, number] => [
  Math.min(...hours.map(({ hourMs }) => hourMs)),
  Math.max(...hours.map(({ hourMs }) => hourMs)) + HOUR_MS,
];

const columnsOf = (tx: Tx, hours: readonly HourToPack[]) =>
  tx`unnest(${hours.map(({ monitorId }) => monitorId)}::text[], ${integers(
    tx,
    hours.map(({ hourMs }) => hourMs),
  )}::bigint[]) AS h (id, at_ms)`;

async function lockChunks(tx: Tx, hours: readonly HourToPack[]): Promise<ReadonlyMap<string, Uint8Array>> {
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
  const hot = await hotRounds(tx, span);
  const hotHours = [...new Set(hot.map(({ slotMs }) => hourOf(slotMs)))];
  const days = await tx<DayRow[]>`
    SELECT ${dayColumns(tx)} FROM check_days
    WHERE monitor_id = ${monitorId} AND day_ms >= ${whole.fromMs} AND day_ms < ${whole.toMs}`;
  const chunks = await tx<HourChunk[]>`
    SELECT region, hour_ms AS "hourMs", chunk FROM check_chunks
    WHERE monitor_id = ${monitorId} AND hour_ms > ${fromMs - HOUR_MS} AND hour_ms < ${toMs}
      AND (hour_ms < ${whole.fromMs} OR hour_ms >= ${whole.toMs}
        OR hour_ms = ANY(${integers(tx, hotHours)}::bigint[]))`;
  return summarize(span, days.map(daySummary), chunks, hot);
}

function daySummary(row: DayRow): DaySummary {
  const { region, dayMs, upMs, downMs, unknownMs, missedMs, latency } = row;
  return { region, dayMs, time: { upMs, downMs, unknownMs, missedMs }, latency: decodeHistogram(latency) };
}
