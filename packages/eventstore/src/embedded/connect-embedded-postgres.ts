import { lstat, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { clusterUrl } from "./cluster.ts";
import { isAlive } from "./processes.ts";
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./start-embedded-postgres.ts";

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

/** Where the folder's server takes connections; undefined when none does. */
async function runningUrl(dir: string): Promise<string | undefined> {
  const home = await realpath(join(dir, "cluster"));
  const text = await readFile(join(home, "data", "postmaster.pid"), "utf8").catch(() => "");
  const [pid = "", folder = "", , port = "", , , , status = ""] = text.split("\n").map((line) => line.trim());
  // The file of a server that was killed stays behind, and its number may be another program's by now.
  const ours = folder === join(home, "data") && status === "ready" && isAlive(Number(pid));
  return ours ? await clusterUrl(home, Number(port)) : undefined;
}
