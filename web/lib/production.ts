import type { IncidentView, MonitorView } from "@sentinel/contracts/api";
import {
  describeProduction,
  type Locale,
  type ProductionIncident,
  type ProductionView,
  staleAfterMs,
} from "@sentinel/contracts/text/screen";
import { durationMs } from "./coverage.ts";

export interface KnownProduction {
  readonly monitors: readonly MonitorView[];
  readonly incidents: readonly IncidentView[];
  /** The server's present. */
  readonly nowMs: number;
  readonly locale: Locale;
}

/** The answer to "is production up?" from what this page has heard, in the words the API uses. */
export function productionOf({ monitors, incidents, nowMs, locale }: KnownProduction): ProductionView {
  return describeProduction(locale, {
    monitors: countsOf(monitors),
    nowMs,
    checkedAtMs: Math.max(0, ...monitors.map((monitor) => Date.parse(monitor.lastCheckedAt ?? "") || 0)),
    staleMs: staleAfterMs(monitors.map((monitor) => durationMs(monitor.spec.every) ?? 0)),
    incidents: incidents.filter((incident) => incident.status !== "resolved").map(factsOf),
  });
}

function countsOf(monitors: readonly MonitorView[]) {
  const count = (...wanted: readonly MonitorView["status"][]): number =>
    monitors.filter((monitor) => wanted.includes(monitor.status)).length;
  return {
    total: monitors.length,
    healthy: count("healthy"),
    degraded: count("degraded"),
    down: count("down"),
    unknown: count("unknown", "sleeping"),
    paused: count("paused", "maintenance"),
  };
}

function factsOf(incident: IncidentView): ProductionIncident {
  return {
    id: incident.id,
    monitorName: incident.monitorName,
    verdict: incident.verdict === "down" ? "VERDICT_DOWN" : "VERDICT_DEGRADED",
    nature: incident.nature === "business" ? "NATURE_BUSINESS" : "NATURE_TECHNICAL",
    startedAtMs: Date.parse(incident.startedAt),
    resolvedAtMs: 0,
    acknowledgedBy: incident.acknowledgedBy ?? "",
    owner: incident.owner ?? "",
    acting: incident.acting,
    diagnosis: incident.diagnosis,
  };
}
