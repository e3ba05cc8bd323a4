import { Monitor } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Tx } from "@sentinel/eventstore/postgres";
import postgres from "postgres";
import type { MonitorState } from "../../core/types.ts";
import { jsonText } from "../json-text.ts";
import type { MonitorStates, MonitorTable } from "../port.ts";

interface Row {
  readonly monitor: Uint8Array;
}

const decode = (rows: readonly Row[]): Monitor[] => rows.map((row) => Monitor.decode(row.monitor));

export function postgresMonitors(tx: Tx): MonitorTable {
  return {
    load: async (ids) =>
      decode(
        await tx<Row[]>`
        SELECT monitor FROM monitors WHERE id = ANY(${[...ids]}::text[]) AND deleted_at_ms IS NULL`,
      ),
    all: async () => decode(await tx<Row[]>`SELECT monitor FROM monitors WHERE deleted_at_ms IS NULL ORDER BY name`),
    save: async (monitor) => {
      const name = monitor.spec?.name ?? "";
      try {
        await tx`
          INSERT INTO monitors (id, name, monitor) VALUES (${monitor.id}, ${name}, ${Monitor.encode(monitor).finish()})
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, monitor = excluded.monitor`;
      } catch (thrown) {
        if (thrown instanceof postgres.PostgresError && thrown.constraint_name === "monitors_name") {
          throw new SentinelError("monitor_name_taken", { name }, { cause: thrown });
        }
        throw thrown;
      }
    },
    delete: async (id, atMs) => {
      await tx`UPDATE monitors SET deleted_at_ms = ${atMs} WHERE id = ${id}`;
    },
  };
}

export function postgresStates(tx: Tx): MonitorStates {
  return {
    load: async (ids) => {
      const rows = await tx<{ monitor_id: string; state: MonitorState }[]>`
        SELECT monitor_id, state FROM monitor_state WHERE monitor_id = ANY(${[...ids]}::text[])`;
      return new Map(rows.map((row) => [row.monitor_id, row.state]));
    },
    save: async (states) => {
      if (states.size === 0) return;
      await tx`
        INSERT INTO monitor_state (monitor_id, state)
        SELECT id, state::jsonb FROM unnest(
          ${[...states.keys()]}::text[],
          ${[...states.values()].map((state) => jsonText({ ...state, beats: [] }))}::text[]
        ) AS n (id, state)
        ON CONFLICT (monitor_id) DO UPDATE SET state = excluded.state`;
    },
  };
}
