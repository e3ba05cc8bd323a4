import type { Tx } from "@sentinel/eventstore/postgres";

/**
 * Columns for `unnest`: one round trip for any number of rows. They are written as PostgreSQL's own array literals, which
 * the driver passes on as they are; it would look at each element several times. Cast them: `${integers(…)}::bigint[]`.
 */
export const integers = (_tx: Tx, values: readonly number[]): string => `{${values.join(",")}}`;

export const floats = (_tx: Tx, values: readonly number[]): string => `{${values.join(",")}}`;

/** Hexadecimal, for `bytea[]`. */
export const bytes = (_tx: Tx, values: readonly Uint8Array[]): string =>
  `{${values.map((value) => `"\\\\x${hex(value)}"`).join(",")}}`;

const hex = (value: Uint8Array): string =>
  Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
