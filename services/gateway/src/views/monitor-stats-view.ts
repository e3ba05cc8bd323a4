import type { GetMonitorStatsResponse } from "@sentinel/contracts";
import type { MonitorStatsView } from "@sentinel/contracts/api";

const known = (value: number): number | null => (value < 0 ? null : value);

export function monitorStatsView(stats: GetMonitorStatsResponse): MonitorStatsView {
  return {
    from: new Date(stats.fromMs).toISOString(),
    to: new Date(stats.toMs).toISOString(),
    uptime: known(stats.uptime),
    upMs: stats.upMs,
    downMs: stats.downMs,
    unknownMs: stats.unknownMs,
    missedMs: stats.missedMs,
    answered: stats.answered,
    p50Ms: known(stats.p50Ms),
    p95Ms: known(stats.p95Ms),
    p99Ms: known(stats.p99Ms),
  };
}
