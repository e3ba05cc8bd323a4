import type { Locale, TextParams } from "./catalogue.ts";
import { catalogueOf } from "./catalogues.ts";
import { fill } from "./sentence.ts";

/** The sentence of a stored code in the reader's language; a code nobody wrote a sentence for is shown as it is. */
export function renderText(locale: Locale, key: string, params: TextParams = {}): string {
  const sentence = catalogueOf(locale)[key];
  if (sentence === undefined) return key;
  return typeof sentence === "function" ? sentence(params, locale) : fill(sentence, params);
}

/** True where a sentence exists for this key. */
export function hasText(locale: Locale, key: string): boolean {
  return catalogueOf(locale)[key] !== undefined;
}

/** The codes that have a sentence under this prefix, such as "reason." */
export function codesOf(prefix: string): readonly string[] {
  return Object.keys(catalogueOf("en"))
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .toSorted();
}

/** A reason code as a sentence, which names the step of a scenario; an empty code is the unknown reason. */
export function renderReason(locale: Locale, reason: string, params: TextParams = {}): string {
  const sentence = renderText(locale, `reason.${reason === "" ? "unknown" : reason}`, params);
  const step = params["step"] ?? "";
  return step === "" ? sentence : renderText(locale, "step.reason", { step, reason: sentence });
}
