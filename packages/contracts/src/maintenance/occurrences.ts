import type { MaintenanceWindow } from "../generated/sentinel/monitors/v1/monitors.ts";
import { parseRecurrence, recurrences } from "./recurrence.ts";
import { instantOfWall, parseWall, wallAt } from "./wall-clock.ts";

const DAY_MS = 86_400_000;

/** From `startMs` to before `endMs`. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export type Recurring = Pick<MaintenanceWindow, "starts" | "zone" | "durationMs" | "rule" | "ended">;

/**
 * Those of a window's spans that end after `fromMs`, in order; as many as there are. Each begins when the clock on the
 * wall of its zone says so and lasts its duration, whatever happens to the clock meanwhile.
 */
export function* occurrences(window: Recurring, fromMs: number): Generator<Span> {
  const firstMs = parseWall(window.starts);
  if (firstMs === undefined) return;
  const ends = new Map(window.ended.map(({ startMs, endMs }) => [startMs, endMs]));
  for (const wallMs of wallTimes(window, firstMs, fromMs)) {
    const startMs = instantOfWall(window.zone, wallMs);
    const endMs = Math.min(startMs + window.durationMs, ends.get(startMs) ?? Infinity);
    if (endMs > fromMs) yield { startMs, endMs };
  }
}

function wallTimes({ rule, zone, durationMs }: Recurring, firstMs: number, fromMs: number): Iterable<number> {
  if (rule === "") return [firstMs];
  const parsed = parseRecurrence(rule);
  if (!parsed.ok) return [];
  const { untilIsInstant } = parsed.rule;
  const isLate = (wallMs: number, untilMs: number): boolean =>
    (untilIsInstant ? instantOfWall(zone, wallMs) : wallMs) > untilMs;
  return recurrences(parsed.rule, firstMs, wallAt(zone, fromMs) - durationMs - DAY_MS, isLate);
}

/** The span under way, or the next one. */
export function currentOrNext(window: Recurring, nowMs: number): Span | undefined {
  for (const span of occurrences(window, nowMs)) return span;
  return undefined;
}

/** The spans that touch a time, from `fromMs` to before `toMs`. */
export function spansWithin(window: Recurring, fromMs: number, toMs: number): readonly Span[] {
  const spans: Span[] = [];
  for (const span of occurrences(window, fromMs)) {
    if (span.startMs >= toMs) break;
    spans.push(span);
  }
  return spans;
}
