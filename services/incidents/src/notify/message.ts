import { type Diagnosis, Resolution } from "@sentinel/contracts";
import {
  describeDiagnosis,
  describeState,
  formatDateTime,
  formatDuration,
  type Locale,
  renderReason,
  renderText,
  resolutionOf,
} from "@sentinel/contracts/text";
import type { IncidentState, Notification } from "../core/types.ts";

/** A notification in words: what every sender shows in its own form. */
export interface Message {
  readonly subject: string;
  /** What happened and why. */
  readonly lead: string;
  /** More facts, one a line; without the link. */
  readonly lines: readonly string[];
  /** Empty when it is certain that no earlier try arrived. */
  readonly duplicate: string;
  readonly link: string;
}

/** The words of a notification in one language. */
export function renderMessage(locale: Locale, notification: Notification): Message {
  const { incident } = notification;
  const common = {
    duplicate: notification.possibleDuplicate ? renderText(locale, "notify.line.possible_duplicate") : "",
    link: notification.link,
  };
  if (incident === undefined) {
    return {
      ...common,
      subject: renderText(locale, "notify.subject.test"),
      lead: renderText(locale, "notify.lead.test", { channel: notification.channel }),
      lines: [],
    };
  }
  return {
    ...common,
    subject: subjectOf(locale, notification, incident),
    lead: leadOf(locale, notification, incident),
    lines: notification.kind === "resolved" ? [] : linesOf(locale, notification, incident),
  };
}

/** The whole message as plain text, without its subject. */
export function plainText(locale: Locale, message: Message): string {
  const link = message.link === "" ? "" : renderText(locale, "notify.line.link", { link: message.link });
  return [message.lead, ...message.lines, link, message.duplicate].filter((line) => line !== "").join("\n");
}

function subjectOf(locale: Locale, notification: Notification, incident: IncidentState): string {
  const byHand = incident.resolution !== Resolution.RECOVERED && incident.resolution !== Resolution.AUTO_FIX;
  const kind = notification.kind === "resolved" && byHand ? "closed" : notification.kind;
  return renderText(locale, `notify.subject.${kind}`, {
    monitor: incident.monitorName,
    state: describeState(locale, incident.verdict),
  });
}

function leadOf(locale: Locale, notification: Notification, incident: IncidentState): string {
  if (notification.kind === "resolved") {
    return renderText(locale, `event.incident_resolved.${resolutionOf(incident.resolution)}`, {
      actor: renderText(locale, "actor.unknown"),
      downtime: formatDuration(locale, incident.downtimeMs),
    });
  }
  const { issue, cause } = describeDiagnosis(locale, incident.diagnosis);
  const reason = renderReason(locale, incident.repairs.at(-1)?.reason ?? "");
  return renderText(locale, `notify.lead.${notification.kind}`, { issue, cause, reason });
}

function linesOf(locale: Locale, notification: Notification, incident: IncidentState): readonly string[] {
  const line = (name: string, params: Readonly<Record<string, string>> = {}): string =>
    renderText(locale, `notify.line.${name}`, params);
  const repairing = ["requested", "running"].includes(incident.repairs.at(-1)?.state ?? "");
  const nature = incident.nature === "NATURE_BUSINESS" ? "business" : "technical";
  return [
    line("since", {
      time: `${formatDateTime(locale, incident.startedAtMs, "UTC")} UTC`,
      duration: formatDuration(locale, Math.max(0, notification.atMs - incident.startedAtMs)),
    }),
    line("nature", { nature: renderText(locale, `overview.answer.${nature}`) }),
    ...(incident.owner === "" ? [] : [line("owner", { owner: incident.owner })]),
    ...(repairing
      ? [line("sentinel")]
      : adviceOf(locale, incident.diagnosis).map((advice) => line("recommendation", advice))),
  ];
}

function adviceOf(locale: Locale, diagnosis: Diagnosis | undefined): readonly { readonly recommendation: string }[] {
  return describeDiagnosis(locale, diagnosis)
    .recommendations.slice(0, 2)
    .map((recommendation) => ({ recommendation }));
}
