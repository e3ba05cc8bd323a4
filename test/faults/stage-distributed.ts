import { join } from "node:path";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { freePort, type NatsServer, startNats } from "@sentinel/testkit";
import { until } from "../harness/sentinel.ts";
import { type Child, killChild, startSentinel } from "./child.ts";
import { kill } from "./stage-all-in-one.ts";
import { prepareGround, type Stage, type StageOptions } from "./stage.ts";

const QUIET = { debug: (): void => undefined };
const INCIDENTS = ["incidents", "incidents-2"] as const;
type IncidentsName = (typeof INCIDENTS)[number];
export type ServiceName = IncidentsName | "prober" | "gateway";

/** Who speaks with whom; on each way the first one asks. */
export const LINKS = [
  "incidents-postgres",
  "prober-nats",
  "incidents-nats",
  "prober-incidents",
  "gateway-incidents",
] as const;
export type Link = (typeof LINKS)[number];

export interface DistributedStage extends Stage {
  /** Where the broker keeps its streams. */
  readonly natsDir: string;
  /** Address of the broker itself, whatever stands between it and the services. */
  natsUrl(): string;
  child(service: ServiceName): Child | undefined;
  /** Process id of a running part. */
  pidOf(part: string): number;
}

export interface DistributedOptions extends StageOptions {
  /** Gives the port that a service uses for the server on this port, as of a proxy between them. */
  readonly between?: (link: Link, port: number) => Promise<number>;
  /** Variables of one service alone. */
  readonly envOf?: (service: ServiceName) => Readonly<Record<string, string>>;
  /** How many incidents services share the partitions; one when absent. */
  readonly incidents?: 1 | 2;
  /** False for a PostgreSQL that does not wait for its disk. */
  readonly durable?: boolean;
}

