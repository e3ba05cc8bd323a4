import type { GetKpisResponse, IncidentKpis } from "@sentinel/contracts";
import type { KpiReport, KpisView } from "@sentinel/contracts/api";

export function kpiReportView(report: GetKpisResponse): KpiReport {
  return {
    from: new Date(report.fromMs).toISOString(),
    to: new Date(report.toMs).toISOString(),
    total: kpisView(report.total),
    monitors: report.monitors.map(({ monitorId, monitorName, kpis }) => ({
      id: monitorId,
      name: monitorName,
      ...kpisView(kpis),
    })),
    days: report.days.map(({ dayMs, kpis }) => ({
      day: new Date(dayMs).toISOString().slice(0, 10),
      ...kpisView(kpis),
    })),
    projections: [{ name: "incident_kpis", parkedStreams: report.parkedStreams }],
  };
}

function kpisView(kpis: IncidentKpis | undefined): KpisView {
  return {
    incidents: kpis?.incidents ?? 0,
    autoFixes: kpis?.autoFixes ?? 0,
    downtimeMs: kpis?.downtimeMs ?? 0,
    mttdMs: mean(kpis?.detectionMs, kpis?.detections),
    mttaMs: mean(kpis?.acknowledgementMs, kpis?.acknowledgements),
    acknowledged: kpis?.acknowledgements ?? 0,
    mttrMs: mean(kpis?.resolutionMs, kpis?.resolutions),
    resolved: kpis?.resolutions ?? 0,
  };
}

const mean = (sum = 0, count = 0): number | null => (count === 0 ? null : Math.round(sum / count));
