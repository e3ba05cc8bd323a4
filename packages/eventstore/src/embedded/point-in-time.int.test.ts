import { execFile } from "node:child_process";
import { access, chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newEvent } from "../contract/store-handle.ts";
import { appendCommitted, type Database, eventstoreMigrations, migrate } from "../postgres/index.ts";
import { openDatabase, postgresEventStore, provePage } from "../postgres/index.ts";
import { verifyLog } from "../verify-log.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./index.ts";
import { processesIn, until } from "./processes.ts";

const run = promisify(execFile);
const log = { debug: (): void => undefined };
const STREAMS = 30;

let base: string;
let archive: string;
let server: EmbeddedPostgres | undefined;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "sentinel-point-in-time-"));
  await chmod(base, 0o711);
  archive = join(base, "archive");
  await mkdir(archive);
  // Written to by the database's account, whichever that is.
  await chmod(archive, 0o777);
});
afterAll(async () => {
  await server?.stop();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

test("a base backup and the archived journal bring the log back as it was at an instant between two appends", async () => {
  server = await start("first", {
    wal_level: "replica",
    archive_mode: "on",
    archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f`,
  });
  const instant = await withDatabase(server.url, async (database) => {
    await migrate(database, [...eventstoreMigrations]);
    await appendNamed(database, "before the backup");
    await backUp(database, () => appendNamed(database, "during the backup"));
    await appendNamed(database, "after the backup");
    const [now] = await database.sql<{ at: string }[]>`SELECT clock_timestamp()::text AS at`;
    await appendNamed(database, "after the instant");
    await archived(database);
    return now?.at ?? "";
  });
  await lose(server);

  server = await restore(instant);
  await withDatabase(server.url, async (database) => {
    const verified = await verifyLog(postgresEventStore, database, { prove: provePage });
    expect(verified).toEqual({ events: 3 * STREAMS, damage: undefined });
    expect(await types(database)).toEqual(["after the backup", "before the backup", "during the backup"]);
    await appendNamed(database, "after the restore");
    expect((await verifyLog(postgresEventStore, database)).events).toBe(4 * STREAMS);
  });
});

const start = (name: string, settings: Readonly<Record<string, string>>): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dir: join(base, name), log, durable: true, settings });

async function withDatabase<T>(url: string, use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(url, { max: 3 });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

async function appendNamed(database: Database, type: string): Promise<void> {
  for (let stream = 0; stream < STREAMS; stream += 1) {
    await appendCommitted(database, [{ stream: `stream-${stream}`, expected: "any", events: [newEvent({ type })] }]);
  }
}

async function types(database: Database): Promise<readonly string[]> {
  const rows = await database.sql<{ type: string }[]>`SELECT DISTINCT type FROM events ORDER BY type`;
  return rows.map(({ type }) => type);
}

const cluster = (name: string): string => join(base, name, "cluster");

/** A copy of the files while they are written to, which the journal between start and stop makes whole. */
async function backUp(database: Database, meanwhile: () => Promise<void>): Promise<void> {
  const session = await database.sql.reserve();
  try {
    await session`SELECT pg_backup_start('test', true)`;
    const appending = meanwhile();
    await run("cp", ["-a", `${await realpath(cluster("first"))}/.`, join(base, "backup")]);
    await appending;
    const [stopped] = await session<{ labelfile: string }[]>`SELECT labelfile FROM pg_backup_stop()`;
    await writeForServer("backup", "backup_label", stopped?.labelfile ?? "");
  } finally {
    session.release();
  }
  const data = join(base, "backup", "data");
  for (const file of ["postmaster.pid", "postmaster.opts"]) await rm(join(data, file), { force: true });
  for (const file of await readdir(join(data, "pg_wal"))) {
    await rm(join(data, "pg_wal", file), { recursive: true, force: true });
  }
}

/** A file in a data folder that the database's account may read and delete. */
async function writeForServer(home: string, name: string, text: string): Promise<void> {
  const data = join(base, home, "data");
  await writeFile(join(data, name), text);
  await run("chown", [`--reference=${data}`, join(data, name)]);
}

/** Ends the current file of the journal and waits for it in the archive. */
async function archived(database: Database): Promise<void> {
  const [last] = await database.sql<{ file: string }[]>`SELECT pg_walfile_name(pg_switch_wal()) AS file`;
  const arrived = await until(
    () =>
      access(join(archive, last?.file ?? "?")).then(
        () => true,
        () => false,
      ),
    30_000,
  );
  expect(arrived).toBe(true);
}

async function lose(lost: EmbeddedPostgres): Promise<void> {
  const data = join(await realpath(cluster("first")), "data");
  process.kill(lost.pid, "SIGKILL");
  await lost.exited;
  await lost.stop();
  await until(async () => (await processesIn(data)).length === 0, 10_000);
  await rm(join(base, "first"), { recursive: true, force: true, maxRetries: 5 });
}

async function restore(instant: string): Promise<EmbeddedPostgres> {
  await mkdir(join(base, "restored"), { mode: 0o711 });
  await run("cp", ["-a", join(base, "backup"), cluster("restored")]);
  await writeForServer("restored/cluster", "recovery.signal", "");
  return await start("restored", {
    wal_level: "replica",
    restore_command: `cp ${archive}/%f %p`,
    recovery_target_time: instant,
    recovery_target_action: "promote",
  });
}
