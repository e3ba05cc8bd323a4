import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@sentinel/testkit";

const root = join(import.meta.dirname, "../..");

/** Asks until `probe` gives a value, at most `withinMs`; says what it waited for when it gives up. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  withinMs: number,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`gave up after ${withinMs} ms waiting for ${what}`, { cause: last });
}

export interface SentinelOptions {
  readonly config?: string;
  readonly folder?: string;
  readonly port?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly account?: { readonly uid: number; readonly gid: number };
}

/** A real `sentinel up`, started as a person would, on a free port in a temporary folder. */
export class Sentinel {
  readonly folder: string;
  readonly port: number;
  readonly grpcPort: number;
  readonly url: string;
  output = "";
  /** What the current or last start wrote on standard error. */
  stderr = "";
  #child: ChildProcess | undefined;
  #exit: Promise<{ code: number | null; signal: string | null }> | undefined;
  readonly #args: readonly string[];
  readonly #account: SentinelOptions["account"];

  private constructor(folder: string, port: number, grpcPort: number, options: SentinelOptions) {
    this.folder = folder;
    this.port = port;
    this.grpcPort = grpcPort;
    this.url = `http://127.0.0.1:${port}`;
    this.#args = options.args ?? [];
    this.#account = options.account;
  }

  static async create(options: SentinelOptions = {}): Promise<Sentinel> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "sentinel-")));
    // Open to pass through, or the database's own account would need a place elsewhere, which `remove` would leave.
    if (options.folder === undefined) await chmod(folder, 0o711);
    const sentinel = new Sentinel(folder, options.port ?? (await freePort()), await freePort(), options);
    if (options.config !== undefined) await sentinel.configure(options.config);
    return sentinel;
  }

  /** Writes sentinel.yaml; a running instance picks it up. */
  async configure(yaml: string): Promise<void> {
    await writeFile(join(this.folder, "sentinel.yaml"), yaml);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Undefined while it runs, null when a signal ended it. */
  get exitCode(): number | null | undefined {
    const child = this.#child;
    return child === undefined || (child.exitCode === null && child.signalCode === null) ? undefined : child.exitCode;
  }

  start(env: Readonly<Record<string, string>> = {}): void {
    const child = spawn(
      process.execPath,
      [
        join(root, "cli/src/main.ts"),
        "up",
        "--config",
        join(this.folder, "sentinel.yaml"),
        "--data",
        join(this.folder, "data"),
        "--port",
        String(this.port),
        "--grpc-port",
        String(this.grpcPort),
        ...this.#args,
      ],
      { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], ...this.#account },
    );
    this.stderr = "";
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-200_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.stderr.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#child = child;
    this.#exit = new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
  }

  /** Resolves when the process has ended and all it wrote was read. */
  async exited(): Promise<{ code: number | null; signal: string | null }> {
    if (this.#exit === undefined) throw new Error("not started");
    return this.#exit;
  }

  async ready(withinMs = 90_000): Promise<void> {
    await until(
      "readyz",
      async () => {
        if (this.#child?.exitCode !== null && this.#child !== undefined) {
          throw new Error(`ended early:\n${this.output.slice(-3000)}`);
        }
        return (await fetch(`${this.url}/readyz`)).status === 200 ? true : undefined;
      },
      withinMs,
    ).catch((error: unknown) => {
      throw new Error(`not ready:\n${this.output.slice(-3000)}`, { cause: error });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.kill("SIGTERM");
    const force = setTimeout(() => this.kill("SIGKILL"), 15_000);
    await this.exited();
    clearTimeout(force);
  }

  async remove(): Promise<void> {
    await this.stop();
    // For root the database may live elsewhere, where its account reaches it.
    const cluster = await realpath(join(this.folder, "data/postgres/cluster")).catch(() => this.folder);
    if (cluster !== this.folder) await rm(cluster, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** A REST call; throws with the whole answer when it is not 2xx. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test names the shape it expects; a wrong one fails its assertions
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}
