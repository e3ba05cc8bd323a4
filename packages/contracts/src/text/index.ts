import { ERRORS, type ErrorParams, type ErrorText, type FieldProblem } from "../errors/index.ts";
import type { Catalogue, Locale, TextParams } from "./catalogue.ts";
import { catalogue as en } from "./en/index.ts";
import { catalogue as fr } from "./fr/index.ts";
import { fill } from "./sentence.ts";

export * from "./catalogue.ts";
export * from "./format.ts";
export { fill } from "./sentence.ts";

const catalogues: Readonly<Record<Locale, Catalogue>> = { en, fr };

/** The sentence of a stored code in the reader's language; a code nobody wrote a sentence for is shown as it is. */
export function renderText(locale: Locale, key: string, params: TextParams = {}): string {
  const sentence = catalogues[locale][key];
  if (sentence === undefined) return key;
  return typeof sentence === "function" ? sentence(params, locale) : fill(sentence, params);
}

/** True where a sentence exists for this key. */
export function hasText(locale: Locale, key: string): boolean {
  return catalogues[locale][key] !== undefined;
}

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
