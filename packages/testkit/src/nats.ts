import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensureDebianTool, ensurePinnedTool, ensureTool } from "../../../tools/go-tools.mjs";

export const NATS_VERSIONS = ["2.14.5", "debian"] as const;

/** The pinned version, or the one Debian ships (2.9.10 in Debian 12). */
export type NatsVersion = (typeof NATS_VERSIONS)[number];

export interface NatsOptions {
  /** The pinned one when absent or, where that cannot be had, Debian's. */
  readonly version?: NatsVersion;
  /** JetStream's folder, kept at stop; a temporary one, removed at stop, when absent. */
  readonly storeDir?: string;
  /** A free one when absent. */
  readonly port?: number;
  /** Demanded of clients when present. */
  readonly token?: string;
  /** On when absent. */
  readonly jetStream?: boolean;
  /** Paths of PEM files; clients must then secure the connection. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly storeDir: string;
  /** Ends the server, SIGTERM when absent, and resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Path of a nats-server; rejects with the reason when this machine cannot have it. */
function natsBinary(version: NatsVersion | undefined): Promise<string> {
  if (version === undefined) return ensureTool("nats-server");
  return version === "debian" ? ensureDebianTool("nats-server") : ensurePinnedTool("nats-server");
}

/** Which versions this machine can have, building or fetching them if need be; a missing one with the reason. */
export function findNats(): Promise<
  readonly { readonly version: NatsVersion; readonly missing: string | undefined }[]
> {
  return Promise.all(
    NATS_VERSIONS.map(async (version) => {
      try {
        await natsBinary(version);
        return { version, missing: undefined };
      } catch (error) {
        return { version, missing: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

/** A real nats-server with JetStream on loopback; resolves when it takes connections. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const binary = await natsBinary(options.version);
  const folder = await mkdtemp(join(tmpdir(), "sentinel-nats-"));
  const storeDir = options.storeDir ?? join(folder, "store");
  const port = options.port ?? -1;
  const args = ["-a", "127.0.0.1", "-p", String(port), "--ports_file_dir", folder];
  const jetStream = options.jetStream === false ? [] : ["-js", "-sd", storeDir];
  const { tls } = options;
  const secure = tls === undefined ? [] : ["--tls", "--tlscert", tls.certificate, "--tlskey", tls.key];
  const auth = options.token === undefined ? [] : ["--auth", options.token];
  const child = spawn(binary, [...args, ...jetStream, ...secure, ...auth], { stdio: ["ignore", "ignore", "pipe"] });
  // A test process that is ended early leaves no server behind.
  const killed = (): void => void child.kill("SIGKILL");
  process.once("exit", killed);
  child.once("exit", () => process.removeListener("exit", killed));
  try {
    await ready(child);
    const server = { pid: child.pid ?? 0, port: await readPort(folder), storeDir };
    const stop = (signal?: NodeJS.Signals): Promise<void> => end(child, folder, signal);
    return { ...server, url: `nats://127.0.0.1:${server.port}`, stop };
  } catch (error) {
    await end(child, folder, "SIGKILL");
    throw error;
  }
}

async function ready(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error("nats-server has no log");
  const lines: string[] = [];
  const log = createInterface({ input: child.stderr });
  const started = new Promise<void>((resolve, reject) => {
    log.on("line", (line) => {
      if (lines.length < 100) lines.push(line);
      if (line.includes("Server is ready")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`nats-server did not start:\n${lines.slice(-5).join("\n")}`)));
  });
  await started;
}

/** The server writes its ports into a file of this folder right after it says that it is ready. */
async function readPort(folder: string): Promise<number> {
  for (;;) {
    const file = (await readdir(folder)).find((name) => name.endsWith(".ports"));
    const content = file === undefined ? "" : await readFile(join(folder, file), "utf8");
    const port = /(?:nats|tls):\/\/[^"]*?:(\d+)"/.exec(content)?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function end(child: ChildProcess, folder: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
  await rm(folder, { recursive: true, force: true });
}
