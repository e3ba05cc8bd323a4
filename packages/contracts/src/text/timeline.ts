import type { EndpointResult } from "../generated/sentinel/checks/v1/checks.ts";
import type { IncidentEvent } from "../generated/sentinel/incidents/v1/events.ts";
import type { Locale, TextParams } from "./catalogue.ts";
import { describeDiagnosis } from "./describe-diagnosis.ts";
import { formatDuration } from "./format.ts";
import { renderReason, renderText } from "./render-text.ts";

type Case = NonNullable<IncidentEvent["event"]>;

const TYPES: Readonly<Record<Case["$case"], string>> = {
  opened: "incident_opened",
  diagnosed: "incident_diagnosed",
  verdictChanged: "incident_verdict_changed",
  reopened: "incident_reopened",
  flappingStarted: "flapping_started",
  flappingStopped: "flapping_stopped",
  repairRequested: "repair_requested",
  repairWithheld: "repair_withheld",
  repairStarted: "repair_started",
  repairSucceeded: "repair_succeeded",
  repairFailed: "repair_failed",
  repairOutcomeUnknown: "repair_outcome_unknown",
  recommendationAdded: "recommendation_added",
  notificationDelivered: "notification_delivered",
  notificationFailed: "notification_failed",
  acknowledged: "incident_acknowledged",
  commentAdded: "comment_added",
  resolved: "incident_resolved",
};

/** Names of all timeline entries, such as "incident_opened". */
export const EVENT_TYPES: readonly string[] = Object.values(TYPES);

/** The name of an event in REST, SSE and the terminal, such as "incident_opened"; "unknown" for one without content. */
export function eventType(event: IncidentEvent): string {
  return event.event === undefined ? "unknown" : TYPES[event.event.$case];
}

/** What happened, for a person: the first sentence says it, what follows explains. */
export function describeEvent(locale: Locale, event: IncidentEvent): string {
  if (event.event === undefined) return renderText(locale, "event.unknown");
  const { variant, params } = factsOf(locale, event.event);
  const key = `event.${TYPES[event.event.$case]}`;
  return renderText(locale, variant === "" ? key : `${key}.${variant}`, params).trim();
}

/** "is down" or "is degraded", to stand after a name. */
export function describeState(locale: Locale, verdict: string): string {
  return renderText(locale, verdict === "VERDICT_DOWN" ? "state.down" : "state.degraded");
}

interface Facts {
  /** Which of several sentences of the same event; empty for the only one. */
  readonly variant: string;
  readonly params: TextParams;
}

const plain = (params: TextParams): Facts => ({ variant: "", params });

function factsOf(locale: Locale, event: Case): Facts {
  switch (event.$case) {
    case "opened":
      return {
        variant: event.value.nature === "NATURE_SLO" ? "slo" : event.value.over ? "over" : "",
        params: {
          monitor: event.value.monitorName,
          state: describeState(locale, event.value.verdict),
          failing: String(event.value.endpoints.length),
          total: String(event.value.endpointsTotal),
          reason: worstReason(locale, event.value.endpoints),
        },
      };
    case "diagnosed": {
      const { issue, cause } = describeDiagnosis(locale, event.value.diagnosis);
      return plain({ issue, cause });
    }
    case "verdictChanged":
      return plain({
        state: describeState(locale, event.value.verdict),
        reason: worstReason(locale, event.value.endpoints),
      });
    case "reopened":
      return plain({
        state: describeState(locale, event.value.verdict),
        times: String(event.value.times),
        reason: worstReason(locale, event.value.endpoints),
      });
    case "flappingStarted":
      return plain({ rounds: String(event.value.healthyRoundsNeeded) });
    case "flappingStopped":
      return plain({ rounds: String(event.value.rounds), changes: String(event.value.changes) });
    case "repairRequested":
    case "repairWithheld":
    case "repairStarted":
    case "repairSucceeded":
    case "repairFailed":
    case "repairOutcomeUnknown":
      return repairFacts(locale, event);
    case "recommendationAdded":
      return plain({
        recommendation: renderText(locale, `recommendation.${event.value.code}`, event.value.params),
      });
    case "notificationDelivered":
    case "notificationFailed":
      return notificationFacts(locale, event);
    case "acknowledged":
      return plain({ actor: actorOf(locale, event.value.actor) });
    case "commentAdded":
      return plain({ actor: actorOf(locale, event.value.actor), text: event.value.text });
    case "resolved":
      return {
        variant: resolutionOf(event.value.resolution),
        params: {
          actor: actorOf(locale, event.value.actor),
          downtime: formatDuration(locale, event.value.downtimeMs),
        },
      };
  }
}

