import { parseGoDuration, writeDuration } from "@sentinel/contracts/config";

const MAX_TIMEOUT_MS = 60_000;
const MAX_EVERY_MS = 86_400_000;

/** A span within the limits of intervals, as `sentinel.yaml` writes it. */
export const every = (ms: number): string => writeDuration(Math.round(Math.min(Math.max(ms, 1000), MAX_EVERY_MS)));

/** A span within the limits of timeouts. */
export const timeout = (ms: number): string => writeDuration(Math.round(Math.min(Math.max(ms, 50), MAX_TIMEOUT_MS)));

/** Milliseconds of a span as Go or Prometheus writes it: "1m30s", "2d". */
export function spanMs(text: string): number | undefined {
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  return days === undefined ? parseGoDuration(text) : Number(days) * MAX_EVERY_MS;
}

/** True where a span had to be moved into its limits. */
export const isMoved = (ms: number, written: string): boolean => writeDuration(Math.round(ms)) !== written;
