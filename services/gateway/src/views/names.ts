import { MonitorSource, MonitorStatus, Nature, RepairAction, Resolution, Severity, Verdict } from "@sentinel/contracts";
import type { IncidentView, MonitorStatusName, MonitorView, SeverityName, VerdictName } from "@sentinel/contracts/api";

/** The names of REST for the enums of the wire. */

export const verdictName: Readonly<Record<Verdict, VerdictName>> = {
  [Verdict.UNSPECIFIED]: "unknown",
  [Verdict.HEALTHY]: "healthy",
  [Verdict.DEGRADED]: "degraded",
  [Verdict.DOWN]: "down",
  [Verdict.UNKNOWN]: "unknown",
  [Verdict.MISSED]: "missed",
  [Verdict.MAINTENANCE]: "maintenance",
};

export const statusName: Readonly<Record<MonitorStatus, MonitorStatusName>> = {
  [MonitorStatus.UNSPECIFIED]: "unknown",
  [MonitorStatus.UNKNOWN]: "unknown",
  [MonitorStatus.HEALTHY]: "healthy",
  [MonitorStatus.DEGRADED]: "degraded",
  [MonitorStatus.DOWN]: "down",
  [MonitorStatus.SLEEPING]: "sleeping",
  [MonitorStatus.PAUSED]: "paused",
  [MonitorStatus.MAINTENANCE]: "maintenance",
};

export const sourceName: Readonly<Record<MonitorSource, MonitorView["source"]>> = {
  [MonitorSource.UNSPECIFIED]: "api",
  [MonitorSource.FILE]: "file",
  [MonitorSource.API]: "api",
  [MonitorSource.DEMO]: "demo",
};

export const natureName: Readonly<Record<Nature, IncidentView["nature"]>> = {
  [Nature.UNSPECIFIED]: "technical",
  [Nature.TECHNICAL]: "technical",
  [Nature.BUSINESS]: "business",
  [Nature.SLO]: "slo",
};

export const severityName: Readonly<Record<Severity, SeverityName>> = {
  [Severity.UNSPECIFIED]: "medium",
  [Severity.LOW]: "low",
  [Severity.MEDIUM]: "medium",
  [Severity.HIGH]: "high",
  [Severity.CRITICAL]: "critical",
};

export const actionName: Readonly<Record<RepairAction, "wake-up">> = {
  [RepairAction.UNSPECIFIED]: "wake-up",
  [RepairAction.WAKE_UP]: "wake-up",
};

export const resolutionName: Readonly<Record<Resolution, IncidentView["resolution"]>> = {
  [Resolution.UNSPECIFIED]: null,
  [Resolution.RECOVERED]: "recovered",
  [Resolution.AUTO_FIX]: "auto_fix",
  [Resolution.MANUAL]: "manual",
  [Resolution.MONITOR_DELETED]: "monitor_deleted",
  [Resolution.MONITOR_PAUSED]: "monitor_paused",
  [Resolution.BURN_ENDED]: "burn_ended",
};
