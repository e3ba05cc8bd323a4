import { bytes as bytesLiteral, numbers, type Tx } from "@sentinel/eventstore/postgres";

export { texts } from "@sentinel/eventstore/postgres";

/** Columns for `unnest`: one round trip for any number of rows. Cast them: `${integers(…)}::bigint[]`. */
export const integers = (_tx: Tx, values: readonly number[]): string => numbers(values);
export const floats = (_tx: Tx, values: readonly number[]): string => numbers(values);
export const bytes = (_tx: Tx, values: readonly Uint8Array[]): string => bytesLiteral(values);
