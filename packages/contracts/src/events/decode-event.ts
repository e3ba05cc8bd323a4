import { IncidentEvent } from "../generated/sentinel/incidents/v1/events.ts";
import {
  MaintenanceCancelled,
  MaintenanceChanged,
  MaintenanceEnded,
  MaintenanceScheduled,
  MonitorChanged,
  MonitorCreated,
  MonitorDeleted,
} from "../generated/sentinel/monitors/v1/monitors.ts";
import { EVENT_TYPES_STORED } from "./event-types.ts";
import { type StoredPayload, upcast } from "./upcast.ts";

/** A change of a monitor's configuration. */
export type MonitorEvent =
  | { readonly $case: "created"; readonly value: MonitorCreated }
  | { readonly $case: "changed"; readonly value: MonitorChanged }
  | { readonly $case: "deleted"; readonly value: MonitorDeleted };

/** What was decided about a maintenance window. */
export type MaintenanceEvent =
  | { readonly $case: "scheduled"; readonly value: MaintenanceScheduled }
  | { readonly $case: "changed"; readonly value: MaintenanceChanged }
  | { readonly $case: "ended"; readonly value: MaintenanceEnded }
  | { readonly $case: "cancelled"; readonly value: MaintenanceCancelled };

/**
 * A stored event of an incident as today's message. One that a newer version wrote is kept as an event without
 * content, which has its place in the timeline and a neutral sentence.
 */
export function decodeIncidentEvent(stored: StoredPayload): IncidentEvent {
  const payload = upcast(EVENT_TYPES_STORED, stored);
  return payload === undefined ? { event: undefined } : IncidentEvent.decode(payload);
}

/** A stored event of a monitor as today's message; undefined for one that a newer version wrote. */
export function decodeMonitorEvent(stored: StoredPayload): MonitorEvent | undefined {
  const payload = upcast(EVENT_TYPES_STORED, stored);
  if (payload === undefined) return undefined;
  switch (stored.type) {
    case "monitor.created":
      return { $case: "created", value: MonitorCreated.decode(payload) };
    case "monitor.changed":
      return { $case: "changed", value: MonitorChanged.decode(payload) };
    case "monitor.deleted":
      return { $case: "deleted", value: MonitorDeleted.decode(payload) };
    default:
      return undefined;
  }
}

/** A stored event of a maintenance window as today's message; undefined for one that a newer version wrote. */
export function decodeMaintenanceEvent(stored: StoredPayload): MaintenanceEvent | undefined {
  const payload = upcast(EVENT_TYPES_STORED, stored);
  if (payload === undefined) return undefined;
  switch (stored.type) {
    case "maintenance.scheduled":
      return { $case: "scheduled", value: MaintenanceScheduled.decode(payload) };
    case "maintenance.changed":
      return { $case: "changed", value: MaintenanceChanged.decode(payload) };
    case "maintenance.ended":
      return { $case: "ended", value: MaintenanceEnded.decode(payload) };
    case "maintenance.cancelled":
      return { $case: "cancelled", value: MaintenanceCancelled.decode(payload) };
    default:
      return undefined;
  }
}

/** A stored event of any stream, for those who take it as it is; undefined for one that a newer version wrote. */
export function decodeEvent(stored: StoredPayload): IncidentEvent | MonitorEvent | MaintenanceEvent | undefined {
  switch (stored.type.split(".", 1)[0]) {
    case "incident":
      return decodeIncidentEvent(stored);
    case "monitor":
      return decodeMonitorEvent(stored);
    default:
      return decodeMaintenanceEvent(stored);
  }
}

/** The version that events of this type are written with. @throws RangeError for a type that is not registered */
export function schemaVersionOf(type: string): number {
  const known = EVENT_TYPES_STORED[type];
  if (known === undefined) throw new RangeError(`The event type ${type} is not registered.`);
  return known.version;
}
