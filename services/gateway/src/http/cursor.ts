/** A place in a list, opaque to clients so that what it is made of may change. */
export function toCursor(key: string | number | undefined): string | null {
  return key === undefined ? null : Buffer.from(String(key)).toString("base64url");
}

export function fromCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}
