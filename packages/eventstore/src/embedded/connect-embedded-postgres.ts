import { lstat, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { clusterUrl } from "./cluster.ts";
import { isAlive, until } from "./processes.ts";
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./start-embedded-postgres.ts";

const SETTLE_MS = 10_000;

/** A way to a folder's server, for one command. */
export interface EmbeddedConnection {
  /** With user and password: never log it. */
  readonly url: string;
  /** Ends the server when it was started for this command; leaves it running when it ran before. */
  release(): Promise<void>;
}

/**
 * The server that runs on this folder, whoever started it, or else one started for as long as it is needed. It makes
 * no folder.
 * @throws SentinelError `data_dir_missing` {dir}, and what `startEmbeddedPostgres` throws
 */
export async function connectEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedConnection> {
  await lstat(join(options.dir, "cluster")).catch((cause: unknown) => {
    throw new SentinelError("data_dir_missing", { dir: options.dir }, { cause });
  });
  const running = await runningUrl(options.dir);
  if (running !== undefined) return { url: running, release: () => Promise.resolve() };
  const server = await startEmbeddedPostgres(options);
  return { url: server.url, release: () => server.stop() };
}

/** Where the folder's server takes connections, waiting for one that is starting; undefined when none runs. */
async function runningUrl(dir: string): Promise<string | undefined> {
  const home = await realpath(join(dir, "cluster"));
  let server: Awaited<ReturnType<typeof serverIn>>;
  // It says that it takes connections a moment before it notes so in its file.
  await until(async () => {
    server = await serverIn(home);
    return server === undefined || server.status === "ready";
  }, SETTLE_MS);
  return server?.status === "ready" ? await clusterUrl(home, server.port) : undefined;
}

async function serverIn(home: string): Promise<{ readonly port: number; readonly status: string } | undefined> {
  const text = await readFile(join(home, "data", "postmaster.pid"), "utf8").catch(() => "");
  const [pid = "", folder = "", , port = "", , , , status = ""] = text.split("\n").map((line) => line.trim());
  // The file of a server that was killed stays behind, and its number may be another program's by now.
  return folder === join(home, "data") && isAlive(Number(pid)) ? { port: Number(port), status } : undefined;
}
