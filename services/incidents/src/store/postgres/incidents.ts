import { SentinelError } from "@sentinel/contracts/errors";
import type { Tx } from "@sentinel/eventstore/postgres";
import postgres from "postgres";
import type { IncidentState } from "../../core/types.ts";
import { jsonText } from "../json-text.ts";
import type { Incidents } from "../port.ts";
import { integers } from "./arrays.ts";

interface Row {
  readonly id: number;
  readonly state: IncidentState;
}

export function postgresIncidents(tx: Tx): Incidents {
  return {
    nextId: async () => {
      const [row] = await tx<{ id: number }[]>`SELECT nextval('incident_ids')::integer AS id`;
      return row?.id ?? 0;
    },
    lock: async (ids) => {
      const rows = await tx<Row[]>`
        SELECT id, state FROM incidents WHERE id = ANY(${integers(tx, ids)}::bigint[]) ORDER BY id FOR UPDATE`;
      return new Map(rows.map((row) => [row.id, row.state]));
    },
    find: async (id) => {
      const [row] = await tx<Row[]>`SELECT id, state FROM incidents WHERE id = ${id}`;
      return row?.state;
    },
    save: (states) => save(tx, states),
    list: async ({ openOnly, monitorId, beforeId, limit }) => {
      const rows = await tx<Row[]>`
        SELECT id, state FROM incidents
        WHERE (NOT ${openOnly} OR open) AND (${monitorId} = '' OR monitor_id = ${monitorId})
          AND (${beforeId} = 0 OR id < ${beforeId})
        ORDER BY id DESC LIMIT ${limit}`;
      return rows.map((row) => row.state);
    },
  };
}

async function save(tx: Tx, states: readonly IncidentState[]): Promise<void> {
  if (states.length === 0) return;
  try {
    await tx`
      INSERT INTO incidents (id, monitor_id, open, state)
      SELECT id, monitor_id, open::boolean, state::jsonb FROM unnest(
        ${integers(
          tx,
          states.map((state) => state.id),
        )}::bigint[],
        ${states.map((state) => state.monitorId)}::text[],
        ${states.map((state) => String(state.resolvedAtMs === 0))}::text[],
        ${states.map((state) => jsonText(state))}::text[]
      ) AS n (id, monitor_id, open, state)
      ON CONFLICT (id) DO UPDATE SET open = excluded.open, state = excluded.state`;
  } catch (thrown) {
    if (thrown instanceof postgres.PostgresError && thrown.constraint_name === "incidents_one_open") {
      throw new SentinelError("incident_already_open", { monitor: states[0]?.monitorName ?? "" }, { cause: thrown });
    }
    throw thrown;
  }
}
