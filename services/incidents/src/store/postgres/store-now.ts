import type { Tx } from "@sentinel/eventstore/postgres";

/** Milliseconds since the epoch by the clock of the server, as part of a statement. */
export const storeNowMs = (tx: Tx) => tx`(extract(epoch FROM statement_timestamp()) * 1000)::bigint`;
