import type { GetMonitorStatsResponse, Monitor } from "@sentinel/contracts";
import { percentileOf, samplesIn } from "./checklog/histogram.ts";
import { uptimePercent } from "./checklog/time-by-verdict.ts";
import type { FoldStore } from "./store/port.ts";

const DAY_MS = 86_400_000;
const LONGEST_MS = 400 * DAY_MS;

/** Uptime and response times of the span that ends now; a day when `spanMs` is not more than 0. */
export async function monitorStats(
  store: FoldStore,
  monitor: Monitor,
  nowMs: number,
  spanMs: number,
): Promise<GetMonitorStatsResponse> {
  const fromMs = nowMs - (spanMs > 0 ? Math.min(spanMs, LONGEST_MS) : DAY_MS);
  const span = { monitorId: monitor.id, fromMs, toMs: nowMs, everyMs: monitor.spec?.everyMs ?? 0 };
  const { time, latency } = await store.transaction((tx) => tx.checks.summary(span));
  const percentile = (p: number): number => percentileOf(latency, p) ?? -1;
  return {
    fromMs,
    toMs: nowMs,
    uptime: uptimePercent(time),
    ...time,
    answered: samplesIn(latency),
    p50Ms: percentile(50),
    p95Ms: percentile(95),
    p99Ms: percentile(99),
  };
}
