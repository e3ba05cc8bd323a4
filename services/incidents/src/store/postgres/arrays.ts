import {
  bytes as bytesLiteral,
  floats as floatsLiteral,
  integers as integersLiteral,
  type Tx,
} from "@sentinel/eventstore/postgres";

export { texts } from "@sentinel/eventstore/postgres";

/** Columns for `unnest`: one round trip for any number of rows. Cast them: `${integers(…)}::bigint[]`. */
export const integers = (_tx: Tx, values: readonly number[]): string => integersLiteral(values);
export const floats = (_tx: Tx, values: readonly number[]): string => floatsLiteral(values);
export const bytes = (_tx: Tx, values: readonly Uint8Array[]): string => bytesLiteral(values);
