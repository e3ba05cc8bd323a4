import { fill, type Locale } from "@sentinel/contracts/text/screen";
import type { en } from "../messages/en.ts";

export type MessageParams = Readonly<Record<string, string>>;
type Message = string | ((params: MessageParams) => string);
export type MessageKey = keyof typeof en;
/** Every language has every key; a missing one does not compile. */
export type Messages = Readonly<Record<MessageKey, Message>>;

const known = new Map<Locale, Messages>();

/** Makes the words of a language known: each page is given those of its reader only. */
export function registerMessages(locale: Locale, messages: Messages): void {
  known.set(locale, messages);
}

/** The words of a key in the reader's language, with its parameters filled in. */
export function translate(locale: Locale, key: MessageKey, params: MessageParams = {}): string {
  const message = known.get(locale)?.[key] ?? key;
  return fill(typeof message === "function" ? message(params) : message, params);
}

export type Translate = (key: MessageKey, params?: MessageParams) => string;

/** The language of an address segment; anything unknown reads English. */
export function localeOf(segment: string): Locale {
  return segment === "fr" ? "fr" : "en";
}
