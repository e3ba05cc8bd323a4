"use client";

import type { CheckView } from "@sentinel/contracts/api";
import { latency } from "../lib/format.ts";
import { latencySeries, summarize } from "../lib/latency-series.ts";
import { Card } from "./card.tsx";
import { LatencyPlot } from "./latency-plot.tsx";
import { useReader } from "./locale.tsx";
import { ClockTime } from "./time.tsx";

interface LatencyChartProps {
  readonly checks: readonly CheckView[];
  readonly loading: boolean;
}

/** The curve for the eye, its summary for the ear, and the same numbers as a table. */
export default function LatencyChart({ checks, loading }: LatencyChartProps) {
  const { locale, t } = useReader();
  const series = latencySeries(checks);
  const summary = summarize(series.values);
  if (summary === null) {
    return (
      <Card title={t("monitor.latency.title")} className={loading ? "chart-place" : ""}>
        <p className="quiet-line">{loading ? "" : t("monitor.latency.empty")}</p>
      </Card>
    );
  }
  const words = {
    n: String(summary.n),
    median: latency(locale, summary.medianMs),
    p95: latency(locale, summary.p95Ms),
    max: latency(locale, summary.maxMs),
  };
  return (
    <Card title={t("monitor.latency.title")} note={t("monitor.latency.summary", words)} className="chart-place">
      <LatencyPlot series={series} label={t("monitor.latency.aria", words)} />
      <details className="chart-table">
        <summary>{t("monitor.latency.table")}</summary>
        <LatencyTable checks={checks} />
      </details>
    </Card>
  );
}

function LatencyTable({ checks }: { readonly checks: readonly CheckView[] }) {
  const { locale, t } = useReader();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("monitor.latency.table")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("monitor.latency.when")}</th>
            <th scope="col">{t("services.state")}</th>
            <th scope="col" className="num">
              {t("monitor.latency.value")}
            </th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={`${check.slotMs} ${check.region} ${check.onDemand}`}>
              <th scope="row">
                <ClockTime at={check.slot} />
              </th>
              <td>{t(`status.${check.verdict}`)}</td>
              <td className="num">{check.endpoints.length === 0 ? "–" : latency(locale, check.durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
