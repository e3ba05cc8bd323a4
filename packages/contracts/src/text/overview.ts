import type { Diagnosis } from "../generated/sentinel/incidents/v1/events.ts";
import type { Incident } from "../generated/sentinel/incidents/v1/service.ts";
import type { Locale } from "./catalogue.ts";
import { formatDateTime, formatDuration, formatTime } from "./format.ts";
import { describeDiagnosis } from "./describe-diagnosis.ts";
import { renderText } from "./render-text.ts";

/** What the answer needs to know of an incident. */
export type ProductionIncident = Pick<
  Incident,
  "id" | "monitorName" | "verdict" | "nature" | "startedAtMs" | "resolvedAtMs" | "acknowledgedBy" | "owner" | "acting"
> & { readonly diagnosis: Pick<Diagnosis, "issue" | "cause" | "recommendations" | "params"> | undefined };

/** What is known of production at one instant. */
export interface ProductionFacts {
  readonly monitors: {
    readonly total: number;
    readonly healthy: number;
    readonly degraded: number;
    readonly down: number;
    readonly unknown: number;
    readonly paused: number;
  };
  readonly nowMs: number;
  /** The newest check; 0 when none was made. */
  readonly checkedAtMs: number;
  /** Evidence older than this is not believed. */
  readonly staleMs: number;
  /** Open incidents, in any order. */
  readonly incidents: readonly ProductionIncident[];
}

export type ProductionState = "up" | "degraded" | "down" | "unknown" | "empty";
export type ProductionNature = "technical" | "business" | "both";
export type Acting = "sentinel" | "owner" | "nobody";

export interface ProductionView {
  readonly state: ProductionState;
  /** The first sentence says whether production is up; the next ones why, since when, of which kind, and who acts. */
  readonly headline: string;
  /** What follows the first sentence where the five answers stand beside it: which services, without cause and time. */
  readonly lead: string;
  /** Cause of the worst open incident, or of our losing sight; null when none is open, or nothing at all is heard. */
  readonly cause: string | null;
  /** RFC 3339; null when no incident is open. */
  readonly since: string | null;
  readonly nature: ProductionNature | null;
  readonly acting: Acting | null;
  readonly answers: {
    readonly up: string;
    readonly why: string;
    readonly since: string;
    readonly nature: string;
    readonly who: string;
  };
}

const DAY_MS = 86_400_000;
const STALE_MS = 90_000;
/** More services than these are counted, not named. */
const NAMED = 3;

/** How old the newest check may be before nothing is known any more; a monitor looked at seldom is not stale between two looks. */
export function staleAfterMs(periodsMs: readonly number[]): number {
  const known = periodsMs.filter((everyMs) => everyMs > 0);
  return known.length === 0 ? STALE_MS : Math.max(STALE_MS, 3 * Math.min(...known));
}

/** Is production up, if not why, since when, technical or business, who acts. Old evidence is "unknown", never "up". */
export function describeProduction(locale: Locale, facts: ProductionFacts): ProductionView {
  const open = facts.incidents.filter((each) => each.resolvedAtMs === 0).toSorted(byUrgency);
  const worst = open[0];
  const state = stateOf(facts, open);
  const text = (key: string, params: Readonly<Record<string, string>> = {}) =>
    renderText(locale, `overview.${key}`, params);
  const sinceMs = open.length === 0 ? 0 : Math.min(...open.map((each) => each.startedAtMs));
  const nature = natureOf(open);
  const acting = worst === undefined ? null : actingOf(worst);
  const span = worst === undefined ? undefined : spanOf(locale, sinceMs, facts.nowMs);
  const details = detailsOf(locale, facts, state, open);
  const none = text("answer.none");
  const explained = state === "unknown" ? blindnessOf(facts, state, open) : worst;
  return {
    state,
    headline: [text(`headline.${state}`), ...details].join(" "),
    lead: leadOf(locale, state, open, details),
    cause: explained === undefined ? null : describeDiagnosis(locale, explained.diagnosis).cause,
    since: sinceMs === 0 ? null : new Date(sinceMs).toISOString(),
    nature,
    acting,
    answers: {
      up: state === "empty" ? none : text("answer.up", countsOf(facts)),
      why: whyAnswer(locale, state, explained, details) ?? none,
      since: span === undefined ? none : text("answer.since", span),
      nature: nature === null ? none : text(`answer.${nature}`),
      who: worst === undefined ? none : whoAnswer(locale, worst),
    },
  };
}

