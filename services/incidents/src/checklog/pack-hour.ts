import { CheckResult, Verdict } from "@sentinel/contracts";
import type { CheckRow } from "../store/port.ts";
import { type ChunkKey, decodeChunk, encodeChunk } from "./chunk.ts";
import { type Histogram, histogramOf } from "./histogram.ts";
import { NO_TIME, takeTime, type TimeByVerdict, timeByVerdict } from "./time-by-verdict.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const hourOf = (slotMs: number): number => Math.floor(slotMs / HOUR_MS) * HOUR_MS;
export const dayOf = (slotMs: number): number => Math.floor(slotMs / DAY_MS) * DAY_MS;

/** An hour of a monitor and region as it is kept, and what it adds to the day. */
export interface PackedHour {
  readonly chunk: Uint8Array;
  readonly rounds: number;
  /** Of the chunk that this one replaces; 0 when there was none. */
  readonly roundsBefore: number;
  readonly addedTime: TimeByVerdict;
  readonly addedLatency: Histogram;
}

/** A kept round as it was measured; the columns of a row are truer than its payload. */
export function resultOf(row: Omit<CheckRow, "evidence">): CheckResult {
  const { monitorId, region, slotMs, verdict, durationMs, reason } = row;
  return { ...CheckResult.decode(row.payload), monitorId, region, slotMs, verdict, durationMs, reason };
}

/** Packs the rows of one hour with what is packed of it already. */
export function packHour(
  key: ChunkKey,
  old: Uint8Array | undefined,
  rows: readonly Omit<CheckRow, "evidence">[],
  everyMs: number,
): PackedHour {
  const before = old === undefined ? [] : decodeChunk(old, key);
  const known = new Set(before.map(({ slotMs }) => slotMs));
  const added = rows.map(resultOf).filter(({ slotMs }) => !known.has(slotMs));
  const all = [...before, ...added];
  const oldTime = before.length === 0 ? NO_TIME : timeByVerdict(before, everyMs);
  return {
    chunk: encodeChunk(all),
    rounds: all.length,
    roundsBefore: before.length,
    addedTime: takeTime(timeByVerdict(all, everyMs), oldTime),
    addedLatency: latencyOf(added),
  };
}

/** Response times of rounds that had an answer: how long a timeout is says nothing about the service. */
export function latencyOf(results: readonly CheckResult[]): Histogram {
  const answered = results.filter(({ verdict }) => verdict === Verdict.HEALTHY || verdict === Verdict.DEGRADED);
  return histogramOf(answered.map(({ durationMs }) => durationMs));
}
