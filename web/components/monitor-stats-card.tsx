"use client";

import type { MonitorStatsView } from "@sentinel/contracts/api";
import { formatPercent } from "@sentinel/contracts/text/screen";
import { latency } from "../lib/format.ts";
import { Card, Facts } from "./card.tsx";
import { useReader } from "./locale.tsx";
import { useFetched } from "./use-fetched.ts";

const WINDOWS = ["24h", "7d", "30d", "90d", "1y"] as const;

/** Uptime over a day up to a year, each with the response time that 95 of 100 answers stayed under. */
export function MonitorStatsCard({ monitorId }: { readonly monitorId: string }) {
  const { locale, t, api } = useReader();
  const asked = useFetched(`stats ${monitorId}`, (signal) =>
    Promise.all(WINDOWS.map((window) => api.monitorStats(monitorId, window, signal))),
  );
  const text = (stats: MonitorStatsView | undefined): string => {
    if (stats === undefined || stats.uptime === null) return "–";
    const uptime = formatPercent(locale, stats.uptime);
    return stats.p95Ms === null ? uptime : `${uptime} · p95 ${latency(locale, stats.p95Ms)}`;
  };
  const values = asked.state === "ready" ? asked.value : [];
  return (
    <Card title={t("monitor.stats.title")} note={t("monitor.stats.hint")}>
      <div className="pad">
        <Facts facts={WINDOWS.map((window, index) => [t(`monitor.stats.${window}`), text(values[index])] as const)} />
      </div>
    </Card>
  );
}