function repairFacts(locale: Locale, event: Extract<Case, { $case: `repair${string}` }>): Facts {
  switch (event.$case) {
    case "repairRequested":
      return plain({
        patience: formatDuration(locale, event.value.patienceMs),
        used: String(event.value.usedThisHour),
        cap: String(event.value.hourlyCap),
      });
    case "repairWithheld":
      return plain({ reason: renderText(locale, `withheld.${event.value.reason}`, event.value.params) });
    case "repairStarted":
    case "repairOutcomeUnknown":
      return plain({ attempt: String(event.value.attempt) });
    case "repairSucceeded":
      return {
        variant: event.value.settledByCheck ? "settled_by_check" : "",
        params: { took: formatDuration(locale, event.value.tookMs) },
      };
    case "repairFailed":
      return plain({
        took: formatDuration(locale, event.value.tookMs),
        reason: renderReason(locale, event.value.reason, event.value.params),
      });
  }
}

function notificationFacts(locale: Locale, event: Extract<Case, { $case: `notification${string}` }>): Facts {
  const kind = renderText(locale, `notify.kind.${event.value.kind}`);
  const params = { kind, channel: event.value.channel, attempts: String(event.value.attempts) };
  if (event.$case === "notificationDelivered") {
    return { variant: event.value.possibleDuplicate ? "possible_duplicate" : "", params };
  }
  const reason = renderReason(locale, event.value.reason);
  return { variant: event.value.gaveUp ? "gave_up" : "", params: { ...params, reason } };
}

function worstReason(locale: Locale, endpoints: readonly EndpointResult[]): string {
  const worst = endpoints.find((each) => each.verdict === "VERDICT_DOWN") ?? endpoints[0];
  return worst === undefined ? "" : renderReason(locale, worst.reason, worst.evidence?.params ?? {});
}

const actorOf = (locale: Locale, actor: string): string => (actor === "" ? renderText(locale, "actor.unknown") : actor);

/** Such as "auto_fix"; an end nobody named is a recovery. */
export function resolutionOf(resolution: string): string {
  const name = lowerEnum(resolution, "RESOLUTION_");
  return name === "unspecified" ? "recovered" : name;
}

const lowerEnum = (value: string, prefix: string): string =>
  (value.startsWith(prefix) ? value.slice(prefix.length) : value).toLowerCase();

/** Fields that hold an enum, wherever they stand in an event. */
const ENUMS: Readonly<Record<string, (value: string) => string>> = {
  verdict: (value) => lowerEnum(value, "VERDICT_"),
  nature: (value) => lowerEnum(value, "NATURE_"),
  severity: (value) => lowerEnum(value, "SEVERITY_"),
  resolution: (value) => lowerEnum(value, "RESOLUTION_"),
  action: (value) => lowerEnum(value, "REPAIR_ACTION_").replaceAll("_", "-"),
};

/** Maps of somebody else's words, copied as they are. */
const MAPS = new Set(["params", "headers"]);

/** Fields with bytes that are no text. */
const BINARY = new Set(["screenshot"]);

/** The content of an event as JSON: camelCase, enums in lower case without their prefix, bytes as UTF-8 text or Base64. */
export function eventData(event: IncidentEvent): Record<string, unknown> {
  return event.event === undefined ? {} : fieldsOf(event.event.value);
}

function fieldsOf(message: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message)
      .filter(([key]) => key !== "_unknownFields")
      .map(([key, value]): [string, unknown] => [key, MAPS.has(key) ? value : jsonOf(key, value)]),
  );
}

function jsonOf(key: string, value: unknown): unknown {
  if (typeof value === "string") return ENUMS[key]?.(value) ?? value;
  if (value instanceof Uint8Array) {
    return BINARY.has(key) ? Buffer.from(value).toString("base64") : new TextDecoder().decode(value);
  }
  if (Array.isArray(value)) return value.map((each) => jsonOf("", each));
  if (typeof value === "object" && value !== null) return fieldsOf(value);
  return value ?? null;
}
