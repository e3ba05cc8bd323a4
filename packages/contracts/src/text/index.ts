import { ERRORS, type ErrorParams, type ErrorText, type FieldProblem } from "../errors/index.ts";
import type { Locale } from "./catalogue.ts";
import { registerCatalogue } from "./catalogues.ts";
import { catalogue as en } from "./en/index.ts";
import { catalogue as fr } from "./fr/index.ts";
import { renderText } from "./render-text.ts";
import { fill } from "./sentence.ts";

export * from "./screen.ts";
export * from "./timeline.ts";

registerCatalogue("en", en);
registerCatalogue("fr", fr);

/** Title, detail and fix of an error code in the reader's language. */
export function renderError(locale: Locale, code: string, params: ErrorParams = {}): ErrorText {
  const spec = ERRORS[code] ?? ERRORS["internal"];
  if (spec === undefined) return { title: code, detail: "", fix: "" };
  const text = spec[locale];
  return { title: fill(text.title, params), detail: fill(text.detail, params), fix: fill(text.fix, params) };
}

/** One fault of a document as a sentence. */
export function renderProblem(locale: Locale, problem: Pick<FieldProblem, "code" | "params">): string {
  return renderText(locale, `problem.${problem.code}`, problem.params);
}

/** The language to answer in, from an Accept-Language header or a LANG variable; English when neither is French. */
export function chooseLocale(wanted: string | undefined): Locale {
  for (const part of (wanted ?? "").toLowerCase().split(",")) {
    const tag = part.trim();
    if (tag.startsWith("fr")) return "fr";
    if (tag.startsWith("en")) return "en";
  }
  return "en";
}
