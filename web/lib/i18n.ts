import { fill, type Locale } from "@sentinel/contracts/text";
import { en } from "../messages/en.ts";
import { fr } from "../messages/fr.ts";

export type MessageParams = Readonly<Record<string, string>>;
type Message = string | ((params: MessageParams) => string);
export type MessageKey = keyof typeof en;
/** Every language has every key; a missing one does not compile. */
export type Messages = Readonly<Record<MessageKey, Message>>;

const catalogues: Readonly<Record<Locale, Messages>> = { en, fr };

/** The words of a key in the reader's language, with its parameters filled in. */
export function translate(locale: Locale, key: MessageKey, params: MessageParams = {}): string {
  const message = catalogues[locale][key];
  return fill(typeof message === "function" ? message(params) : message, params);
}

export type Translate = (key: MessageKey, params?: MessageParams) => string;

/** The language of an address segment; anything unknown reads English. */
export function localeOf(segment: string): Locale {
  return segment === "fr" ? "fr" : "en";
}