function stateOf(facts: ProductionFacts, open: readonly ProductionIncident[]): ProductionState {
  const { monitors } = facts;
  if (monitors.total === 0) return "empty";
  if (!isFresh(facts) || monitors.paused >= monitors.total) return "unknown";
  // An incident of what nobody sees any more says how it was, not how it is.
  const proven = monitors.unknown > 0 && open.some(isBlindness) ? [] : open;
  if (monitors.down > 0 || proven.some((each) => each.verdict === "VERDICT_DOWN")) return "down";
  if (monitors.degraded > 0 || proven.some((each) => !isBlindness(each))) return "degraded";
  return monitors.unknown > 0 || open.length > 0 ? "unknown" : "up";
}

/** That we lost sight of services says nothing of them. */
const isBlindness = ({ diagnosis }: ProductionIncident): boolean => diagnosis?.issue === "coverage";

/** The incident that explains why nothing is known although results come; undefined where it is another state. */
function blindnessOf(
  facts: ProductionFacts,
  state: ProductionState,
  open: readonly ProductionIncident[],
): ProductionIncident | undefined {
  return state === "unknown" && isFresh(facts) ? open.find(isBlindness) : undefined;
}

const isFresh = (facts: ProductionFacts): boolean =>
  facts.checkedAtMs > 0 && facts.nowMs - facts.checkedAtMs <= facts.staleMs;

/** Down before degraded, business before technical, older before newer. */
function byUrgency(a: ProductionIncident, b: ProductionIncident): number {
  const rank = (each: ProductionIncident): number =>
    (each.verdict === "VERDICT_DOWN" ? 0 : 2) + (each.nature === "NATURE_BUSINESS" ? 0 : 1);
  return rank(a) - rank(b) || a.startedAtMs - b.startedAtMs || a.id - b.id;
}

function natureOf(open: readonly ProductionIncident[]): ProductionNature | null {
  if (open.length === 0) return null;
  const business = open.filter((each) => each.nature === "NATURE_BUSINESS").length;
  if (business === 0) return "technical";
  return business === open.length ? "business" : "both";
}

function actingOf(incident: ProductionIncident): Acting {
  if (incident.acting === "sentinel") return "sentinel";
  return incident.acting === "owner" ? "owner" : "nobody";
}

const personOf = (incident: ProductionIncident): string => incident.acknowledgedBy || incident.owner;

const countsOf = ({ monitors }: ProductionFacts) => ({
  healthy: String(monitors.healthy),
  unknown: String(monitors.unknown),
  checked: String(monitors.total - monitors.paused),
});

function spanOf(locale: Locale, sinceMs: number, nowMs: number): { readonly duration: string; readonly time: string } {
  const elapsedMs = Math.max(0, nowMs - sinceMs);
  return {
    duration: formatDuration(locale, Math.max(1, Math.floor(elapsedMs / 1000)) * 1000),
    time: elapsedMs < DAY_MS ? formatTime(locale, sinceMs) : formatDateTime(locale, sinceMs),
  };
}

function leadOf(
  locale: Locale,
  state: ProductionState,
  open: readonly ProductionIncident[],
  details: readonly string[],
): string {
  const worst = open[0];
  if (worst === undefined || state === "unknown") return details.join(" ");
  return [concernedOf(locale, worst), ...moreOf(locale, open)].join(" ");
}

