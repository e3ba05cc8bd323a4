import { createHash } from "node:crypto";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Database } from "./database.ts";
import type { Tx } from "./transaction.ts";

/** One step of the schema. Once released it never changes; a new step follows it. */
export interface Migration {
  /** Ascending; 1–99 the event store, 100 and up the services. */
  readonly id: number;
  readonly name: string;
  /** One or more statements, run in one transaction with their record. */
  readonly sql: string;
}

interface Applied {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

/** Arbitrary, and the same in every version: two starts at once take turns. */
const LOCK_KEY = 7_363_616_401;

/**
 * Brings the schema to the last step, each step in its own transaction under one lock. Gives the ids it applied.
 * Pass the steps of every part at once: a step in the database that is not among them counts as written by a newer
 * version.
 * @throws SentinelError `schema_newer` {found, known}, `migration_changed` {id, name}
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<readonly number[]> {
  checkAscending(migrations);
  return await database.patiently(() => migrateStepByStep(database, migrations));
}

async function migrateStepByStep(database: Database, migrations: readonly Migration[]): Promise<readonly number[]> {
  await database.transaction(async (tx) => {
    await lock(tx);
    await tx`CREATE TABLE IF NOT EXISTS schema_migrations (
      id integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`;
    checkApplied(await readApplied(tx), migrations);
  });
  const done: number[] = [];
  for (const migration of migrations) {
    if (await database.transaction((tx) => apply(tx, migration, migrations))) done.push(migration.id);
  }
  return done;
}

async function apply(tx: Tx, migration: Migration, migrations: readonly Migration[]): Promise<boolean> {
  await lock(tx);
  const applied = await readApplied(tx);
  checkApplied(applied, migrations);
  if (applied.some((row) => row.id === migration.id)) return false;
  await tx.unsafe(migration.sql).simple();
  await tx`INSERT INTO schema_migrations (id, name, checksum)
    VALUES (${migration.id}, ${migration.name}, ${checksumOf(migration)})`;
  return true;
}

async function lock(tx: Tx): Promise<void> {
  await tx`SET LOCAL statement_timeout = 0`;
  await tx`SELECT pg_advisory_xact_lock(${LOCK_KEY})`;
}

async function readApplied(tx: Tx): Promise<readonly Applied[]> {
  return await tx<Applied[]>`SELECT id, name, checksum FROM schema_migrations ORDER BY id`;
}

function checkApplied(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const byId = new Map(migrations.map((migration) => [migration.id, migration]));
  for (const row of applied.toReversed()) {
    const migration = byId.get(row.id);
    if (migration === undefined) {
      const known = Math.max(0, ...byId.keys());
      throw new SentinelError("schema_newer", { found: String(row.id), known: String(known) });
    }
    if (checksumOf(migration) !== row.checksum) {
      throw new SentinelError("migration_changed", { id: String(row.id), name: row.name });
    }
  }
}

function checkAscending(migrations: readonly Migration[]): void {
  migrations.forEach((migration, index) => {
    if (migration.id <= (migrations[index - 1]?.id ?? 0)) {
      throw new RangeError(`Schema step ${migration.id} (${migration.name}) must have an id above the one before it.`);
    }
  });
}

/** White space at the ends of lines does not count. */
function checksumOf(migration: Migration): string {
  const text = migration.sql.replaceAll(/[ \t\r]+$/gm, "").trim();
  return createHash("sha256").update(text).digest("hex");
}
