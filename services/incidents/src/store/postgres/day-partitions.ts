import { SentinelError } from "@sentinel/contracts/errors";
import type { Database } from "@sentinel/eventstore/postgres";
import type { Retention } from "../port.ts";

const DAY_MS = 86_400_000;

interface Class {
  readonly table: string;
  readonly kept: keyof Retention;
  /** Of the partition that has this day. */
  readonly span: (dayMs: number) => { readonly name: string; readonly fromMs: number; readonly toMs: number };
  readonly settings: string;
}

const digits = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10).replaceAll("-", "");

const daily = (dayMs: number) => ({ name: digits(dayMs), fromMs: dayMs, toMs: dayMs + DAY_MS });

const monthly = (dayMs: number) => {
  const day = new Date(dayMs);
  const monthMs = (months: number): number => Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months);
  return { name: digits(dayMs).slice(0, 6), fromMs: monthMs(0), toMs: monthMs(1) };
};

/**
 * Each hour deletes what the hour before inserted, so the room of packed rounds is wanted again soon. The end of a table is
 * cut off only under a lock that folding would wait for, so it is not. Few rounds of a segment would be moved out of its row
 * otherwise, at a price in bytes.
 */
const HOT = "WITH (autovacuum_vacuum_scale_factor = 0.1, vacuum_truncate = false, toast_tuple_target = 8160)";

/** What is kept by time; each class goes when its own time is over. */
const CLASSES: readonly Class[] = [
  { table: "check_segments", kept: "checksMs", span: daily, settings: HOT },
  { table: "check_chunks", kept: "checksMs", span: daily, settings: "" },
  { table: "check_evidence", kept: "evidenceMs", span: daily, settings: "" },
  { table: "uptime_hourly", kept: "countsMs", span: daily, settings: "" },
  { table: "check_days", kept: "summariesMs", span: monthly, settings: "WITH (fillfactor = 70)" },
];

/** Folding must not wait behind a drop that waits for somebody who reads. */
const DROP_WAIT_MS = 2000;

/** The partitions of the check log: made before rows need them, dropped whole when old. */
export function createDayPartitions(database: Database): {
  prepare(slotsMs: readonly number[]): Promise<void>;
  drop(before: Retention): Promise<void>;
} {
  const known = new Set<number>();
  return {
    prepare: async (slotsMs) => {
      const missing = [...new Set(slotsMs.map((slotMs) => Math.floor(slotMs / DAY_MS)))].filter(
        (day) => !known.has(day),
      );
      for (const day of missing) {
        for (const each of CLASSES) await create(database, each, day * DAY_MS);
        known.add(day);
      }
    },
    drop: async (before) => {
      for (const each of CLASSES) {
        const oldest = `${each.table}_${each.span(before[each.kept]).name}`;
        for (const name of await partitionsOf(database, each.table)) if (name < oldest) await drop(database, name);
      }
      known.clear();
    },
  };
}

/** One statement of its own, because it locks the whole log for a moment. */
async function create(database: Database, { table, span, settings }: Class, dayMs: number): Promise<void> {
  const { name, fromMs, toMs } = span(dayMs);
  await database.sql.unsafe(
    `CREATE TABLE IF NOT EXISTS ${table}_${name} PARTITION OF ${table}
     FOR VALUES FROM (${fromMs}) TO (${toMs}) ${settings}`,
  );
}

/** When it cannot have the log soon, it stays until the next time. */
async function drop(database: Database, name: string): Promise<void> {
  try {
    await database.transaction(async (tx) => {
      await tx.unsafe(`SET LOCAL lock_timeout = ${DROP_WAIT_MS}`);
      await tx.unsafe(`DROP TABLE IF EXISTS ${name}`);
    });
  } catch (thrown) {
    if (SentinelError.from(thrown).code !== "database_timeout") throw thrown;
  }
}

async function partitionsOf(database: Database, table: string): Promise<readonly string[]> {
  const rows = await database.sql<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = ${table}::regclass ORDER BY 1`;
  return rows.map(({ name }) => name);
}
