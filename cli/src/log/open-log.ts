import { join, resolve } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { connectEmbeddedPostgres, startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { type Database, eventstoreMigrations, migrate, openDatabase } from "@sentinel/eventstore/postgres";
import { incidentsMigrations } from "@sentinel/incidents";
import type { OptionSpecs, Parsed } from "../parse-options.ts";
import type { Context } from "../terminal.ts";
import { dataDirError, makeDataDir } from "../up/data-dir.ts";
import { defaultDataDir, readDatabaseUrl } from "../up/read-up-options.ts";

/** Options of every command that opens the event log itself. */
export const LOG_OPTIONS: OptionSpecs = {
  data: { type: "string" },
  database: { type: "string" },
  output: { type: "string", short: "o" },
};

const QUIET = { debug: (): void => undefined };

/**
 * Runs `use` on the database of the log: the one at --database or SENTINEL_DATABASE_URL, else that of the data folder,
 * whose server is used when it runs and started for the time of `use` when it does not.
 * @throws SentinelError `data_dir_missing`, `log_missing`, `database_*`
 */
export async function withLog<T>(
  parsed: Parsed,
  context: Context,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const url = databaseUrl(parsed, context);
  if (url !== undefined) return await withDatabase(url, useLog(use));
  const dir = join(dataDir(parsed, context), "postgres");
  const connection = await connectEmbeddedPostgres({ dir, log: QUIET, durable: true });
  try {
    return await withDatabase(connection.url, useLog(use));
  } finally {
    await connection.release();
  }
}

/**
 * Runs `use` on a database that is made ready when it is new. Nothing else may run on the data folder.
 * @throws SentinelError `data_dir_in_use`, `schema_newer`, `database_*` and others
 */
export async function withNewLog<T>(
  parsed: Parsed,
  context: Context,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const ready = async (database: Database): Promise<T> => {
    await migrate(database, [...eventstoreMigrations, ...incidentsMigrations]);
    return await use(database);
  };
  const url = databaseUrl(parsed, context);
  if (url !== undefined) return await withDatabase(url, ready);
  const dir = dataDir(parsed, context);
  try {
    await makeDataDir(dir);
    const server = await startEmbeddedPostgres({ dir: join(dir, "postgres"), log: QUIET, durable: true });
    try {
      return await withDatabase(server.url, ready);
    } finally {
      await server.stop();
    }
  } catch (thrown) {
    throw dataDirError(thrown, dir);
  }
}

function databaseUrl(parsed: Parsed, { terminal }: Context): string | undefined {
  const fromEnv = parsed.value("data") === undefined ? terminal.env["SENTINEL_DATABASE_URL"] : undefined;
  const url = parsed.value("database") ?? (fromEnv || undefined);
  return url === undefined ? undefined : readDatabaseUrl(url);
}

const dataDir = (parsed: Parsed, { terminal }: Context): string =>
  resolve(terminal.cwd, parsed.value("data") ?? defaultDataDir(terminal.env));

async function withDatabase<T>(url: string, use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(url, { max: 2, applicationName: "sentinel log" });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

function useLog<T>(use: (database: Database) => Promise<T>): (database: Database) => Promise<T> {
  return async (database) => {
    const [row] = await database.sql<{ found: boolean }[]>`
      SELECT to_regclass('events') IS NOT NULL AND to_regclass('heads') IS NOT NULL AS found`;
    if (row?.found !== true) throw new SentinelError("log_missing", { host: database.where });
    return await use(database);
  };
}
