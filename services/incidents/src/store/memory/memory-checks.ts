import { type Beat, CheckResult } from "@sentinel/contracts";
import type { MemoryTable, MemoryTx } from "@sentinel/eventstore/memory";
import { decodeChunk, decodeSlots } from "../../checklog/chunk.ts";
import { mergeHistograms } from "../../checklog/histogram.ts";
import { dayOf, HOUR_MS, hourOf, type PackedHour, packHour, resultOf } from "../../checklog/pack-hour.ts";
import { type DaySummary, type HourChunk, summarize, wholeDays } from "../../checklog/summarize.ts";
import { addTime, NO_TIME } from "../../checklog/time-by-verdict.ts";
import type { CheckLog, CheckRow, Retention } from "../port.ts";

interface Chunk extends HourChunk {
  readonly monitorId: string;
}

interface Tables {
  readonly hot: MemoryTable<string, CheckRow>;
  readonly chunks: MemoryTable<string, Chunk>;
  readonly days: MemoryTable<string, DaySummary & { readonly monitorId: string }>;
  readonly evidence: MemoryTable<string, Uint8Array>;
}

const tablesOf = (tx: MemoryTx): Tables => ({
  hot: tx.table("checks"),
  chunks: tx.table("check_chunks"),
  days: tx.table("check_days"),
  evidence: tx.table("check_evidence"),
});

/** Rows and chunks are replaced and never changed, so each is read once. */
function remembered<K extends object, V>(read: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before.value;
    const value = read(key);
    known.set(key, { value });
    return value;
  };
}

const slotsIn = remembered((chunk: Uint8Array) => new Set(decodeSlots(chunk)));
const roundsIn = remembered(({ chunk, monitorId, region }: Chunk) => decodeChunk(chunk, { monitorId, region }));
const roundIn = remembered((row: CheckRow) => resultOf(row));

const keyOf = (monitorId: string, region: string, atMs: number): string => `${monitorId} ${region} ${atMs}`;

export function memoryChecks(tx: MemoryTx): CheckLog {
  const tables = tablesOf(tx);
  return {
    insert: async (rows) => rows.map((row) => insert(tables, row)),
    list: async ({ monitorId, beforeMs, afterMs, limit, oldestFirst = false }) => {
      const found = rounds(tables, monitorId).filter(({ slotMs }) => slotMs < beforeMs && slotMs >= afterMs);
      const wanted = (oldestFirst ? found : found.toReversed()).slice(0, limit);
      return wanted.map((round) => {
        const evidence = tables.evidence.get(keyOf(monitorId, round.region, round.slotMs));
        return evidence === undefined ? round : CheckResult.decode(evidence);
      });
    },
    beats: async (ids, count) => new Map(ids.map((id) => [id, rounds(tables, id).slice(-count).map(beatOf)])),
    summary: async (span) => {
      const mine = ({ monitorId }: { readonly monitorId: string }): boolean => monitorId === span.monitorId;
      const hot = [...tables.hot.values()].filter(mine).map(roundIn);
      const hours = new Set(hot.map(({ slotMs }) => hourOf(slotMs)));
      const whole = wholeDays(span);
      const isWhole = (atMs: number): boolean => atMs >= whole.fromMs && atMs < whole.toMs;
      return summarize(
        span,
        [...tables.days.values()].filter((day) => mine(day) && isWhole(day.dayMs)),
        [...tables.chunks.values()]
          .filter(mine)
          .filter(({ hourMs }) => hourMs > span.fromMs - HOUR_MS && hourMs < span.toMs)
          .filter(({ hourMs }) => !isWhole(hourMs) || hours.has(hourMs)),
        hot,
      );
    },
    packable: async ({ beforeMs, afterId, limit }) => {
      const oldest = new Map<string, number>();
      for (const { monitorId, slotMs } of tables.hot.values()) {
        if (slotMs >= beforeMs || monitorId <= afterId) continue;
        oldest.set(monitorId, Math.min(hourOf(slotMs), oldest.get(monitorId) ?? Infinity));
      }
      return [...oldest]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([monitorId, hourMs]) => ({ monitorId, hourMs }));
    },
    pack: async (hours) => hours.reduce((sum, hour) => sum + pack(tables, hour), 0),
  };
}

/** As the database does it: days go as a whole. */
export function pruneMemoryChecks(tx: MemoryTx, before: Retention): void {
  const { hot, chunks, days, evidence } = tablesOf(tx);
  for (const [key, row] of hot) if (row.slotMs < dayOf(before.checksMs)) hot.delete(key);
  for (const [key, chunk] of chunks) if (chunk.hourMs < dayOf(before.checksMs)) chunks.delete(key);
  for (const [key, day] of days) if (day.dayMs < before.summariesMs) days.delete(key);
  for (const key of evidence.keys()) if (Number(key.split(" ").at(-1)) < before.evidenceMs) evidence.delete(key);
}

function insert({ hot, chunks, evidence }: Tables, row: CheckRow): boolean {
  const key = keyOf(row.monitorId, row.region, row.slotMs);
  const chunk = chunks.get(keyOf(row.monitorId, row.region, hourOf(row.slotMs)));
  if (hot.has(key) || (chunk !== undefined && slotsIn(chunk.chunk).has(row.slotMs))) return false;
  hot.set(key, row);
  if (row.evidence !== undefined) evidence.set(key, row.evidence);
  return true;
}

/** All rounds of a monitor, oldest first, without evidence. */
function rounds({ hot, chunks }: Tables, monitorId: string): CheckResult[] {
  const packed = [...chunks.values()].filter((chunk) => chunk.monitorId === monitorId);
  return [
    ...packed.flatMap(roundsIn),
    ...[...hot.values()].filter((row) => row.monitorId === monitorId).map(roundIn),
  ].sort((a, b) => a.slotMs - b.slotMs);
}

const beatOf = ({ slotMs, verdict, durationMs, reason }: CheckResult): Beat => ({
  slotMs,
  verdict,
  durationMs,
  reason,
});

function pack(tables: Tables, hour: { readonly monitorId: string; readonly hourMs: number; readonly everyMs: number }) {
  const { monitorId, hourMs, everyMs } = hour;
  const rows = [...tables.hot.values()].filter((row) => row.monitorId === monitorId && hourOf(row.slotMs) === hourMs);
  for (const [region, each] of Map.groupBy(rows, (row) => row.region)) {
    const key = keyOf(monitorId, region, hourMs);
    const packed = packHour({ monitorId, region }, tables.chunks.get(key)?.chunk, each, everyMs);
    tables.chunks.set(key, { monitorId, region, hourMs, chunk: packed.chunk });
    addToDay(tables, { monitorId, region, dayMs: dayOf(hourMs) }, packed);
    for (const row of each) tables.hot.delete(keyOf(monitorId, region, row.slotMs));
  }
  return rows.length;
}

function addToDay(
  { days }: Tables,
  day: { readonly monitorId: string; readonly region: string; readonly dayMs: number },
  packed: PackedHour,
): void {
  const key = keyOf(day.monitorId, day.region, day.dayMs);
  const old = days.get(key) ?? { ...day, time: NO_TIME, latency: new Map() };
  const latency = mergeHistograms([old.latency, packed.addedLatency]);
  days.set(key, { ...old, time: addTime(old.time, packed.addedTime), latency });
}
