import { type Locale, renderText, type TextParams } from "@sentinel/contracts/text";

/** Lines for the person at the terminal; the log of the services goes to a file. */
export function createConsole(locale: Locale): { say(key: string, params?: TextParams): void } {
  return { say: (key, params = {}) => void process.stdout.write(`${renderText(locale, key, params)}\n`) };
}
