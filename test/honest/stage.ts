import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, get, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Verdict } from "@sentinel/contracts";
import { createCertificate, type DnsAnswer, startDnsTarget, startTlsTarget } from "@sentinel/testkit";

export const EVERY_MS = 5000;
const TIMEOUT_MS = 2000;
const PORT = 8077;
const COUNT = 100;

export interface Told {
  readonly monitorId: string;
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface ProberOptions {
  readonly offsetMs?: number;
  readonly openFiles?: number;
  readonly spool?: string;
}

/** A hundred healthy targets, each on an address of its own, and a prober in a process of its own. */
export class Stage {
  readonly told: Told[] = [];
  /** What the resolver says instead of the truth. */
  lie: ((name: string) => DnsAnswer) | undefined;
  /** What all targets answer. */
  readonly broken = new Set<string>();
  proxyWorks = true;
  /** Where the prober that was started last keeps its spool. */
  spool = "";
  readonly base: string;
  readonly ids = Array.from({ length: COUNT }, (_, index) => `mon_${index + 1}`);
  readonly #servers = new Map<string, Server>();
  readonly #stops: (() => Promise<unknown>)[] = [];
  #child: ChildProcess | undefined;
  #monitors = "[]";
  #resolver = "";

  constructor(base: string) {
    this.base = base;
  }

  async open(): Promise<void> {
    const dns = await startDnsTarget((name) => this.lie?.(name) ?? this.truth(name), 1);
    this.#resolver = dns.server;
    this.#stops.push(() => dns.stop());
    const proxy = createServer((request, response) => {
      if (!this.proxyWorks) return void response.writeHead(502).end();
      get(request.url ?? "", (answer) => answer.pipe(response)).on("error", () => response.writeHead(504).end());
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    this.#stops.push(() => new Promise((resolve) => proxy.close(resolve)));
    const at = proxy.address();
    const proxyUrl = `http://127.0.0.1:${typeof at === "object" ? at?.port : 0}`;
    const certificate = createCertificate({
      commonName: "shop.test",
      validFromMs: Date.now() - 86_400_000,
      validToMs: Date.now() + 365 * 86_400_000,
    });
    const tls = await startTlsTarget(certificate);
    this.#stops.push(() => tls.stop());
    const monitors = [];
    for (let i = 1; i <= COUNT; i += 1) {
      const id = `mon_${i}`;
      await this.listen(id);
      const host = i <= 50 ? `m${i}.shop.test` : `${this.base}${i}`;
      const http = { url: `http://${host}:${PORT}/`, method: "GET" };
      const secured = { enabled: true, serverName: "shop.test", authorities: certificate.cert };
      const check = { $case: "tls" as const, value: { warnDays: 14, failDays: 3, tls: secured } };
      const endpoint =
        i > 95
          ? { ...http, http: { proxy: proxyUrl } }
          : i > 90
            ? { url: `tls://${tls.host}/`, method: "", check }
            : http;
      const spec = { name: id, endpoints: [endpoint], everyMs: EVERY_MS, timeoutMs: TIMEOUT_MS, failuresToConfirm: 2 };
      monitors.push({ id, version: 1, createdAtMs: 1, spec });
    }
    this.#monitors = JSON.stringify(monitors);
  }

  truth(name: string): DnsAnswer {
    const number = /^m(\d+)\.shop\.test$/.exec(name)?.[1];
    return number === undefined ? "nxdomain" : [`${this.base}${number}`];
  }

  async listen(id: string): Promise<void> {
    const server = createServer((_request, response) => {
      response.writeHead(this.broken.has(id) ? 500 : 200, { connection: "close" }).end("well");
    });
    server.listen(PORT, `${this.base}${id.slice(4)}`);
    await once(server, "listening");
    this.#servers.set(id, server);
  }

  async closeTarget(id: string): Promise<void> {
    const server = this.#servers.get(id);
    this.#servers.delete(id);
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
  }

  async startProber({ offsetMs = 0, openFiles = 4096, spool }: ProberOptions = {}): Promise<void> {
    await this.stopProber();
    const folder = spool ?? (await mkdtemp(join(tmpdir(), "honest-")));
    this.spool = folder;
    this.#stops.push(() => rm(folder, { recursive: true, force: true }));
    const limited = `ulimit -n ${openFiles}; exec "$0" "$@"`;
    const program = [join(import.meta.dirname, "prober-child.ts"), this.#monitors, this.#resolver, folder];
    const child = spawn("sh", ["-c", limited, process.execPath, "--no-warnings", ...program, String(offsetMs)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    child.on("message", (message: Told | { readonly ready: true }) => {
      if ("monitorId" in message) this.told.push(message);
    });
    await once(child, "message");
  }

  async stopProber(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  deed(deed: string, by = 0): void {
    this.#child?.send({ deed, by });
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Until each of these monitors has been told to be so since then. */
  async until(verdict: Verdict, since: number, ids: readonly string[], withinMs = 40_000): Promise<boolean> {
    const untilMs = performance.now() + withinMs;
    while (performance.now() < untilMs) {
      const seen = new Set(
        this.told.slice(since).flatMap((each) => (each.verdict === verdict ? [each.monitorId] : [])),
      );
      if (ids.every((id) => seen.has(id))) return true;
      await pause(100);
    }
    return false;
  }

  async close(): Promise<void> {
    await this.stopProber();
    for (const id of this.ids) await this.closeTarget(id);
    for (const stop of this.#stops.toReversed()) await stop();
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Runs a tool of the system. @throws Error with what it said */
export function tool(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
}
