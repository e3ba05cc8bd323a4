import { HeartbeatState } from "@sentinel/contracts";
import type { Tx } from "@sentinel/eventstore/postgres";
import type { HeartbeatTable } from "../heartbeat-table.ts";

interface Row {
  readonly state: Uint8Array;
}

const decode = ([row]: readonly Row[]): HeartbeatState | undefined =>
  row === undefined ? undefined : HeartbeatState.decode(row.state);

export function postgresHeartbeats(tx: Tx): HeartbeatTable {
  return {
    token: async (owner, fresh) => {
      await tx`INSERT INTO ping_tokens (owner, token) VALUES (${owner}, ${fresh}) ON CONFLICT (owner) DO NOTHING`;
      const [row] = await tx<{ readonly token: string }[]>`SELECT token FROM ping_tokens WHERE owner = ${owner}`;
      return row?.token ?? fresh;
    },
    ownerOf: async (token) => {
      const [row] = await tx<{ readonly owner: string }[]>`SELECT owner FROM ping_tokens WHERE token = ${token}`;
      return row?.owner;
    },
    lock: async (id) => {
      // There is no row to lock before the first ping.
      await tx`SELECT pg_advisory_xact_lock(hashtextextended(${id}, 7))`;
      return decode(await tx<Row[]>`SELECT state FROM pings WHERE monitor_id = ${id} ORDER BY seq DESC LIMIT 1`);
    },
    save: async (id, state, keep) => {
      await tx`
        INSERT INTO pings (monitor_id, seq, state)
        VALUES (${id}, ${state.seq}, ${HeartbeatState.encode(state).finish()})`;
      await tx`DELETE FROM pings WHERE monitor_id = ${id} AND seq <= ${state.seq - keep}`;
    },
    at: async (id, seq) => {
      const then = decode(await tx<Row[]>`SELECT state FROM pings WHERE monitor_id = ${id} AND seq = ${seq}`);
      if (then !== undefined) return then;
      return decode(await tx<Row[]>`SELECT state FROM pings WHERE monitor_id = ${id} ORDER BY seq DESC LIMIT 1`);
    },
    forget: async (ids) => {
      await tx`DELETE FROM ping_tokens WHERE owner = ANY(${[...ids]}::text[])`;
      await tx`DELETE FROM pings WHERE monitor_id = ANY(${[...ids]}::text[])`;
    },
  };
}
