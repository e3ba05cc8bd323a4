import type { Database } from "@sentinel/eventstore/postgres";

const DAY_MS = 86_400_000;

/** The daily partitions of the check log: made before rows need them, dropped whole when old. */
export function createDayPartitions(database: Database): {
  prepare(slotsMs: readonly number[]): Promise<void>;
  drop(beforeMs: number): Promise<void>;
} {
  const known = new Set<number>();
  const nameOf = (day: number): string =>
    `checks_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "")}`;
  return {
    prepare: async (slotsMs) => {
      const missing = [...new Set(slotsMs.map((slotMs) => Math.floor(slotMs / DAY_MS)))].filter(
        (day) => !known.has(day),
      );
      for (const day of missing) {
        // One statement of its own, because it locks the whole log for a moment.
        await database.sql.unsafe(
          `CREATE TABLE IF NOT EXISTS ${nameOf(day)} PARTITION OF checks FOR VALUES FROM (${day * DAY_MS}) TO (${(day + 1) * DAY_MS})`,
        );
        known.add(day);
      }
    },
    drop: async (beforeMs) => {
      const oldest = nameOf(Math.floor(beforeMs / DAY_MS));
      const rows = await database.sql<{ name: string }[]>`
        SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'checks'::regclass AND c.relname < ${oldest}`;
      for (const { name } of rows) await database.sql.unsafe(`DROP TABLE IF EXISTS ${name}`);
      known.clear();
    },
  };
}
