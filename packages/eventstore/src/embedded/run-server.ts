import { SentinelError } from "@sentinel/contracts/errors";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import { type GuardedProcess, startGuarded } from "./guarded-process.ts";
import { postmasterPid } from "./orphans.ts";
import { sendSignal } from "./processes.ts";
import { serverArguments } from "./server-settings.ts";
import { startError } from "./start-error.ts";

export interface RunOptions {
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly port: number;
  readonly durable: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

export interface Server {
  readonly pid: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

export type Started =
  | { readonly type: "running"; readonly server: Server }
  | { readonly type: "failed"; readonly error: SentinelError; readonly portTaken: boolean };

/** Recovery after a crash replays at most `max_wal_size`; far less than this on any disk. */
const START_TIMEOUT_MS = 60_000;
const FAST_SHUTDOWN_MS = 2500;
const LINES_KEPT = 50;

/** Starts the server and waits until it takes connections, or ends. */
export async function runServer(options: RunOptions): Promise<Started> {
  const { cluster } = options;
  const lines: string[] = [];
  const ready = Promise.withResolvers<"ready">();
  const process = startGuarded(
    options.binaries.postgres,
    serverArguments(cluster.home, options.port, options.durable, options.settings),
    {
      account: options.account,
      endSignal: "INT",
      onLine: (line) => {
        lines.push(line);
        if (lines.length > LINES_KEPT) lines.shift();
        options.onLine(line);
        if (line.includes("database system is ready to accept connections")) ready.resolve("ready");
      },
    },
  );
  const outcome = await Promise.race([ready.promise, process.exited, timeout(START_TIMEOUT_MS)]);
  const pid = outcome === "ready" ? await postmasterPid(cluster.data) : undefined;
  if (pid !== undefined) return { type: "running", server: serverOf(process, pid) };
  process.end();
  await process.exited;
  const portTaken = lines.some((line) => /could not bind .*Address already in use/.test(line));
  const reason = `port ${options.port} of 127.0.0.1 is taken`;
  const error = portTaken ? new SentinelError("postgres_start_failed", { reason }) : startError(lines, cluster.home);
  return { type: "failed", error, portTaken };
}

function serverOf(process: GuardedProcess, pid: number): Server {
  let stopping: Promise<void> | undefined;
  let ended = false;
  const ending = async (): Promise<void> => {
    await process.exited;
    ended = true;
  };
  const exited = ending();
  const stop = async (): Promise<void> => {
    // After its end the number may be another program's.
    if (!ended) sendSignal(pid, "SIGINT");
    process.end();
    if ((await Promise.race([exited, timeout(FAST_SHUTDOWN_MS)])) === "timeout") sendSignal(pid, "SIGQUIT");
    await exited;
  };
  return { pid, exited, stop: () => (stopping ??= stop()) };
}

async function timeout(ms: number): Promise<"timeout"> {
  return await new Promise((resolve) => {
    setTimeout(resolve, ms, "timeout").unref();
  });
}
