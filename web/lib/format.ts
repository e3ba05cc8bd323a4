import type { MonitorView } from "@sentinel/contracts/api";
import { formatDuration, formatTime, type Locale } from "@sentinel/contracts/text/screen";
import { durationMs } from "./coverage.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A span in its largest unit only: "12 s", "3 min", "2 h", "5 d". */
export function shortSpan(locale: Locale, ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.floor(span / 1000)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  if (span < DAY_MS) return `${Math.floor(span / HOUR_MS)} h`;
  return `${Math.floor(span / DAY_MS)} ${locale === "fr" ? "j" : "d"}`;
}

/** "2 s ago", "il y a 3 min". */
export function ago(locale: Locale, ms: number): string {
  const span = shortSpan(locale, ms);
  return locale === "fr" ? `il y a ${span}` : `${span} ago`;
}

/** A ticking span: whole seconds, so that it changes once a second and never flickers. */
export function tickingSpan(locale: Locale, ms: number): string {
  return ms < 1000 ? "0 s" : formatDuration(locale, Math.floor(ms / 1000) * 1000);
}

/** A span as the authoring form writes it, "1m30s", as a person reads it: "1 min 30 s". */
export function spanOf(locale: Locale, authored: string): string {
  const ms = durationMs(authored);
  return ms === null ? authored : formatDuration(locale, ms);
}

/** Latency for a column: "245 ms", "1.2 s". */
export function latency(locale: Locale, ms: number): string {
  if (ms > 0 && ms < 0.5) return "< 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const digits = ms < 10_000 ? 1 : 0;
  return `${new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(ms / 1000)} s`;
}

/** The latency of a service as it is now; "–" while it is down or was never measured. */
export function currentLatency(locale: Locale, monitor: Pick<MonitorView, "status" | "responseTimeMs">): string {
  const { status, responseTimeMs } = monitor;
  if (status === "down" || responseTimeMs === null || responseTimeMs <= 0) return "–";
  return latency(locale, responseTimeMs);
}

export function count(locale: Locale, value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** The time of day on the same day, the date before it on another. */
export function clockTime(locale: Locale, atMs: number, nowMs: number): string {
  if (nowMs - atMs < 20 * HOUR_MS && new Date(atMs).getDate() === new Date(nowMs).getDate()) {
    return formatTime(locale, atMs);
  }
  const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }).format(atMs);
  return `${date} ${formatTime(locale, atMs)}`;
}

/** "100 %" without decimals, else one or two; cut and not rounded, so that only all of it reads 100 %. */
export function percent(locale: Locale, value: number): string {
  const digits = value >= 100 || value <= 0 ? 0 : value >= 99.9 ? 2 : 1;
  const cut = Math.floor(value * 10 ** digits + 1e-9) / 10 ** digits;
  return `${new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(cut)} %`;
}

/** A number as it was given, such as an objective: "99.95", in French "99,95". */
export function figure(locale: Locale, value: number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(value);
}

/** A planned instant, which has no seconds: "Dec 5, 2026, 23:00". */
export function minuteOf(locale: Locale, at: string): string {
  const format = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(locale, { ...format, hourCycle: "h23" }).format(Date.parse(at));
}
