import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Database, openDatabase } from "../postgres/index.ts";
import { connectEmbeddedPostgres, type EmbeddedPostgres, startEmbeddedPostgres } from "./index.ts";
import { processesIn, startTimeOf, until } from "./processes.ts";

const log = { debug: (): void => undefined };
const asRoot = process.getuid?.() === 0;

let base: string;
let dir: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "sentinel-embedded-"));
  await chmod(base, 0o711);
  dir = join(base, "data");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  const cluster = await realpath(join(dir, "cluster")).catch(() => dir);
  await until(async () => (await processesIn(join(cluster, "data"))).length === 0, 10_000);
  for (const path of [cluster, base]) await rm(path, { recursive: true, force: true, maxRetries: 5 });
});

function start(options: { port?: number; durable?: boolean } = {}): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dir, log, durable: false, ...options });
}

/** The server for the time of `use`. */
async function withServer<T>(use: (database: Database, server: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const server = await start();
  try {
    const database = await openDatabase(server.url, { max: 1 });
    try {
      return await use(database, server);
    } finally {
      await database.close();
    }
  } finally {
    await server.stop();
  }
}

/** Another process that starts the server on the folder, and its line of JSON once it runs. */
function startElsewhere(): { child: ChildProcess; running: Promise<{ url: string; pid: number }> } {
  const script = `
    import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
    const { url, pid } = await startEmbeddedPostgres({ dir: process.argv[1], log: { debug() {} }, durable: true });
    console.log(JSON.stringify({ url, pid }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, dir], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const running = once(createInterface({ input: child.stdout }), "line").then(([line]) => JSON.parse(String(line)));
  return { child, running };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Fields of /proc/PID/stat after the name: state, parent, group, session. */
async function statOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

async function dataFolder(): Promise<string> {
  return join(await realpath(join(dir, "cluster")), "data");
}

describe("the embedded server", () => {
  test("keeps its data over restarts and leaves no process behind", async () => {
    await withServer(async (database) => {
      await database.sql`CREATE TABLE kept (n int)`;
      await database.sql`INSERT INTO kept VALUES (7)`;
    });
    expect(await processesIn(await dataFolder())).toEqual([]);
    expect(await withServer((database) => database.sql`SELECT n FROM kept`)).toEqual([{ n: 7 }]);
  });

  test("takes only connections from this machine that know the password, which only its account can read", async () => {
    await withServer(async (database, server) => {
      const [row] = await database.sql`SELECT current_setting('listen_addresses') AS addresses,
        (SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256') AS open`;
      expect(row).toEqual({ addresses: "127.0.0.1", open: 0 });
      const wrong = new URL(server.url);
      wrong.password = "wrong";
      await expect(openDatabase(wrong.href)).rejects.toMatchObject({ code: "database_login_refused" });
    });
    expect((await stat(join(dir, "cluster", "password"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, "cluster"))).mode & 0o777).toBe(0o700);
  });

  test("is durable unless told otherwise", async () => {
    const server = await start({ durable: true });
    const database = await openDatabase(server.url, { max: 1 });
    const settings = database.sql`SELECT name, setting FROM pg_settings
      WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')`;
    expect((await settings).map((row) => row["setting"])).toEqual(["on", "on", "on"]);
    await database.close();
    await server.stop();
  });

  test("runs in a session of its own, which the terminal's Ctrl-C does not reach", async () => {
    await withServer(async (_, server) => {
      const [[, , , session], [, , , ours]] = await Promise.all([statOf(server.pid), statOf(process.pid)]);
      expect(session).not.toBe(ours);
    });
  });

  test("tells when it ends without being asked", async () => {
    const server = await start();
    process.kill(server.pid, "SIGQUIT");
    await server.exited;
    await server.stop();
  });
});

