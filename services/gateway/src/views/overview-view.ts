import type { Incident, MonitorView as Message } from "@sentinel/contracts";
import type { MonitorStatusName, Overview } from "@sentinel/contracts/api";
import { describeProduction, type Locale, staleAfterMs } from "@sentinel/contracts/text";
import { instantOrNull } from "./absent.ts";
import { statusName } from "./names.ts";

export interface Facts {
  readonly monitors: readonly Message[];
  readonly incidents: readonly Incident[];
  readonly nowMs: number;
  readonly foldedAtMs: number;
  readonly notFoldedSinceMs: number;
}

/** The answer to "is production up?" from what is known now. */
export function overviewView(facts: Facts, locale: Locale): Overview {
  const { monitors, incidents, nowMs } = facts;
  const open = incidents.filter((incident) => incident.resolvedAtMs === 0);
  const checkedAtMs = Math.max(0, ...monitors.map((monitor) => monitor.lastCheckedAtMs));
  const counts = countsOf(monitors);
  const staleMs = staleAfterMs(monitors.map(({ monitor }) => monitor?.spec?.everyMs ?? 0));
  const told = describeProduction(locale, { monitors: counts, nowMs, checkedAtMs, staleMs, incidents: open });
  return {
    state: told.state,
    headline: told.headline,
    since: told.since,
    nature: told.nature,
    acting: told.acting,
    answers: told.answers,
    monitors: counts,
    openIncidents: open.length,
    checkedAt: instantOrNull(checkedAtMs),
    foldedAt: instantOrNull(facts.foldedAtMs),
    notFoldedSince: instantOrNull(facts.notFoldedSinceMs),
  };
}

function countsOf(monitors: readonly Message[]): Overview["monitors"] {
  const count = (...wanted: readonly MonitorStatusName[]): number =>
    monitors.filter((monitor) => wanted.includes(statusName[monitor.status])).length;
  return {
    total: monitors.length,
    healthy: count("healthy"),
    degraded: count("degraded"),
    down: count("down"),
    unknown: count("unknown", "sleeping"),
    paused: count("paused", "maintenance"),
  };
}
