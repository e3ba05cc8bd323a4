import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { type Database, migrate, type Migration, openDatabase } from "@sentinel/eventstore/postgres";
import { makeClusterFolder, removeClusterFolder } from "./postgres-template.ts";

/** An empty or migrated database of its own; the test file that made it drops it in `afterAll`. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A real PostgreSQL server in a temporary folder, without fsync. */
export interface TestPostgres {
  /** Of the maintenance database. */
  readonly url: string;
  /** A fresh database with these schema steps, cloned from a template made once per set of steps. */
  createDatabase(migrations?: readonly Migration[]): Promise<TestDatabase>;
  /** Runs statements in the maintenance database as its owner. */
  execute(statements: string): Promise<void>;
  /** Ends the server and removes the folder. */
  stop(): Promise<void>;
}

/** Starts a server for this test file; it ends with the process at the latest. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dir = await makeClusterFolder();
  const server = await startEmbeddedPostgres({ dir, log: { debug: () => undefined }, durable: false });
  const admin = await openDatabase(server.url, { max: 1 });
  const templates = new Map<string, Promise<string>>();
  let count = 0;
  const createDatabase = async (migrations: readonly Migration[] = []): Promise<TestDatabase> => {
    const key = JSON.stringify(migrations);
    const template = templates.get(key) ?? makeTemplate(admin, server.url, `template_${templates.size}`, migrations);
    templates.set(key, template);
    count += 1;
    const name = `test_${count}`;
    await admin.sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${await template}`);
    return { url: urlOf(server.url, name), drop: () => drop(admin, name) };
  };
  const stop = async (): Promise<void> => {
    await admin.close();
    await server.stop();
    await removeClusterFolder(dir);
  };
  const execute = async (statements: string): Promise<void> => {
    await admin.sql.unsafe(statements);
  };
  return { url: server.url, createDatabase, execute, stop };
}

interface Shared {
  readonly server: Promise<TestPostgres>;
  databases: number;
}

let shared: Shared | undefined;

/**
 * A migrated database on this test file's shared server, which starts with the first database and stops when the last
 * one is dropped.
 */
export async function createTestDatabase(migrations: readonly Migration[]): Promise<TestDatabase> {
  shared ??= { server: startTestPostgres(), databases: 0 };
  const mine = shared;
  mine.databases += 1;
  const server = await mine.server;
  const database = await server.createDatabase(migrations);
  return {
    url: database.url,
    drop: async () => {
      mine.databases -= 1;
      if (mine.databases > 0) return await database.drop();
      if (shared === mine) shared = undefined;
      return await server.stop();
    },
  };
}

async function makeTemplate(
  admin: Database,
  serverUrl: string,
  name: string,
  migrations: readonly Migration[],
): Promise<string> {
  await admin.sql.unsafe(`CREATE DATABASE ${name}`);
  const database = await openDatabase(urlOf(serverUrl, name), { max: 1 });
  try {
    await migrate(database, migrations);
  } finally {
    await database.close();
  }
  return name;
}

async function drop(admin: Database, name: string): Promise<void> {
  await admin.sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

function urlOf(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
