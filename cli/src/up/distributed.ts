import { type ChildProcess, spawn } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SentinelError } from "@sentinel/contracts/errors";
import { processVariables, systemRandom } from "@sentinel/service-kit";
import { VERSION } from "../version.ts";
import { createConsole } from "./console.ts";
import { makeDataDir } from "./data-dir.ts";
import { openLogFile } from "./log-file.ts";
import type { ServiceName, UpOptions } from "./options.ts";
import { demandPortFree, freePort } from "./port-free.ts";
import { stopRequested } from "./stop-requested.ts";
import { buildDashboard } from "./web-build.ts";

const RESTART_MS = 1000;
const STOP_LIMIT_MS = 8000;

type Console = ReturnType<typeof createConsole>;

/**
 * The same services as processes of their own, on a NATS server and a PostgreSQL that run already. One that ends is
 * started again; one that cannot start for the first time ends the command, with its reason on standard error.
 */
export async function startDistributed(options: UpOptions): Promise<number> {
  const console = createConsole(options.locale);
  const stopping = stopRequested();
  console.say("cli.up.title", { version: VERSION });
  await demandPortFree(options.host, options.port);
  await demandPortFree(options.host, options.grpcPort);
  await makeDataDir(options.dataDir);
  await buildDashboard({ onProgress: (seconds) => console.say("cli.building", { seconds: String(seconds) }) });
  const env = await environmentOf(options);
  const services: Supervised[] = [];
  try {
    const addresses = env["SENTINEL_INCIDENTS_ADDRESS"]?.split(",") ?? [];
    const several = addresses.map((address, index) => ({
      name: "incidents" as const,
      label: index === 0 ? "incidents" : `incidents-${index + 1}`,
      env: { ...env, SENTINEL_INCIDENTS_ADDRESS: address },
    }));
    const probers = Array.from({ length: options.probers }, (_, index) => proberOf(index, env));
    const gateway = { name: "gateway" as const, label: "gateway", env };
    for (const { name, label, env: own } of [...several, ...probers, gateway]) {
      console.say("cli.up.starting_service", { name: label });
      const service = await supervise({ name, label, options, env: own, console, stopping: stopping.signal });
      services.push(service);
      // The prober is ready with its first monitor, which may come much later.
      if (name !== "prober") await Promise.race([service.ready, stopping.requested, service.failed]);
      if (stopping.signal.aborted) return 0;
    }
    const url = `http://${options.host}:${options.port}`;
    console.say("cli.up.running", { url, grpc: `${options.host}:${options.grpcPort}` });
    console.say("cli.up.where", { config: options.configFile, data: options.dataDir });
    await stopping.requested;
    console.say("cli.up.stopping");
    return 0;
  } finally {
    for (const service of services.toReversed()) await service.stop();
    stopping.done();
  }
}

/** The first keeps the name and the spool that it has where it is the only one. */
function proberOf(index: number, env: Readonly<Record<string, string | undefined>>) {
  const name = "prober" as const;
  if (index === 0) return { name, label: name, env };
  const number = String(index + 1);
  const own = {
    SENTINEL_PROBER_NAME: `${env["SENTINEL_PROBER_NAME"] || hostname()}-${number}`,
    SENTINEL_SPOOL_NAME: `spool-${number}`,
  };
  return { name, label: `prober-${number}`, env: { ...env, ...own } };
}

/** Services meet on free ports of this machine, with a token made for this start. */
async function environmentOf(options: UpOptions): Promise<Readonly<Record<string, string | undefined>>> {
  const given = processVariables();
  const addresses = (given["SENTINEL_INCIDENTS_ADDRESS"] ?? "").split(",").filter((each) => each !== "");
  while (addresses.length < options.incidents) addresses.push(`127.0.0.1:${await freePort()}`);
  return {
    ...given,
    SENTINEL_INCIDENTS_ADDRESS: addresses.slice(0, options.incidents).join(","),
    SENTINEL_SERVICE_TOKEN:
      given["SENTINEL_SERVICE_TOKEN"] ?? Buffer.from(systemRandom.bytes(24)).toString("base64url"),
    SENTINEL_PUBLIC_URL: given["SENTINEL_PUBLIC_URL"] ?? `http://${options.host}:${options.port}`,
    SENTINEL_NATS_URL: options.natsUrl,
    SENTINEL_DATABASE_URL: options.databaseUrl,
  };
}

interface Supervised {
  readonly ready: Promise<void>;
  /** Rejects when it could not start at all. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

interface Supervising {
  readonly name: ServiceName;
  /** Tells services of the same kind apart. */
  readonly label: string;
  readonly options: UpOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly console: Console;
  readonly stopping: AbortSignal;
}

async function supervise({ name, label, options, env, console, stopping }: Supervising): Promise<Supervised> {
  const logFile = await openLogFile(options.dataDir, label);
  const ready = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let everReady = false;
  const ended = new AbortController();
  let child: ChildProcess;
  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      child = spawnService(name, options, env);
      child.stdout?.on("data", (chunk: Buffer) => logFile.stream.write(chunk.toString()));
      child.on("message", () => {
        everReady = true;
        ready.resolve();
      });
      const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
      if (ended.signal.aborted || stopping.aborted) return;
      if (!everReady && name !== "prober") {
        return failed.reject(new SentinelError("service_not_started", { name: label, code: String(code ?? 1) }));
      }
      console.say("cli.up.service_ended", { name: label });
      await sleep(RESTART_MS);
    }
  };
  const running = run();
  return {
    ready: ready.promise,
    failed: failed.promise,
    stop: async () => {
      ended.abort();
      child.kill("SIGTERM");
      const kill = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await running;
      clearTimeout(kill);
      await logFile.close();
    },
  };
}

function spawnService(
  name: ServiceName,
  options: UpOptions,
  env: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  const main = join(import.meta.dirname, "../main.ts");
  const words = ["service", name, "--config", options.configFile, "--data", options.dataDir, "--host", options.host];
  const ports = ["--port", String(options.port), "--grpc-port", String(options.grpcPort), "--lang", options.locale];
  return spawn(process.execPath, [main, ...words, ...ports], {
    env,
    // A group of its own: Ctrl-C reaches only us, and we stop them in order.
    detached: true,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}
