import type { CheckResult } from "@sentinel/contracts";
import { decodeChunk } from "./chunk.ts";
import { type Histogram, mergeHistograms } from "./histogram.ts";
import { latencyOf } from "./pack-hour.ts";
import { DAY_MS, dayOf, hourOf } from "./spans.ts";
import { addTime, NO_TIME, takeTime, type TimeByVerdict, timeByVerdict } from "./time-by-verdict.ts";

/** From `fromMs` to before `toMs`. */
export interface CheckSpan {
  readonly monitorId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** How often the monitor is checked: what one round alone in its hour stands for. */
  readonly everyMs: number;
}

/** What is known about a span of time. */
export interface CheckSummary {
  readonly time: TimeByVerdict;
  readonly latency: Histogram;
}

/** What was packed of a day, added up. */
export interface DaySummary extends CheckSummary {
  readonly region: string;
  readonly dayMs: number;
}

export interface HourChunk {
  readonly region: string;
  readonly hourMs: number;
  readonly chunk: Uint8Array;
}

/** The days that lie wholly within a span, of which sums will do: from the first to before the last. */
export function wholeDays({ fromMs, toMs }: Pick<CheckSpan, "fromMs" | "toMs">): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  const first = dayOf(fromMs + DAY_MS - 1);
  return { fromMs: first, toMs: Math.max(first, dayOf(toMs)) };
}

/**
 * Adds up whole days, the chunks of the hours at either end, and hot rounds. One whose hour is packed
 * already takes its place among the rounds of that hour, so the answer is the same before and after it is packed, and while
 * it is kept twice.
 * @param chunks those outside the whole days, and those of hours that have hot rounds
 */
export function summarize(
  span: CheckSpan,
  days: readonly DaySummary[],
  chunks: readonly HourChunk[],
  hot: readonly CheckResult[],
): CheckSummary {
  const whole = wholeDays(span);
  const within = ({ slotMs }: CheckResult): boolean => slotMs >= span.fromMs && slotMs < span.toMs;
  const hotByHour = Map.groupBy(hot.filter(within), (round) => `${round.region} ${hourOf(round.slotMs)}`);
  let time = days.reduce((sum, day) => addTime(sum, day.time), NO_TIME);
  const latency = days.map((day) => day.latency);
  for (const { region, hourMs, chunk } of chunks) {
    const packed = decodeChunk(chunk, { monitorId: span.monitorId, region }).filter(within);
    const key = `${region} ${hourMs}`;
    const known = new Set(packed.map(({ slotMs }) => slotMs));
    const late = (hotByHour.get(key) ?? []).filter(({ slotMs }) => !known.has(slotMs));
    hotByHour.delete(key);
    time = addTime(time, timeByVerdict([...packed, ...late], span.everyMs));
    const summed = hourMs >= whole.fromMs && hourMs < whole.toMs;
    if (summed) time = takeTime(time, timeByVerdict(packed, span.everyMs));
    latency.push(latencyOf(summed ? late : [...packed, ...late]));
  }
  for (const rounds of hotByHour.values()) {
    time = addTime(time, timeByVerdict(rounds, span.everyMs));
    latency.push(latencyOf(rounds));
  }
  return { time, latency: mergeHistograms(latency) };
}
