import { type IncidentEvent, Nature, Resolution } from "@sentinel/contracts";
import type { Happened } from "./types.ts";

/**
 * Sums and counts from which incident figures are made; means are sums by their counts. Each run of an incident that
 * was reopened is detected, acknowledged and resolved for itself.
 */
export interface IncidentKpis {
  readonly incidents: number;
  /** Resolved by a repair that a check has verified. */
  readonly autoFixes: number;
  /** From the first failing round to the round that verified the recovery. */
  readonly downtimeMs: number;
  readonly detections: number;
  /** From the first failing round to the incident. */
  readonly detectionMs: number;
  readonly acknowledgements: number;
  /** From the incident to the first acknowledgement. */
  readonly acknowledgementMs: number;
  readonly resolutions: number;
  /** From the first failing round to the resolution. */
  readonly resolutionMs: number;
}

/** What must be remembered of an incident between its events. */
export interface KpiRun {
  readonly incidentId: number;
  readonly monitorId: string;
  readonly monitorName: string;
  /** Start of the day in UTC of the first failing round: everything of the incident counts there. */
  readonly dayMs: number;
  readonly startedAtMs: number;
  readonly detectedAtMs: number;
  readonly acknowledged: boolean;
}

export const DAY_MS = 86_400_000;

export const noKpis: IncidentKpis = {
  incidents: 0,
  autoFixes: 0,
  downtimeMs: 0,
  detections: 0,
  detectionMs: 0,
  acknowledgements: 0,
  acknowledgementMs: 0,
  resolutions: 0,
  resolutionMs: 0,
};

export function addKpis(a: IncidentKpis, b: Partial<IncidentKpis>): IncidentKpis {
  return {
    incidents: a.incidents + (b.incidents ?? 0),
    autoFixes: a.autoFixes + (b.autoFixes ?? 0),
    downtimeMs: a.downtimeMs + (b.downtimeMs ?? 0),
    detections: a.detections + (b.detections ?? 0),
    detectionMs: a.detectionMs + (b.detectionMs ?? 0),
    acknowledgements: a.acknowledgements + (b.acknowledgements ?? 0),
    acknowledgementMs: a.acknowledgementMs + (b.acknowledgementMs ?? 0),
    resolutions: a.resolutions + (b.resolutions ?? 0),
    resolutionMs: a.resolutionMs + (b.resolutionMs ?? 0),
  };
}

export interface KpiStep {
  readonly run: KpiRun;
  readonly added: Partial<IncidentKpis>;
}

/** What an event adds; undefined when it adds nothing, or when there is no incident that it could belong to. */
export function countKpis(run: KpiRun | undefined, { event: { event }, atMs }: Happened): KpiStep | undefined {
  // What an objective loses is lost by outages, which are counted already.
  if (event?.$case === "opened") return event.value.nature === Nature.SLO ? undefined : opened(event.value, atMs);
  if (run === undefined) return undefined;
  switch (event?.$case) {
    case "reopened": {
      const { startedAtMs } = event.value;
      return {
        run: { ...run, startedAtMs, detectedAtMs: atMs, acknowledged: false },
        added: { detections: 1, detectionMs: span(startedAtMs, atMs) },
      };
    }
    case "acknowledged":
      if (run.acknowledged) return undefined;
      return {
        run: { ...run, acknowledged: true },
        added: { acknowledgements: 1, acknowledgementMs: span(run.detectedAtMs, atMs) },
      };
    case "resolved":
      return {
        run,
        added: {
          autoFixes: event.value.resolution === Resolution.AUTO_FIX ? 1 : 0,
          downtimeMs: event.value.downtimeMs,
          resolutions: 1,
          resolutionMs: span(run.startedAtMs, atMs),
        },
      };
    default:
      return undefined;
  }
}

type Opened = Extract<IncidentEvent["event"], { $case: "opened" }>["value"];

function opened({ incidentId, monitorId, monitorName, startedAtMs }: Opened, atMs: number): KpiStep {
  const dayMs = Math.floor(startedAtMs / DAY_MS) * DAY_MS;
  return {
    run: { incidentId, monitorId, monitorName, dayMs, startedAtMs, detectedAtMs: atMs, acknowledged: false },
    added: { incidents: 1, detections: 1, detectionMs: span(startedAtMs, atMs) },
  };
}

/** A clock that was set back makes no negative time. */
const span = (fromMs: number, toMs: number): number => Math.max(0, toMs - fromMs);
