import { mkdir, realpath } from "node:fs/promises";
import { type Account, databaseAccount } from "./account.ts";
import { type Binaries, usableBinaries } from "./binaries.ts";
import { type Cluster, DATABASE_USER, openCluster } from "./cluster.ts";
import { freePort } from "./free-port.ts";
import { endOrphans } from "./orphans.ts";
import { takeOwnerLock } from "./owner-lock.ts";
import { runServer, type Server } from "./run-server.ts";
import { folderError } from "./start-error.ts";

/** Where the server's own lines go. */
export interface ServerLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface EmbeddedPostgresOptions {
  /** Made when missing. Holds the cluster, or a link to it where root's folders are out of the account's reach. */
  readonly dir: string;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  readonly log: ServerLog;
  /** False trades safety at power loss for speed; for tests. */
  readonly durable: boolean;
  /** PostgreSQL's own settings that take the place of ours, such as those for an archive of its journal. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running server of our own. */
export interface EmbeddedPostgres {
  /** With user and password: never log it. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server has ended, asked or not. */
  readonly exited: Promise<void>;
  /** Fast shutdown, at once after 2.5 s; then the folder is free for the next start. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on a data folder, making it first when new. It survives restarts and kills of any process at any
 * time; a server that a killed start left behind is ended first. It ends when we do, however we do.
 * @throws SentinelError `postgres_start_failed` {reason}, `postgres_unsupported` {platform}, `disk_full` {dir},
 * `data_dir_not_writable` {dir, reason}, `data_dir_in_use` {dir, pid}, `data_dir_other_postgres` {dir, found, known}
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    await mkdir(options.dir, { recursive: true, mode: 0o711 });
    const dir = await realpath(options.dir);
    const lock = await takeOwnerLock(dir);
    try {
      const server = await startIn(dir, options);
      const stop = async (): Promise<void> => {
        await server.stop();
        await lock.release();
      };
      return { ...server, stop };
    } catch (thrown) {
      await lock.release();
      throw thrown;
    }
  } catch (thrown) {
    throw folderError(thrown, options.dir);
  }
}

async function startIn(dir: string, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await databaseAccount();
  const binaries = await usableBinaries(account);
  const onLine = (line: string): void => options.log.debug("postgres.said", { line });
  const cluster = await openCluster({ dir, binaries, account, durable: options.durable, onLine });
  await endOrphans(cluster.data);
  const server = await startOnPort(cluster, binaries, account, options, onLine);
  const user = `${DATABASE_USER}:${encodeURIComponent(cluster.password)}`;
  return { ...server, url: `postgres://${user}@127.0.0.1:${server.port}/postgres` };
}

/** A free port may be taken between asking and binding; then the next one. */
async function startOnPort(
  cluster: Cluster,
  binaries: Binaries,
  account: Account | undefined,
  options: EmbeddedPostgresOptions,
  onLine: (line: string) => void,
): Promise<Server & { readonly port: number }> {
  const wanted = options.port ?? 0;
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted === 0 ? await freePort() : wanted;
    const { durable, settings = {} } = options;
    const started = await runServer({ cluster, binaries, account, port, durable, settings, onLine });
    if (started.type === "running") return { ...started.server, port };
    if (!started.portTaken || wanted !== 0 || attempt === 5) throw started.error;
  }
}
