import { createHash, createHmac } from "node:crypto";
import { type ChannelConfig } from "@sentinel/contracts/config";
import { describeDiagnosis, type Locale, resolutionOf } from "@sentinel/contracts/text";
import type { Egress } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";
import type { IncidentState, Notification, Send } from "../core/types.ts";
import { plainText, renderMessage } from "./message.ts";
import { postJson, traceHeaders } from "./post.ts";

type WebhookConfig = Extract<ChannelConfig, { type: "webhook" }>;

/** Sends by the rules of Standard Webhooks: the id is the same for every try, the signature covers id, time and body. */
export function createWebhookSend(options: {
  readonly config: WebhookConfig;
  readonly egress: Egress;
  readonly locale: Locale;
  readonly clock: Clock;
}): Send {
  const { config, egress, locale, clock } = options;
  return async (notification, signal) => {
    const id = webhookId(notification.id);
    const timestamp = String(Math.floor(clock.now() / 1000));
    const body = JSON.stringify(payloadOf(locale, notification));
    const signature =
      config.secret === undefined ? {} : { "webhook-signature": sign(config.secret.reveal(), id, timestamp, body) };
    await postJson(egress, {
      channel: config.name,
      url: config.url.reveal(),
      headers: {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        ...signature,
        ...traceHeaders(notification.traceparent),
      },
      body,
      signal,
    });
  };
}

/** The notification's id where it fits a header and holds no dot (the separator of what is signed), else its hash. */
function webhookId(id: string): string {
  return /^[\x21-\x2d\x2f-\x7e]+$/.test(id) ? id : `msg_${createHash("sha256").update(id).digest("hex")}`;
}

function sign(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

function payloadOf(locale: Locale, notification: Notification): object {
  const { incident } = notification;
  const message = renderMessage(locale, notification);
  return {
    type: notification.kind === "test" ? "notification.test" : `incident.${notification.kind}`,
    timestamp: new Date(notification.atMs).toISOString(),
    data: {
      notificationId: notification.id,
      incident: incident === undefined ? null : incidentOf(locale, incident),
      subject: message.subject,
      text: plainText(locale, message),
      link: notification.link === "" ? null : notification.link,
      possibleDuplicate: notification.possibleDuplicate,
    },
  };
}

const instantOf = (ms: number): string | null => (ms === 0 ? null : new Date(ms).toISOString());
const orNull = (text: string): string | null => (text === "" ? null : text);
const lower = (value: string, prefix: string): string => value.slice(prefix.length).toLowerCase();

/** The incident as the REST API names its fields. */
function incidentOf(locale: Locale, incident: IncidentState): object {
  const { diagnosis } = incident;
  const open = incident.resolvedAtMs === 0;
  return {
    id: incident.id,
    monitorId: incident.monitorId,
    monitorName: incident.monitorName,
    nature: lower(incident.nature, "NATURE_"),
    verdict: lower(incident.verdict, "VERDICT_"),
    status: open ? (incident.acknowledgedAtMs > 0 ? "acknowledged" : "open") : "resolved",
    severity: diagnosis === undefined ? null : lower(diagnosis.severity, "SEVERITY_"),
    diagnosis:
      diagnosis === undefined
        ? null
        : {
            rule: diagnosis.rule,
            issue: diagnosis.issue,
            cause: diagnosis.cause,
            recommendations: diagnosis.recommendations,
            params: diagnosis.params,
            text: describeDiagnosis(locale, diagnosis),
          },
    startedAt: instantOf(incident.startedAtMs),
    detectedAt: instantOf(incident.detectedAtMs),
    resolvedAt: instantOf(incident.resolvedAtMs),
    resolution: open ? null : resolutionOf(incident.resolution),
    acknowledgedBy: orNull(incident.acknowledgedBy),
    owner: orNull(incident.owner),
    reopened: incident.reopened,
    flapping: incident.flapping,
    endpointsTotal: incident.endpointsTotal,
    endpointsFailing: incident.endpointsFailing,
    downtimeMs: incident.downtimeMs,
    version: incident.version,
  };
}
