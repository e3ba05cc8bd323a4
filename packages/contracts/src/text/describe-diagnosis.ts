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
