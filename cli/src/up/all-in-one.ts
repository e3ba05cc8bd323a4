import { uptime } from "node:os";
import { join } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { renderProblem } from "@sentinel/contracts/text";
import { createEgress } from "@sentinel/egress";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import {
  type Database,
  eventstoreMigrations,
  migrate,
  openDatabase,
  prepareApplicationRole,
} from "@sentinel/eventstore/postgres";
import { startGateway } from "@sentinel/gateway";
import { createPostgresFoldStore, incidentsMigrations, startIncidents } from "@sentinel/incidents";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { createBrowsers, openSpool, startProber, startSelfCheck } from "@sentinel/prober";
import { createServiceKit, processVariables } from "@sentinel/service-kit";
import { startDemoTargets } from "../demo/targets.ts";
import { VERSION } from "../version.ts";
import { accessFor } from "./access-token.ts";
import { createConsole } from "./console.ts";
import { dataDirError, makeDataDir } from "./data-dir.ts";
import { openLogFile } from "./log-file.ts";
import type { UpOptions } from "./options.ts";
import { readProberVariables } from "./prober-variables.ts";
import { readSpoolMaxBytes } from "./spool-max-bytes.ts";
import { demandPortFree } from "./port-free.ts";
import { endSoon, type Stop, stopAll, within } from "./stop-all.ts";
import { stopRequested } from "./stop-requested.ts";
import { buildDashboard } from "./web-build.ts";

/** After Ctrl-C the step of the start that is under way may finish for this long. */
const STEP_LIMIT_MS = 1500;
/** What runs may take this long to stop; the database ends at the latest with this process. */
const STOP_LIMIT_MS = 3300;

/**
 * Everything in one process: embedded PostgreSQL, embedded bus, all services and the dashboard. Runs until it is asked
 * to stop, and gives the exit code.
 * @throws SentinelError `port_unavailable`, `data_dir_in_use`, `schema_newer`, `disk_full` and others, each before or
 * without damage to what is in the data folder
 */
export async function startAllInOne(options: UpOptions): Promise<number> {
  const stops: Stop[] = [];
  // Asked twice, it ends at once; what was acknowledged is on disk.
  const stopping = stopRequested();
  const console = createConsole(options.locale);
  const starting = start(options, stops, console, stopping.signal);
  let halfStarted = false;
  const running = starting.then(({ failed }) => failed);
  try {
    const failed = await Promise.race([stopping.requested, running]);
    if (failed !== undefined) throw failed;
    console.say("cli.up.stopping");
    // A step that goes on may still start something that nobody stops.
    if (!(await within(STEP_LIMIT_MS, starting))) halfStarted = true;
    return 0;
  } catch (thrown) {
    if (thrown instanceof SentinelError && thrown.code === "postgres_ended") halfStarted = true;
    throw dataDirError(thrown, options.dataDir);
  } finally {
    const stopped = await stopAll(stops, STOP_LIMIT_MS);
    if (halfStarted || !stopped) endSoon();
    stopping.done();
  }
}

async function start(
  options: UpOptions,
  stops: Stop[],
  console: ReturnType<typeof createConsole>,
  stopping: AbortSignal,
): Promise<{ readonly failed: Promise<SentinelError> }> {
  console.say("cli.up.title", { version: VERSION });
  await demandPortFree(options.host, options.port);
  await demandPortFree(options.host, options.grpcPort);
  await makeDataDir(options.dataDir);
  const logFile = await openLogFile(options.dataDir);
  stops.push(() => logFile.close());
  const kit = createServiceKit({ service: "sentinel", env: processVariables(), logStream: logFile.stream });
  stops.push(() => kit.tracing.stop());
  const staticDir = buildDashboard({
    onProgress: (seconds) => console.say("cli.building", { seconds: String(seconds) }),
    signal: stopping,
  });
  // Awaited below, where its failure is told; it must not end the process before.
  staticDir.catch(() => undefined);
  const from = kit.clock.monotonic();
  const postgres = await startEmbeddedPostgres({ dir: join(options.dataDir, "postgres"), log: kit.log, durable: true });
  stops.push(() => postgres.stop());
  demandGoingOn(stopping);
  const database = await openDatabase(await upToDate(postgres.url));
  stops.push(() => database.close());
  console.say("cli.up.database_ready", { seconds: ((kit.clock.monotonic() - from) / 1000).toFixed(1) });
  demandGoingOn(stopping);
  const failed = databaseEnded(postgres, stopping);
  const parts = { kit, database, staticDir: await staticDir };
  // Without its database a start would wait for ever.
  const early = await Promise.race([startServices(options, stops, console, stopping, parts), failed]);
  if (early !== undefined) throw early;
  return { failed };
}

