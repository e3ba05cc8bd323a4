import { z } from "zod";
import { issue } from "./problem.ts";

/**
 * A monitor names its secrets and never holds them: what it says is kept in the event log. Only variables of this prefix
 * can be named, so that nobody who may add a monitor can have other variables of the machine sent somewhere.
 */
const PREFIX = "SENTINEL_SECRET_";
const REFERENCE = /\$\{(\w+)\}/g;

/** The names referred to in a text. */
export const secretNames = (text: string): readonly string[] =>
  [...text.matchAll(REFERENCE)].flatMap(([, name]) => (name === undefined ? [] : [name]));

export const isSecretName = (name: string): boolean => name.startsWith(PREFIX) && name.length > PREFIX.length;

/** Text in which "${SENTINEL_SECRET_NAME}" stands for the secret. */
export const withSecrets = (max: number) =>
  z
    .string()
    .max(max)
    .superRefine((text, context) => {
      const wrong = secretNames(text).find((name) => !isSecretName(name));
      if (wrong !== undefined) context.addIssue({ code: "custom", ...issue("secret_name", { name: wrong }) });
    });

/** A field that holds nothing but a reference. */
export const secretReference = z.string().superRefine((text, context) => {
  const [name] = secretNames(text);
  if (name === undefined || text !== `\${${name}}` || !isSecretName(name)) {
    context.addIssue({ code: "custom", ...issue("secret_literal") });
  }
});

/** The text with each reference replaced, or the first name that has no value. */
export function fillSecrets(
  text: string,
  valueOf: (name: string) => string | undefined,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly missing: string } {
  const missing = secretNames(text).find((name) => !isSecretName(name) || valueOf(name) === undefined);
  if (missing !== undefined) return { ok: false, missing };
  return { ok: true, text: text.replace(REFERENCE, (_, name: string) => valueOf(name) ?? "") };
}
