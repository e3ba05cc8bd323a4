import type { Database } from "@sentinel/eventstore/postgres";

const DAY_MS = 86_400_000;
const HOT = "checks";
const CHUNKS = "check_chunks";

/** The daily partitions of the check log: made before rows need them, dropped whole when old. */
export function createDayPartitions(database: Database): {
  prepare(slotsMs: readonly number[]): Promise<void>;
  drop(beforeMs: number): Promise<void>;
  /** Gives back the room of packed rows. */
  reclaim(): Promise<void>;
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
    reclaim: async () => {
      for (const name of await partitionsOf(database, HOT)) {
        // The end of a table is cut off only under a lock that folding would wait for, so it is not.
        await database.sql.unsafe(`VACUUM (TRUNCATE false) ${name}`);
      }
    },
  };
}

const nameOf = (table: string, day: number): string =>
  `${table}_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "")}`;

/** One statement of its own, because it locks the whole log for a moment. */
async function create(database: Database, table: string, day: number): Promise<void> {
  await database.sql.unsafe(
    `CREATE TABLE IF NOT EXISTS ${nameOf(table, day)} PARTITION OF ${table}
     FOR VALUES FROM (${day * DAY_MS}) TO (${(day + 1) * DAY_MS})`,
  );
}

async function partitionsOf(database: Database, table: string): Promise<readonly string[]> {
  const rows = await database.sql<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = ${table}::regclass ORDER BY 1`;
  return rows.map(({ name }) => name);
}
