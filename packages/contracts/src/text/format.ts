import type { Locale } from "./catalogue.ts";

/** A span of time for a person: "245 ms", "12 s", "3 min 12 s", "2 h 5 min", "4 d 3 h" (French "4 j 3 h"). */
export function formatDuration(locale: Locale, ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000 && ms % 1000 !== 0) {
    const seconds = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(ms / 1000);
    return `${seconds} s`;
  }
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 === 0 ? `${min} min` : `${min} min ${s % 60} s`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  const d = Math.floor(h / 24);
  const day = locale === "fr" ? "j" : "d";
  return h % 24 === 0 ? `${d} ${day}` : `${d} ${day} ${h % 24} h`;
}

/** Such as "14:02:48". */
export function formatTime(locale: Locale, atMs: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(atMs);
}

/** Such as "21 Nov 2026, 14:02:48". */
export function formatDateTime(locale: Locale, atMs: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(atMs);
}

/** Such as "99.2 %"; French has a comma. */
export function formatPercent(locale: Locale, value: number): string {
  return `${new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)} %`;
}

/** A whole number with the groups of digits of its language, such as "12,345". */
export function formatNumber(locale: Locale, value: number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(value);
}