function concernedOf(locale: Locale, incident: ProductionIncident): string {
  const { issue } = describeDiagnosis(locale, incident.diagnosis);
  return renderText(locale, "overview.detail.concerned", { monitor: incident.monitorName, issue });
}

/** The other open incidents, by the names of their services; nothing when there is only one. */
function moreOf(locale: Locale, open: readonly ProductionIncident[]): readonly string[] {
  const others = open.slice(1).map((each) => each.monitorName);
  if (others.length === 0) return [];
  const names = others.slice(0, NAMED).join(", ");
  const key = others.length > NAMED ? "overview.detail.many_more" : "overview.detail.more";
  return [renderText(locale, key, { count: String(others.length), names })];
}

function whyOf(locale: Locale, worst: ProductionIncident): string {
  const { issue, cause } = describeDiagnosis(locale, worst.diagnosis);
  return renderText(locale, "overview.detail.incident", { monitor: worst.monitorName, issue, cause });
}

/** Undefined when there is nothing to explain. */
function whyAnswer(
  locale: Locale,
  state: ProductionState,
  explained: ProductionIncident | undefined,
  details: readonly string[],
): string | undefined {
  if (state === "up" || state === "empty") return undefined;
  return explained === undefined ? details[0] : whyOf(locale, explained);
}

function whoAnswer(locale: Locale, worst: ProductionIncident): string {
  const acting = actingOf(worst);
  return acting === "owner" ? personOf(worst) : renderText(locale, `overview.answer.${acting}`);
}

/** What follows the first sentence. */
function detailsOf(
  locale: Locale,
  facts: ProductionFacts,
  state: ProductionState,
  open: readonly ProductionIncident[],
): readonly string[] {
  const text = (key: string, params: Readonly<Record<string, string>> = {}) =>
    renderText(locale, `overview.detail.${key}`, params);
  switch (state) {
    case "empty":
      return [text("empty")];
    case "up":
      return [text("all_healthy", countsOf(facts))];
    case "unknown":
      return unknownDetails(locale, facts, open);
    case "down":
    case "degraded":
      return failingDetails(locale, facts, open);
  }
}

function unknownDetails(
  locale: Locale,
  facts: ProductionFacts,
  open: readonly ProductionIncident[],
): readonly string[] {
  const text = (key: string, params: Readonly<Record<string, string>> = {}) =>
    renderText(locale, `overview.detail.${key}`, params);
  if (facts.monitors.paused >= facts.monitors.total) return [text("paused")];
  if (facts.checkedAtMs === 0) return [text("never_checked")];
  if (isFresh(facts)) {
    const notJudged = facts.monitors.unknown === 0 ? [] : [text("not_judged", countsOf(facts))];
    const blindness = blindnessOf(facts, "unknown", open);
    if (blindness === undefined) return notJudged;
    const before = open.filter((each) => !isBlindness(each)).length;
    const then = before === 0 ? [] : [text("open_when_seen", { count: String(before) })];
    return [...notJudged, concernedOf(locale, blindness), ...then];
  }
  const age = formatDuration(locale, Math.floor((facts.nowMs - facts.checkedAtMs) / 1000) * 1000);
  const stale = text("stale", { age });
  return open.length === 0 ? [stale] : [stale, text("stale_incidents", { count: String(open.length) })];
}

function failingDetails(
  locale: Locale,
  facts: ProductionFacts,
  open: readonly ProductionIncident[],
): readonly string[] {
  const text = (key: string, params: Readonly<Record<string, string>> = {}) =>
    renderText(locale, `overview.detail.${key}`, params);
  const worst = open[0];
  const nature = natureOf(open);
  if (worst === undefined || nature === null) return [text("no_incident")];
  const sinceMs = Math.min(...open.map((each) => each.startedAtMs));
  return [
    whyOf(locale, worst),
    ...moreOf(locale, open),
    text("since", spanOf(locale, sinceMs, facts.nowMs)),
    text(nature),
    text(actingOf(worst), { who: personOf(worst) }),
  ];
}
