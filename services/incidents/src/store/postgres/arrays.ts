import type { Tx } from "@sentinel/eventstore/postgres";

const INT8 = 20;
const FLOAT8 = 701;
const BYTEA = 17;

/** Columns for `unnest`: one round trip for any number of rows. */
export const integers = (tx: Tx, values: readonly number[]) => tx.array([...values], INT8);
export const floats = (tx: Tx, values: readonly number[]) => tx.array([...values], FLOAT8);
export const bytes = (tx: Tx, values: readonly Uint8Array[]) => tx.array([...values], BYTEA);
