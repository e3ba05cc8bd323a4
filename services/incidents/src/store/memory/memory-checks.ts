import type { Beat, CheckResult } from "@sentinel/contracts";
import type { MemoryTable, MemoryTx } from "@sentinel/eventstore/memory";
import { decodeChunk, decodeSlots } from "../../checklog/chunk.ts";
import { mergeHistograms } from "../../checklog/histogram.ts";
import { addCounts, countRounds } from "../../checklog/count-rounds.ts";
import { type PackedHour, packHour } from "../../checklog/pack-hour.ts";
import { asHot } from "../../checklog/segment.ts";
import { dayOf, HOUR_MS, hourOf } from "../../checklog/spans.ts";
import { type DaySummary, type HourChunk, summarize, wholeDays } from "../../checklog/summarize.ts";
import { addTime, NO_TIME } from "../../checklog/time-by-verdict.ts";
import type { CheckLog, HotSegment, HourToPack, Retention, UptimeCounts } from "../port.ts";

interface Chunk extends HourChunk {
  readonly monitorId: string;
}

interface Hot {
  readonly id: number;
  readonly result: CheckResult;
}

interface Tables {
  readonly hot: MemoryTable<string, Hot>;
  readonly chunks: MemoryTable<string, Chunk>;
  readonly days: MemoryTable<string, DaySummary & { readonly monitorId: string }>;
  readonly evidence: MemoryTable<string, CheckResult>;
  readonly counts: MemoryTable<string, UptimeCounts>;
  readonly ids: MemoryTable<string, number>;
}

const tablesOf = (tx: MemoryTx): Tables => ({
  hot: tx.table("checks"),
  chunks: tx.table("check_chunks"),
  days: tx.table("check_days"),
  evidence: tx.table("check_evidence"),
  counts: tx.table("uptime_hourly"),
  ids: tx.table("check_segment_ids"),
});

/** Chunks are replaced and never changed, so each is read once. */
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

const keyOf = (monitorId: string, region: string, atMs: number): string => `${monitorId} ${region} ${atMs}`;

