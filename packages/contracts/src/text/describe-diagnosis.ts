import type { TimelineEntryView } from "../api/index.ts";
import type { Diagnosis } from "../generated/sentinel/incidents/v1/events.ts";
import type { Locale } from "./catalogue.ts";
import { renderText } from "./render-text.ts";

/** Issue, cause and recommendations as the reader's sentences; the issue is a title without a full stop. */
export function describeDiagnosis(
  locale: Locale,
  diagnosis: Pick<Diagnosis, "issue" | "cause" | "recommendations" | "params"> | undefined,
): { readonly issue: string; readonly cause: string; readonly recommendations: readonly string[] } {
  const params = diagnosis?.params ?? {};
  return {
    issue: renderText(locale, `issue.${diagnosis?.issue ?? "failing"}`, params),
    cause: renderText(locale, `cause.${diagnosis?.cause ?? "unknown_cause"}`, params),
    recommendations: (diagnosis?.recommendations ?? []).map((code) =>
      renderText(locale, `recommendation.${code}`, params),
    ),
  };
}

/**
 * An entry of a timeline as a sentence. What it says of instants is told anew where it is read: the server's clock on the wall is
 * not the reader's.
 */
export function describeEntry(locale: Locale, entry: Pick<TimelineEntryView, "type" | "data" | "text">): string {
  const { issue, cause, params } = textsOf(entry.data["diagnosis"]);
  if (entry.type !== "incident_diagnosed" || params["sinceMs"] === undefined) return entry.text;
  const told = describeDiagnosis(locale, { issue, cause, recommendations: [], params });
  return `${told.issue}. ${told.cause}`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function textsOf(diagnosis: unknown): Pick<Diagnosis, "issue" | "cause" | "params"> {
  if (!isRecord(diagnosis)) return { issue: "", cause: "", params: {} };
  const { issue, cause, params } = diagnosis;
  const known = Object.entries(isRecord(params) ? params : {}).map(([name, value]) => [name, textOf(value)]);
  return { issue: textOf(issue), cause: textOf(cause), params: Object.fromEntries(known) };
}
