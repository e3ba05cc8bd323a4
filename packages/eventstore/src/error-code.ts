/**
 * SQLSTATE or system code of whatever was thrown, such as "ENOSPC"; empty when it has none. It looks at the shape, as
 * Node's own errors are not always of the same `Error` class as ours.
 */
export function errorCode(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}
