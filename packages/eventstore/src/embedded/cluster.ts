import { randomBytes } from "node:crypto";
import { chown, lstat, mkdir, open, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { type Account, canReach, SHARED_STATE_DIR } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { startGuarded } from "./guarded-process.ts";
import { startError } from "./start-error.ts";

/** A complete PostgreSQL data folder and the password of its user. */
export interface Cluster {
  /** Holds `data` and `password`, and the socket. */
  readonly home: string;
  readonly data: string;
  readonly password: string;
}

export interface ClusterOptions {
  readonly dir: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly durable: boolean;
  readonly onLine: (line: string) => void;
}

export const DATABASE_USER = "sentinel";

const NOTE = "initialising";

/**
 * Opens `dir/cluster`, or makes it. It gets its name only when it is whole, and what is under way is noted before:
 * so a start killed in the middle leaves a note, by which the next one removes exactly what was begun.
 * @throws SentinelError `postgres_start_failed` {reason}, `disk_full` {dir}, `data_dir_other_postgres` {dir, found, known}
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  await removeUnfinished(options.dir);
  const name = join(options.dir, "cluster");
  if (!(await isThere(name))) await makeCluster(name, options);
  const home = await realpath(name);
  const data = join(home, "data");
  await checkVersion(data, options.binaries.version);
  return { home, data, password: (await readFile(join(home, "password"), "utf8")).trim() };
}

/** The address of the cluster's server, with user and password. */
export async function clusterUrl(home: string, port: number): Promise<string> {
  const password = (await readFile(join(home, "password"), "utf8")).trim();
  return `postgres://${DATABASE_USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

async function makeCluster(name: string, options: ClusterOptions): Promise<void> {
  const { dir, account } = options;
  const inPlace = account === undefined || (await canReach(dir, account));
  const parent = inPlace ? dir : SHARED_STATE_DIR;
  const home = join(parent, `cluster-${randomBytes(8).toString("hex")}`);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await writeFile(join(dir, NOTE), `${home}\n`);
  await mkdir(home, { mode: 0o700 });
  const password = join(home, "password");
  await writeFile(password, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flush: options.durable });
  if (account !== undefined) {
    await chown(home, account.uid, account.gid);
    await chown(password, account.uid, account.gid);
  }
  await initialise(home, options);
  await (inPlace ? rename(home, name) : symlink(home, name));
  if (options.durable) await syncFolder(dir);
  await rm(join(dir, NOTE), { force: true });
}

async function initialise(home: string, options: ClusterOptions): Promise<void> {
  const lines: string[] = [];
  const args = [
    `--pgdata=${join(home, "data")}`,
    `--pwfile=${join(home, "password")}`,
    `--username=${DATABASE_USER}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--wal-segsize=4",
    "--no-instructions",
    ...(options.durable ? [] : ["--no-sync"]),
  ];
  const process = startGuarded(options.binaries.initdb, args, {
    account: options.account,
    endSignal: "TERM",
    onLine: (line) => {
      lines.push(line);
      options.onLine(line);
    },
  });
  if ((await process.exited) !== 0) throw startError(lines, options.dir);
}

async function removeUnfinished(dir: string): Promise<void> {
  const note = join(dir, NOTE);
  const home = (await readFile(note, "utf8").catch(() => "")).trim();
  const ours = /^cluster-[0-9a-f]{16}$/.test(basename(home)) && [dir, SHARED_STATE_DIR].includes(dirname(home));
  const finished = await realpath(join(dir, "cluster")).catch(() => undefined);
  if (ours && home !== finished) await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  await rm(note, { force: true });
}

async function checkVersion(data: string, version: string): Promise<void> {
  const known = version.split(".")[0] ?? "";
  const found = (await readFile(join(data, "PG_VERSION"), "utf8").catch(() => "?")).trim();
  if (found !== known) throw new SentinelError("data_dir_other_postgres", { dir: data, found, known });
}

async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