/** Brings the schema to its last step; gives the address for the services, who cannot change what has happened. */
async function upToDate(url: string): Promise<string> {
  const owner = await openDatabase(url, { max: 1 });
  try {
    await migrate(owner, [...eventstoreMigrations, ...incidentsMigrations]);
    return await prepareApplicationRole(owner, url);
  } finally {
    await owner.close();
  }
}

interface Parts {
  readonly kit: ReturnType<typeof createServiceKit>;
  readonly database: Database;
  readonly staticDir: string;
}

async function startServices(
  options: UpOptions,
  stops: Stop[],
  console: ReturnType<typeof createConsole>,
  stopping: AbortSignal,
  { kit, database, staticDir }: Parts,
): Promise<void> {
  const demo = options.demo ? await startDemoTargets() : undefined;
  if (demo !== undefined) stops.push(() => demo.stop());
  const bus = createEmbeddedBus(kit);
  stops.push(() => bus.close());
  // A person started this on their own machine, so their own services may be watched.
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: kit.clock });
  stops.push(() => Promise.resolve(egress.close()));
  const owner = `all-in-one-${Buffer.from(kit.random.bytes(6)).toString("hex")}`;
  const incidents = await startIncidents({
    kit,
    bus,
    egress,
    owner,
    exclusive: true,
    store: createPostgresFoldStore(database),
    configFile: {
      path: options.configFile,
      env: processVariables(),
      lastGoodPath: join(options.dataDir, "last-good.yaml"),
    },
    demo: demo?.monitors ?? [],
    publicUrl: `http://${options.host}:${options.port}`,
    locale: options.locale,
  });
  stops.push(() => incidents.stop());
  await incidents.ready;
  demandGoingOn(stopping);
  const access = await accessFor(options, kit.random);
  const gateway = await startGateway({
    kit,
    api: incidents.api,
    http: { host: options.host, port: options.port },
    grpc: { host: options.host, port: options.grpcPort },
    staticDir,
    tokenHash: access.tokenHash,
    allowedHosts: [],
    version: VERSION,
  });
  stops.push(() => gateway.stop());
  const prober = await startProber({
    kit,
    bus,
    egress,
    api: incidents.api,
    spool: await openSpool(join(options.dataDir, "spool"), { maxBytes: readSpoolMaxBytes(processVariables()) }),
    region: "local",
    name: "local",
    sinceBootMs: () => uptime() * 1000,
    selfCheck: await startSelfCheck({ kit, egress }),
    secret: (name) => processVariables()[name],
    browsers: createBrowsers(processVariables()["SENTINEL_BROWSER"] ?? ""),
    ...readProberVariables(processVariables()),
  });
  // Before the others, so that the last results are folded and not only spooled.
  stops.push(() => prober.stop());
  if (access.newToken !== undefined) console.say("cli.up.token", { token: access.newToken });
  console.say("cli.up.running", { url: gateway.url, grpc: `${options.host}:${gateway.grpcPort}` });
  console.say("cli.up.where", { config: options.configFile, data: options.dataDir });
  const { config } = await incidents.api.getStatus({}, { signal: stopping, traceparent: "" });
  for (const { code, params, line, column } of config?.problems ?? []) {
    const message = renderProblem(options.locale, { code, params });
    const at = line > 0 ? `${options.configFile}:${line}:${column}` : options.configFile;
    console.say("cli.up.config_problem", { at, path: params["path"] ?? "", message });
  }
}

/** Resolves when the database ends by itself. */
async function databaseEnded(postgres: EmbeddedPostgres, stopping: AbortSignal): Promise<SentinelError> {
  await postgres.exited;
  if (stopping.aborted) return await new Promise(() => undefined);
  return new SentinelError("postgres_ended");
}

/** A start that was asked to stop goes no further. @throws SentinelError `request_cancelled` */
function demandGoingOn(stopping: AbortSignal): void {
  if (stopping.aborted) throw new SentinelError("request_cancelled");
}
