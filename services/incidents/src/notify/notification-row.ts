import { partitionOf } from "@sentinel/contracts";
import type { IncidentState, Notification, NotificationKind } from "../core/types.ts";
import type { NewOutboxRow, OutboxRow } from "../store/port.ts";

/** What an outbox row of kind "notification" holds. */
export interface NotificationPayload {
  readonly eventId: string;
  readonly channel: string;
  readonly kind: NotificationKind;
  readonly incident: IncidentState;
  readonly atMs: number;
}

/** The row's key is the message's id for ever: event and channel. Messages of a channel on an incident keep their order. */
export function encodeNotification(payload: NotificationPayload, traceparent: string): NewOutboxRow {
  return {
    kind: "notification",
    subject: `${payload.channel}/${payload.incident.id}`,
    part: partitionOf(payload.incident.monitorId),
    payload: new TextEncoder().encode(JSON.stringify(payload)),
    key: `${payload.eventId}-${payload.channel}`,
    atMs: payload.atMs,
    traceparent,
  };
}

/** The message of a row that `encodeNotification` made; nobody else writes these rows. */
export function storedNotification(row: OutboxRow, publicUrl: string): Notification {
  const payload = storedPayload(row);
  return {
    id: row.key,
    channel: payload.channel,
    kind: payload.kind,
    incident: payload.incident,
    atMs: payload.atMs,
    attempt: row.attempts,
    possibleDuplicate: row.maybeSent,
    link: publicUrl === "" ? "" : `${publicUrl}/incidents/${payload.incident.id}`,
    traceparent: row.traceparent,
  };
}

function storedPayload(row: OutboxRow): NotificationPayload {
  return JSON.parse(new TextDecoder().decode(row.payload));
}
