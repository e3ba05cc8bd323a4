import { execFile } from "node:child_process";
import { chmod, lstat, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hydrateBinaries, startEmbeddedPostgres } from "@sentinel/eventstore/embedded";

const run = promisify(execFile);
const PREFIX = "sentinel-test-postgres-";

/** Counts up when what a new cluster holds changes, so that an old template is not used. */
const LAYOUT = 1;

const silent = { debug: (): void => undefined };

/**
 * A temporary data folder with an initialised cluster in it, copied from one that the first caller on this machine
 * made and all later ones share.
 */
export async function makeClusterFolder(): Promise<string> {
  await sweepAbandoned();
  const dir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // The database account passes through to its cluster.
  await chmod(dir, 0o711);
  const template = await sharedTemplate();
  if (template !== undefined) await run("cp", ["-a", "--reflink=auto", template, join(dir, "cluster")]);
  return dir;
}

export async function removeClusterFolder(dir: string): Promise<void> {
  const cluster = await realpath(join(dir, "cluster")).catch(() => dir);
  for (const path of [cluster, dir]) await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** The template's cluster; undefined where it cannot be shared, and each folder makes its own. */
async function sharedTemplate(): Promise<string | undefined> {
  const { version } = await hydrateBinaries();
  const name = join(tmpdir(), `sentinel-postgres-template-${version}-${LAYOUT}-${process.getuid?.() ?? 0}`);
  if (!(await isOurs(name))) await makeTemplate(name);
  const cluster = join(name, "cluster");
  return (await isOurs(name)) && (await isFolder(cluster)) ? cluster : undefined;
}

/** Made aside and renamed when whole: of several at once one wins, and the others use it. */
async function makeTemplate(name: string): Promise<void> {
  const draft = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(draft, 0o711);
  const server = await startEmbeddedPostgres({ dir: draft, log: silent, durable: false });
  await server.stop();
  await rename(draft, name).catch(() => removeClusterFolder(draft));
}

/** Folders of processes that were killed before they could clean up. */
async function sweepAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split("-")[0]) : Number.NaN;
    if (!Number.isSafeInteger(pid) || isRunning(pid)) continue;
    await removeClusterFolder(join(tmpdir(), name)).catch(() => undefined);
  }
}

/** A number of another account's process answers with a refusal, which is an answer too. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return !String(thrown).includes("ESRCH");
  }
}

async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === (process.getuid?.() ?? 0);
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() ?? false;
}
