import type { Database } from "@sentinel/eventstore/postgres";

const DAY_MS = 86_400_000;
const HOT = "checks";
const CHUNKS = "check_chunks";
/**
 * Each hour deletes what the hour before inserted, so the room of packed rows is wanted again soon. The end of a table is
 * cut off only under a lock that folding would wait for, so it is not.
 */
const HOT_SETTINGS = "WITH (autovacuum_vacuum_scale_factor = 0.1, vacuum_truncate = false)";

/** The daily partitions of the check log: made before rows need them, dropped whole when old. */
export function createDayPartitions(database: Database): {
  prepare(slotsMs: readonly number[]): Promise<void>;
  drop(beforeMs: number): Promise<void>;
} {
  const known = new Set<number>();
  return {
    prepare: async (slotsMs) => {
      const missing = [...new Set(slotsMs.map((slotMs) => Math.floor(slotMs / DAY_MS)))].filter(
        (day) => !known.has(day),
      );
      for (const day of missing) {
        for (const table of [HOT, CHUNKS]) await create(database, table, day);
        known.add(day);
      }
    },
    drop: async (beforeMs) => {
      for (const table of [HOT, CHUNKS]) {
        const oldest = nameOf(table, Math.floor(beforeMs / DAY_MS));
        for (const name of await partitionsOf(database, table)) {
          if (name < oldest) await database.sql.unsafe(`DROP TABLE IF EXISTS ${name}`);
        }
      }
      known.clear();
    },
  };
}

const nameOf = (table: string, day: number): string =>
  `${table}_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "")}`;

/** One statement of its own, because it locks the whole log for a moment. */
async function create(database: Database, table: string, day: number): Promise<void> {
  await database.sql.unsafe(
    `CREATE TABLE IF NOT EXISTS ${nameOf(table, day)} PARTITION OF ${table}
     FOR VALUES FROM (${day * DAY_MS}) TO (${(day + 1) * DAY_MS})
     ${table === HOT ? HOT_SETTINGS : ""}`,
  );
}

async function partitionsOf(database: Database, table: string): Promise<readonly string[]> {
  const rows = await database.sql<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = ${table}::regclass ORDER BY 1`;
  return rows.map(({ name }) => name);
}
