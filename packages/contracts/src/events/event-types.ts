import type { IncidentEvent } from "../generated/sentinel/incidents/v1/events.ts";
import type { Upcaster } from "./upcast.ts";

type IncidentCase = NonNullable<IncidentEvent["event"]>["$case"];

/** A type of stored events: the version written today, and how payloads of each earlier one become the next one's. */
export interface EventType {
  readonly version: number;
  /** By the version they start from; one for each version before today's. */
  readonly upcasters: Readonly<Record<number, Upcaster>>;
}

const FIRST: EventType = { version: 1, upcasters: {} };

const INCIDENT: Readonly<Record<`incident.${IncidentCase}`, EventType>> = {
  "incident.opened": FIRST,
  "incident.diagnosed": FIRST,
  "incident.verdictChanged": FIRST,
  "incident.reopened": FIRST,
  "incident.flappingStarted": FIRST,
  "incident.flappingStopped": FIRST,
  "incident.repairRequested": FIRST,
  "incident.repairWithheld": FIRST,
  "incident.repairStarted": FIRST,
  "incident.repairSucceeded": FIRST,
  "incident.repairFailed": FIRST,
  "incident.repairOutcomeUnknown": FIRST,
  "incident.recommendationAdded": FIRST,
  "incident.notificationDelivered": FIRST,
  "incident.notificationFailed": FIRST,
  "incident.acknowledged": FIRST,
  "incident.commentAdded": FIRST,
  "incident.resolved": FIRST,
};

/**
 * Every type of event in the log. Fields may be added to a message without a new version, as protobuf keeps old and
 * new readable; a new version is for what would mean something else.
 */
export const EVENT_TYPES_STORED: Readonly<Record<string, EventType>> = {
  ...INCIDENT,
  "monitor.created": FIRST,
  "monitor.changed": FIRST,
  "monitor.deleted": FIRST,
  "maintenance.scheduled": FIRST,
  "maintenance.changed": FIRST,
  "maintenance.ended": FIRST,
  "maintenance.cancelled": FIRST,
};
