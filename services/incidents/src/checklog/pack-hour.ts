import { type CheckResult, Verdict } from "@sentinel/contracts";
import type { HourToPack, RoundToPack, UptimeCounts } from "../store/port.ts";
import { decodeChunk, encodeChunk } from "./chunk.ts";
import { type Histogram, histogramOf } from "./histogram.ts";
import { countRounds } from "./count-rounds.ts";
import { NO_TIME, takeTime, type TimeByVerdict, timeByVerdict } from "./time-by-verdict.ts";

/** An hour of a monitor and region as it is kept, and what it adds to the day. */
export interface PackedHour {
  readonly chunk: Uint8Array;
  readonly rounds: number;
  /** Of the chunk that this one replaces; 0 when there was none. */
  readonly roundsBefore: number;
  readonly addedTime: TimeByVerdict;
  readonly addedLatency: Histogram;
  readonly addedCounts: readonly UptimeCounts[];
}

/** Packs rounds of one hour with what is packed of it already; undefined when that has them all. */
export function packHour(hour: HourToPack, old: Uint8Array | undefined): PackedHour | undefined {
  const before = old === undefined ? [] : decodeChunk(old, hour);
  const known = new Set(before.map(({ slotMs }) => slotMs));
  const added: RoundToPack[] = [];
  for (const round of hour.rounds) {
    if (known.has(round.result.slotMs)) continue;
    known.add(round.result.slotMs);
    added.push(round);
  }
  if (added.length === 0) return undefined;
  const results = added.map(({ result }) => result);
  const all = [...before, ...results];
  const oldTime = before.length === 0 ? NO_TIME : timeByVerdict(before, hour.everyMs);
  const uncounted = added.filter(({ counted }) => !counted).map(({ result }) => result);
  return {
    chunk: encodeChunk(all),
    rounds: all.length,
    roundsBefore: before.length,
    addedTime: takeTime(timeByVerdict(all, hour.everyMs), oldTime),
    addedLatency: latencyOf(results),
    addedCounts: countRounds(uncounted),
  };
}

/** Response times of rounds that had an answer: how long a timeout is says nothing about the service. */
export function latencyOf(results: readonly CheckResult[]): Histogram {
  const answered = results.filter(({ verdict }) => verdict === Verdict.HEALTHY || verdict === Verdict.DEGRADED);
  return histogramOf(answered.map(({ durationMs }) => durationMs));
}