/** Each service as a process of its own on a real nats-server and a real PostgreSQL with fsync; each is killed. */
export async function openDistributed(options: DistributedOptions = {}): Promise<DistributedStage> {
  const incidentsNames = INCIDENTS.slice(0, options.incidents ?? 1);
  const services: readonly ServiceName[] = [...incidentsNames, "prober", "gateway"];
  const { folder, world } = await prepareGround({ ...options, executors: incidentsNames.length });
  const port = await freePort();
  const grpcPort = await freePort();
  const natsPort = await freePort();
  const pgPort = await freePort();
  const incidentsPorts: Readonly<Record<IncidentsName, number>> = {
    incidents: await freePort(),
    "incidents-2": await freePort(),
  };
  const between = options.between ?? ((_link: Link, to: number) => Promise.resolve(to));
  const dataDir = join(folder, "data");
  const natsDir = join(folder, "nats");
  const spoolDir = join(dataDir, "spool");
  const url = `http://127.0.0.1:${port}`;
  const children = new Map<ServiceName, Child>();
  const lastWords = new Map<ServiceName, string>();
  let nats: NatsServer | undefined;
  let postgres: EmbeddedPostgres | undefined;
  let databaseUrl = "";

  const startPostgres = async (): Promise<void> => {
    const dir = join(folder, "postgres");
    const started = await startEmbeddedPostgres({ dir, port: pgPort, log: QUIET, durable: options.durable ?? true });
    postgres = started;
    databaseUrl = started.url;
    void started.exited.then(async () => await bringBackPostgres(started));
  };
  /** A supervisor starts again what ended by itself, as for want of room on its disk. */
  const bringBackPostgres = async (ended: EmbeddedPostgres): Promise<void> => {
    if (stopping || postgres !== ended) return;
    await ended.stop();
    const back = await startPostgres().then(
      () => true,
      () => false,
    );
    if (back) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
    await bringBackPostgres(ended);
  };
  const startBroker = async (): Promise<void> => {
    nats = await startNats({ storeDir: natsDir, port: natsPort });
  };
  /** Where this service finds the others: it listens where it says, and asks over its own ways. */
  const addressesOf = async (name: ServiceName): Promise<Readonly<Record<string, string>>> => {
    const database = new URL(databaseUrl);
    database.port = String(name === "incidents" ? await between("incidents-postgres", pgPort) : pgPort);
    const broker = name === "incidents" || name === "prober" ? await between(`${name}-nats`, natsPort) : natsPort;
    const [first, ...others] = incidentsNames.map((each) => incidentsPorts[each]);
    const incidents =
      name === "prober" || name === "gateway"
        ? [await between(`${name}-incidents`, first ?? 0), ...others]
        : [incidentsPorts[name]];
    return {
      SENTINEL_NATS_URL: `nats://127.0.0.1:${broker}`,
      SENTINEL_DATABASE_URL: database.href,
      SENTINEL_INCIDENTS_ADDRESS: incidents.map((each) => `127.0.0.1:${each}`).join(","),
    };
  };
  const startService = async (name: ServiceName, failpoint = ""): Promise<void> => {
    const words = [
      "service",
      isIncidents(name) ? "incidents" : name,
      "--config",
      join(folder, "sentinel.yaml"),
      "--data",
      dataDir,
    ];
    const child = startSentinel([...words, "--port", String(port), "--grpc-port", String(grpcPort)], {
      ...options.env,
      ...options.envOf?.(name),
      ...(await addressesOf(name)),
      SENTINEL_EGRESS_ALLOW: "127.0.0.0/8",
      SENTINEL_FAILPOINT: failpoint,
    });
    children.set(name, child);
    // A supervisor starts again what ends by itself, as when its broker was away at the start.
    void child.exited.then(async ({ code, signal }) => {
      if (signal !== null || stopping || children.get(name) !== child) return;
      lastWords.set(name, `ended with ${code}:\n${child.output().slice(-1500)}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (!stopping && children.get(name) === child) await startService(name);
    });
  };
  let stopping = false;
  const serviceOf = (part: string): ServiceName | undefined => services.find((name) => name === part);
  const note = async (what: string, atMs: number): Promise<void> => {
    world.noteKill({ atMs, what, prober: what === "prober", executor: isIncidents(what) });
    if (what === "prober") await world.noteSpool(spoolDir);
  };
  const ready = async (): Promise<void> => {
    await until("ready services", async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined), 90_000).catch(
      (error: unknown) => {
        const ended = [...lastWords].map(([name, words]) => `--- ${name} ${words}`).join("\n");
        throw new Error(`not ready:\n${outputOf(children)}\n${ended}`, { cause: error });
      },
    );
  };
  return {
    mode: "distributed",
    folder,
    world,
    url,
    spoolDir,
    natsDir,
    natsUrl: () => `nats://127.0.0.1:${natsPort}`,
    child: (name) => children.get(name),
    pidOf: (part) => {
      const name = serviceOf(part);
      const pid = name !== undefined ? children.get(name)?.pid : part === "nats" ? nats?.pid : postgres?.pid;
      if (pid === undefined) throw new Error(`${part} does not run`);
      return pid;
    },
    parts: [...services, "nats", "postgres"],
    start: async () => {
      stopping = false;
      await Promise.all([startPostgres(), startBroker()]);
      for (const name of services) await startService(name);
      await ready();
    },
    kill: async (part) => {
      const name = serviceOf(part);
      const child = name === undefined ? undefined : children.get(name);
      if (name !== undefined) children.delete(name);
      if (child !== undefined) await killChild(child);
      if (part === "nats") await nats?.stop("SIGKILL");
      const killed = part === "postgres" ? postgres : undefined;
      if (killed !== undefined) {
        postgres = undefined;
        kill(killed.pid);
        await killed.exited;
        await killed.stop();
      }
      await note(part, Date.now());
    },
    restart: async (part, failpoint) => {
      const name = serviceOf(part);
      if (name !== undefined) await startService(name, failpoint);
      if (part === "nats") await startBroker();
      if (part === "postgres") await startPostgres();
    },
    died: async (part) => {
      const name = serviceOf(part);
      if (name === undefined) throw new Error(`${part} does not end by itself`);
      await children.get(name)?.exited;
      children.delete(name);
      await note(part, Date.now());
    },
    ready,
    databaseUrl: () => Promise.resolve(databaseUrl),
    output: () => outputOf(children),
    stop: async () => {
      stopping = true;
      for (const name of services.toReversed()) {
        const child = children.get(name);
        if (child === undefined || !child.running()) continue;
        const force = setTimeout(() => child.signal("SIGKILL"), 10_000);
        child.signal("SIGTERM");
        await child.exited;
        clearTimeout(force);
      }
      children.clear();
      await Promise.all([nats?.stop(), postgres?.stop()]);
    },
  };
}

const isIncidents = (part: string): part is IncidentsName => INCIDENTS.some((name) => name === part);

const outputOf = (children: ReadonlyMap<ServiceName, Child>): string =>
  [...children].map(([name, child]) => `--- ${name}\n${child.output().slice(-3000)}`).join("\n");
