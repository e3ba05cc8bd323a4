import { Monitor } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Tx } from "@sentinel/eventstore/postgres";
import postgres from "postgres";
import type { MonitorState } from "../../core/types.ts";
import { jsonText } from "../json-text.ts";
import type { MonitorStates, MonitorTable } from "../port.ts";
import { floats, texts } from "./arrays.ts";

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
    named: async (names) =>
      decode(
        await tx<Row[]>`
        SELECT monitor FROM monitors WHERE name = ANY(${[...names]}::text[]) AND deleted_at_ms IS NULL`,
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

/** What every round changes, in the order of its column. */
const MOVING = ["lastSlotMs", "lastCheckedAtMs", "lastHealthyAtMs", "responseTimeMs", "healthyRounds"] as const;
const MOVING_AS_STORED = { lastSlotMs: 0, lastCheckedAtMs: 0, lastHealthyAtMs: 0, responseTimeMs: 0, healthyRounds: 0 };

interface StateRow {
  readonly monitor_id: string;
  readonly state: MonitorState;
  readonly moving: readonly number[] | null;
}

export function postgresStates(tx: Tx): MonitorStates {
  return {
    load: async (ids) => {
      const rows = await tx<StateRow[]>`
        SELECT monitor_id, state, moving FROM monitor_state WHERE monitor_id = ANY(${[...ids]}::text[])`;
      return new Map(rows.map((row) => [row.monitor_id, stateOf(row)]));
    },
    save: async (states) => {
      if (states.size === 0) return;
      const values = [...states.values()];
      const moving = (name: (typeof MOVING)[number]) =>
        floats(
          tx,
          values.map((state) => state[name]),
        );
      // An upsert would write a lock of each row to the log besides.
      await tx`
        WITH n AS (
          SELECT id, state::jsonb AS state, ARRAY[a, b, c, d, e] AS moving FROM unnest(
            ${texts([...states.keys()])}::text[],
            ${texts(values.map((state) => jsonText({ ...state, ...MOVING_AS_STORED, beats: [] })))}::text[],
            ${moving(MOVING[0])}::float8[], ${moving(MOVING[1])}::float8[], ${moving(MOVING[2])}::float8[],
            ${moving(MOVING[3])}::float8[], ${moving(MOVING[4])}::float8[]
          ) AS n (id, state, a, b, c, d, e)
        ), changed AS (
          UPDATE monitor_state s SET state = n.state, moving = n.moving FROM n WHERE s.monitor_id = n.id
          RETURNING s.monitor_id
        )
        INSERT INTO monitor_state (monitor_id, state, moving)
        SELECT id, state, moving FROM n WHERE id NOT IN (SELECT monitor_id FROM changed)`;
    },
  };
}

function stateOf({ state, moving }: StateRow): MonitorState {
  if (moving === null) return state;
  const values = MOVING.map((name, index) => [name, moving[index] ?? 0] as const);
  return { ...state, ...Object.fromEntries(values) };
}
