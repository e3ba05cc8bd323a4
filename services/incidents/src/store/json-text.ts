/** Escapes that JSON may hold and a database column of JSON may not: NUL, and halves of a surrogate pair. */
const NOT_STORABLE = /\\u(?:0000|d[89a-f])/i;

/** JSON that a database takes: what cannot be stored of a text becomes U+FFFD, so no text can stop the fold. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (!NOT_STORABLE.test(text)) return text;
  return JSON.stringify(value, (_key, each: unknown) => (typeof each === "string" ? storableText(each) : each));
}

/** The text without what no column can hold. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\ufffd");
}