describe("after a kill -9", () => {
  test("of the process that started it, it ends by itself, and the next start has its data", async () => {
    const { child, running } = startElsewhere();
    const { url, pid } = await running;
    const database = await openDatabase(url, { max: 1 });
    await database.sql`CREATE TABLE kept AS SELECT 7 AS n`;
    await database.close();
    await kill(child);
    expect(await until(async () => (await startTimeOf(pid)) === "", 10_000)).toBe(true);
    expect(await withServer((again) => again.sql`SELECT n FROM kept`)).toEqual([{ n: 7 }]);
  });

  test("of that process and the watch over it, the next start ends the orphan first", async () => {
    const { child, running } = startElsewhere();
    const { url, pid } = await running;
    const database = await openDatabase(url, { max: 1 });
    await database.sql`CREATE TABLE kept AS SELECT 7 AS n`;
    await database.close();
    const [, guard] = await statOf(pid);
    for (const name of await readdir("/proc")) {
      if (!/^\d+$/.test(name) || Number(name) === pid) continue;
      const [, parent] = await statOf(Number(name)).catch(() => []);
      if (parent === guard && (await readFile(`/proc/${name}/comm`, "utf8")).trim() === "sh") {
        process.kill(Number(name), "SIGKILL");
      }
    }
    process.kill(Number(guard), "SIGKILL");
    await kill(child);
    expect(await startTimeOf(pid)).not.toBe("");
    expect(await withServer((again) => again.sql`SELECT n FROM kept`)).toEqual([{ n: 7 }]);
    expect(await startTimeOf(pid)).toBe("");
  });

  test("of the server itself, the next start recovers", async () => {
    const server = await start();
    const database = await openDatabase(server.url, { max: 1 });
    await database.sql`CREATE TABLE kept AS SELECT 7 AS n`;
    await database.close();
    process.kill(server.pid, "SIGKILL");
    await server.exited;
    await server.stop();
    expect(await withServer((again) => again.sql`SELECT n FROM kept`)).toEqual([{ n: 7 }]);
  });

  const moments: readonly (readonly [name: string, reached: (files: readonly string[]) => boolean])[] = [
    ["before it began", (files) => files.includes("initialising")],
    ["when its folder appeared", (files) => files.some((file) => /^cluster-\w+\/data$/.test(file))],
    ["half way", (files) => files.some((file) => /^cluster-\w+\/data\/(base|global)\/.*\d$/.test(file))],
  ];
  test.each(moments)(
    "of the first start, %s: the next one begins anew and leaves nothing half made",
    async (_, reached) => {
      const { child } = startElsewhere();
      const listing = () => readdir(dir, { recursive: true }).catch((): string[] => []);
      expect(await until(async () => reached(await listing()), 10_000)).toBe(true);
      await kill(child);
      expect(await withServer((database) => database.sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
      expect(await readdir(dir)).toEqual(["cluster"]);
    },
  );

  test("a process number in postmaster.pid that is another program's now does not stop the start", async () => {
    await withServer(async () => undefined);
    const data = await dataFolder();
    await writeFile(join(data, "postmaster.pid"), `${process.pid}\n${data}\n1\n5432\n\n127.0.0.1\n0 0\nready\n`);
    expect(await withServer((database) => database.sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  });
});

describe("a start that cannot be", () => {
  test("on a folder in use names the process, and the one running goes on", async () => {
    const { child, running } = startElsewhere();
    const { url } = await running;
    await expect(start()).rejects.toMatchObject({ code: "data_dir_in_use", params: { pid: String(child.pid) } });
    const database = await openDatabase(url, { max: 1 });
    expect(await database.sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
    await database.close();
  });

  test("on a port in use names the port", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toMatchObject({
      code: "postgres_start_failed",
      params: { reason: `port ${port} of 127.0.0.1 is taken` },
    });
    taken.close();
  });

  test("in a place that is no folder says that it cannot be written", async () => {
    await writeFile(dir, "a file");
    await expect(start()).rejects.toMatchObject({ code: "data_dir_not_writable", params: { dir } });
  });

  test("on the data of another PostgreSQL says which, and changes nothing", async () => {
    await withServer(async () => undefined);
    const version = join(await dataFolder(), "PG_VERSION");
    await writeFile(version, "17\n");
    await expect(start()).rejects.toMatchObject({
      code: "data_dir_other_postgres",
      params: { found: "17", known: "18" },
    });
    expect(await readFile(version, "utf8")).toBe("17\n");
  });

  test("frees the folder for the next try", async () => {
    await withServer(async () => undefined);
    const settings = join(await dataFolder(), "postgresql.conf");
    const text = await readFile(settings, "utf8");
    await writeFile(settings, `${text}\nnonsense = 1\n`);
    await expect(start()).rejects.toMatchObject({ code: "postgres_start_failed" });
    await writeFile(settings, text);
    expect(await withServer((database) => database.sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  });
});

(asRoot ? describe : describe.skip)("for root, whose folders the database account cannot enter", () => {
  test("the cluster lives where it can be reached, and the data folder leads to it over restarts", async () => {
    await chmod(base, 0o700);
    await withServer((database) => database.sql`CREATE TABLE kept AS SELECT 7 AS n`);
    expect(await realpath(join(dir, "cluster"))).toMatch(/^\/var\/lib\/sentinel\/cluster-/);
    expect(await withServer((database) => database.sql`SELECT n FROM kept`)).toEqual([{ n: 7 }]);
    expect((await stat(base)).mode & 0o777).toBe(0o700);
  });
});

describe("a command beside the server", () => {
  const connect = () => connectEmbeddedPostgres({ dir, log, durable: false });
  const ask = async (url: string): Promise<unknown> => {
    const database = await openDatabase(url, { max: 1 });
    const rows = await database.sql`SELECT 1 AS answer`;
    await database.close();
    return rows;
  };

  test("uses the one that runs and leaves it running", async () => {
    await withServer(async (_, server) => {
      const connection = await connect();
      expect(connection.url).toBe(server.url);
      await connection.release();
      expect(await ask(server.url)).toEqual([{ answer: 1 }]);
    });
  });

  test("starts one where none runs, also after a kill, and ends it", async () => {
    await withServer(() => Promise.resolve());
    const { child, running } = startElsewhere();
    const before = await running;
    child.kill("SIGKILL");
    await until(async () => (await startTimeOf(before.pid)) === "", 10_000);
    const connection = await connect();
    expect(await ask(connection.url)).toEqual([{ answer: 1 }]);
    await connection.release();
    await expect(ask(connection.url)).rejects.toMatchObject({ code: "database_unreachable" });
  });

  test("makes no data where there is none, and says so", async () => {
    await expect(connect()).rejects.toMatchObject({ code: "data_dir_missing", params: { dir } });
    await expect(stat(dir)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
