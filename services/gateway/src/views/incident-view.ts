import { Diagnosis, type Incident, type RepairSummary, type TimelineEntry } from "@sentinel/contracts";
import type { DiagnosisView, IncidentView, RepairView, TimelineEntryView } from "@sentinel/contracts/api";
import { describeDiagnosis, describeEvent, eventData, eventType, type Locale } from "@sentinel/contracts/text";
import { instant, instantOrNull, textOrNull } from "./absent.ts";
import { actionName, natureName, resolutionName, severityName, verdictName } from "./names.ts";

export function incidentView(message: Incident, locale: Locale): IncidentView {
  const diagnosis = diagnosisView(message.diagnosis ?? Diagnosis.fromPartial({}), locale);
  return {
    id: message.id,
    monitorId: message.monitorId,
    monitorName: message.monitorName,
    nature: natureName[message.nature],
    verdict: verdictName[message.verdict] === "degraded" ? "degraded" : "down",
    status: statusOf(message),
    severity: diagnosis.severity,
    diagnosis,
    startedAt: instant(message.startedAtMs),
    detectedAt: instant(message.detectedAtMs),
    resolvedAt: instantOrNull(message.resolvedAtMs),
    resolution: message.resolvedAtMs > 0 ? resolutionName[message.resolution] : null,
    acknowledgedBy: textOrNull(message.acknowledgedBy),
    acknowledgedAt: instantOrNull(message.acknowledgedAtMs),
    owner: textOrNull(message.owner),
    repairs: message.repairs.map(repairView),
    acting: actingOf(message.acting),
    reopened: message.reopened,
    flapping: message.flapping,
    endpointsTotal: message.endpointsTotal,
    endpointsFailing: message.endpointsFailing,
    downtimeMs: Math.round(message.downtimeMs),
    version: message.version,
  };
}

function statusOf({ resolvedAtMs, acknowledgedAtMs }: Incident): IncidentView["status"] {
  if (resolvedAtMs > 0) return "resolved";
  return acknowledgedAtMs > 0 ? "acknowledged" : "open";
}

function actingOf(acting: string): IncidentView["acting"] {
  return acting === "sentinel" || acting === "owner" ? acting : "nobody";
}

function diagnosisView(message: Diagnosis, locale: Locale): DiagnosisView {
  const { issue, cause, recommendations } = describeDiagnosis(locale, message);
  return {
    rule: message.rule,
    issue: message.issue,
    cause: message.cause,
    severity: severityName[message.severity],
    recommendations: message.recommendations,
    params: message.params,
    text: { issue, cause, recommendations: [...recommendations] },
  };
}

const REPAIR_STATES = ["requested", "running", "succeeded", "failed", "unknown"] as const;

function repairView(message: RepairSummary): RepairView {
  return {
    action: actionName[message.action],
    attempt: message.attempt,
    state: REPAIR_STATES.find((state) => state === message.state) ?? "unknown",
    requestedAt: instant(message.requestedAtMs),
    startedAt: instantOrNull(message.startedAtMs),
    deadline: instantOrNull(message.deadlineMs),
    finishedAt: instantOrNull(message.finishedAtMs),
    reason: textOrNull(message.reason),
  };
}

export function timelineView(message: TimelineEntry, locale: Locale): TimelineEntryView {
  const { event } = message;
  return {
    eventId: message.eventId,
    version: message.version,
    at: instant(message.atMs),
    type: event === undefined ? "unknown" : eventType(event),
    data: event === undefined ? {} : eventData(event),
    text: event === undefined ? "" : describeEvent(locale, event),
  };
}
