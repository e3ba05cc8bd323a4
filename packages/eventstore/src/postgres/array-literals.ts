/**
 * Columns for `unnest`, written as PostgreSQL's own array literals, which the driver passes on as they are; of an array it
 * looks at each element several times. Cast them: `${numbers(…)}::bigint[]`. An empty one is an empty array.
 */
export const numbers = (values: readonly number[]): string => `{${values.join(",")}}`;

export const texts = (values: readonly string[]): string => `{${values.map(quoted).join(",")}}`;

const quoted = (value: string): string => `"${/["\\]/.test(value) ? value.replaceAll(/["\\]/g, "\\$&") : value}"`;

/** Hexadecimal, for `bytea[]`. */
export const bytes = (values: readonly Uint8Array[]): string =>
  `{${values.map((value) => `"\\\\x${hex(value)}"`).join(",")}}`;

const hex = (value: Uint8Array): string =>
  Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
