import type { CheckView } from "@sentinel/contracts/api";

export interface LatencySeries {
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  /** Milliseconds; null where the round did not answer, so that the curve has a gap. */
  readonly values: readonly (number | null)[];
}

const ANSWERED = new Set(["healthy", "degraded"]);

/** The rounds of a monitor as a curve, oldest first. */
export function latencySeries(checks: readonly CheckView[]): LatencySeries {
  const rounds = [...checks].filter((check) => check.endpoints.length > 0).sort((a, b) => a.slotMs - b.slotMs);
  return {
    times: rounds.map((check) => check.slotMs / 1000),
    values: rounds.map((check) => (ANSWERED.has(check.verdict) ? check.durationMs : null)),
  };
}

export interface LatencySummary {
  readonly n: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** Nearest-rank percentiles of the answered rounds; null when none answered. */
export function summarize(values: readonly (number | null)[]): LatencySummary | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const rank = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  if (sorted.length === 0) return null;
  return { n: sorted.length, medianMs: rank(0.5), p95Ms: rank(0.95), maxMs: rank(1) };
}