export function memoryChecks(tx: MemoryTx): CheckLog {
  const tables = tablesOf(tx);
  return {
    insert: async (results) => results.map((result) => insert(tables, result)),
    newestSlotMs: async () => {
      const hot = Array.from(tables.hot.values(), ({ result }) => result.slotMs);
      const packed = Array.from(tables.chunks.values(), ({ hourMs }) => hourMs + HOUR_MS);
      return [...hot, ...packed].reduce((a, b) => Math.max(a, b), 0);
    },
    list: async ({ monitorId, beforeMs, afterMs, limit, oldestFirst = false }) => {
      const found = rounds(tables, monitorId).filter(({ slotMs }) => slotMs < beforeMs && slotMs >= afterMs);
      const wanted = (oldestFirst ? found : found.toReversed()).slice(0, limit);
      return wanted.map((round) => {
        const evidence = tables.evidence.get(keyOf(monitorId, round.region, round.slotMs));
        return evidence ?? round;
      });
    },
    beats: async (ids, count) => new Map(ids.map((id) => [id, rounds(tables, id).slice(-count).map(beatOf)])),
    recent: async (ids, count) =>
      new Map(
        ids.map((id) => {
          const last = rounds(tables, id).slice(-count);
          return [id, last.map((round) => ({ ...beatOf(round), startedAtMs: round.startedAtMs }))];
        }),
      ),
    summary: async (span) => {
      const mine = ({ monitorId }: { readonly monitorId: string }): boolean => monitorId === span.monitorId;
      const hot = Array.from(tables.hot.values(), ({ result }) => result).filter(mine);
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
    unpackedHours: async (beforeMs) => {
      const hours = Array.from(tables.hot.values(), ({ result }) => hourOf(result.slotMs));
      return [...new Set(hours)].filter((hourMs) => hourMs < beforeMs).sort((a, b) => a - b);
    },
    segments: async (hourMs) =>
      [...tables.hot.values()]
        .filter(({ result }) => hourOf(result.slotMs) === hourMs)
        .map(({ id, result }): HotSegment => {
          const results = (wanted: (monitorId: string) => boolean) => (wanted(result.monitorId) ? [result] : []);
          return { id, rounds: 1, counted: false, results };
        }),
    pack: async (hours) => hours.reduce((sum, hour) => sum + pack(tables, hour), 0),
    forget: async (_hourMs, segments) => {
      const ids = new Set(segments.map(({ id }) => id));
      for (const [key, { id }] of tables.hot) if (ids.has(id)) tables.hot.delete(key);
    },
  };
}

/** What is packed, and hot rounds that are not. */
export function memoryUptime(tx: MemoryTx, fromMs: number): readonly UptimeCounts[] {
  const tables = tablesOf(tx);
  const hot = Array.from(tables.hot.values(), ({ result }) => result).filter((each) => !isPacked(tables, each));
  return addCounts([...tables.counts.values(), ...countRounds(hot)]).filter(({ hourMs }) => hourMs >= fromMs);
}

/** As the database does it: days go as a whole. */
export function pruneMemoryChecks(tx: MemoryTx, before: Retention): void {
  const { hot, chunks, days, evidence, counts } = tablesOf(tx);
  for (const [key, { result }] of hot) if (result.slotMs < dayOf(before.checksMs)) hot.delete(key);
  for (const [key, chunk] of chunks) if (chunk.hourMs < dayOf(before.checksMs)) chunks.delete(key);
  for (const [key, day] of days) if (day.dayMs < monthOf(before.summariesMs)) days.delete(key);
  for (const [key, { slotMs }] of evidence) if (slotMs < dayOf(before.evidenceMs)) evidence.delete(key);
  for (const [key, { hourMs }] of counts) if (hourMs < dayOf(before.countsMs)) counts.delete(key);
}

function monthOf(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

function isPacked({ chunks }: Tables, { monitorId, region, slotMs }: CheckResult): boolean {
  const chunk = chunks.get(keyOf(monitorId, region, hourOf(slotMs)));
  return chunk !== undefined && slotsIn(chunk.chunk).has(slotMs);
}

function insert(tables: Tables, result: CheckResult): boolean {
  const { hot, evidence, ids } = tables;
  const key = keyOf(result.monitorId, result.region, result.slotMs);
  if (hot.has(key) || isPacked(tables, result)) return false;
  const id = (ids.get("last") ?? 0) + 1;
  ids.set("last", id);
  hot.set(key, { id, result: asHot(result) });
  if (result.endpoints.some((endpoint) => endpoint.evidence !== undefined)) evidence.set(key, result);
  return true;
}

/** All rounds of a monitor, oldest first, without evidence. */
function rounds(tables: Tables, monitorId: string): CheckResult[] {
  const packed = [...tables.chunks.values()].filter((chunk) => chunk.monitorId === monitorId);
  const hot = Array.from(tables.hot.values(), ({ result }) => result).filter((each) => each.monitorId === monitorId);
  return [...packed.flatMap(roundsIn), ...hot.filter((each) => !isPacked(tables, each))].sort(
    (a, b) => a.slotMs - b.slotMs,
  );
}

const beatOf = ({ slotMs, verdict, durationMs, reason }: CheckResult): Beat => ({
  slotMs,
  verdict,
  durationMs,
  reason,
});

function pack(tables: Tables, hour: HourToPack): number {
  const { monitorId, region, hourMs } = hour;
  const key = keyOf(monitorId, region, hourMs);
  const packed = packHour(hour, tables.chunks.get(key)?.chunk);
  if (packed === undefined) return 0;
  tables.chunks.set(key, { monitorId, region, hourMs, chunk: packed.chunk });
  addToDay(tables, { monitorId, region, dayMs: dayOf(hourMs) }, packed);
  for (const count of packed.addedCounts) {
    const at = `${monitorId} ${count.hourMs}`;
    const old = tables.counts.get(at);
    for (const sum of addCounts(old === undefined ? [count] : [old, count])) tables.counts.set(at, sum);
  }
  return packed.rounds - packed.roundsBefore;
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
