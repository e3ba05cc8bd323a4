import { hostname, uptime } from "node:os";
import { join } from "node:path";
import type { Secret } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { createEgress, type Egress } from "@sentinel/egress";
import { eventstoreMigrations, openPostgresHints } from "@sentinel/eventstore/postgres";
import { startGateway } from "@sentinel/gateway";
import { createPostgresFoldStore, incidentsMigrations, startIncidents } from "@sentinel/incidents";
import type { Bus } from "@sentinel/messaging";
import { createNatsBus } from "@sentinel/messaging/nats";
import { createBrowsers, openSpool, startProber, startSelfCheck } from "@sentinel/prober";
import { createServiceKit, processVariables, type Service, type ServiceKit } from "@sentinel/service-kit";
import { connectApi, firstAnswering, serveApi } from "@sentinel/service-kit/grpc";
import { VERSION } from "../version.ts";
import { accessFor } from "./access-token.ts";
import { openAsApplication } from "./open-as-application.ts";
import type { ServiceName, UpOptions } from "./options.ts";
import { readServiceEnv, type ServiceEnv } from "./service-env.ts";
import { stopRequested } from "./stop-requested.ts";
import { buildDashboard } from "./web-build.ts";

type Stop = () => Promise<void>;

interface Starting {
  readonly options: UpOptions;
  readonly kit: ServiceKit;
  readonly env: ServiceEnv;
  readonly stops: Stop[];
}

/** One service as a process of its own, its log on standard output; gives the exit code when it was asked to stop. */
export async function runService(name: ServiceName, options: UpOptions): Promise<number> {
  const variables = processVariables();
  const env = readServiceEnv(variables);
  const stops: Stop[] = [];
  const stopping = stopRequested();
  const kit = createServiceKit({ service: name, env: variables });
  stops.push(() => kit.tracing.stop());
  try {
    const service = await STARTERS[name]({ options, kit, env, stops });
    void service.ready.then(() => {
      kit.log.info("service.ready", { version: VERSION });
      process.send?.({ type: "ready" });
    });
    await stopping.requested;
    return 0;
  } finally {
    for (const stop of stops.toReversed()) await stop().catch(() => undefined);
    stopping.done();
    if (process.connected) process.disconnect();
  }
}

const STARTERS: Readonly<Record<ServiceName, (starting: Starting) => Promise<Service>>> = {
  prober: async (starting) => {
    const { options, kit, env, stops } = starting;
    const bus = await openBus(starting, "prober");
    const api = connectIncidents(starting);
    const egress = openEgress(starting);
    const service = await startProber({
      kit,
      bus,
      api,
      egress,
      selfCheck: await startSelfCheck({ kit, egress }),
      spool: await openSpool(join(options.dataDir, env.spoolName), { maxBytes: env.spoolMaxBytes }),
      region: env.region,
      name: env.proberName || hostname(),
      sharing: { weight: env.proberWeight },
      sinceBootMs: () => uptime() * 1000,
      secret: (name) => processVariables()[name],
      browsers: createBrowsers(env.browser),
      ...env.prober,
    });
    stops.push(() => service.stop());
    return service;
  },
  incidents: async (starting) => {
    const { options, kit, env, stops } = starting;
    const bus = await openBus(starting, "incidents");
    const url = demand(options.databaseUrl, "SENTINEL_DATABASE_URL");
    const database = await openAsApplication(url, [...eventstoreMigrations, ...incidentsMigrations], kit.log);
    stops.push(() => database.close());
    const hints = await openPostgresHints(url);
    stops.push(() => hints.close());
    const service = await startIncidents({
      kit,
      bus,
      egress: openEgress(starting),
      owner: `${hostname()}-${Buffer.from(kit.random.bytes(6)).toString("hex")}`,
      exclusive: false,
      store: createPostgresFoldStore(database, hints),
      configFile: {
        path: options.configFile,
        env: processVariables(),
        lastGoodPath: join(options.dataDir, "last-good.yaml"),
      },
      demo: [],
      publicUrl: env.publicUrl,
      locale: options.locale,
    });
    stops.push(() => service.stop());
    const authorize =
      env.serviceToken === undefined
        ? undefined
        : (authorization: string) => demandToken(authorization, env.serviceToken);
    const [{ host, port }] = env.incidents;
    const served = await serveApi({
      api: service.api,
      host,
      port,
      log: kit.log,
      ...(authorize === undefined ? {} : { authorize }),
    });
    served.setServing(false);
    void service.ready.then(() => served.setServing(true));
    stops.push(() => served.stop());
    return service;
  },
  gateway: async (starting) => {
    const { options, kit, env, stops } = starting;
    const access = await accessFor(options, kit.random);
    if (access.newToken !== undefined) process.stderr.write(`SENTINEL_TOKEN=${access.newToken}\n`);
    const service = await startGateway({
      kit,
      api: connectIncidents(starting),
      http: { host: options.host, port: options.port },
      grpc: { host: options.host, port: options.grpcPort },
      staticDir: await buildDashboard(),
      tokenHash: access.tokenHash,
      allowedHosts: env.allowedHosts,
      version: VERSION,
    });
    stops.push(() => service.stop());
    return service;
  },
};

async function openBus({ options, kit, env, stops }: Starting, name: string): Promise<Bus> {
  const servers = demand(options.natsUrl, "SENTINEL_NATS_URL").split(",");
  const { clock, random, log } = kit;
  const token = env.natsToken === undefined ? {} : { token: env.natsToken };
  const bus = await createNatsBus({ servers, name: `sentinel-${name}`, clock, random, log, ...token });
  stops.push(() => bus.close());
  return bus;
}

function openEgress({ kit, env, stops }: Starting): Egress {
  const egress = createEgress({ policy: { allowPrivate: false, allowCidrs: env.allowCidrs }, clock: kit.clock });
  stops.push(() => Promise.resolve(egress.close()));
  return egress;
}

function connectIncidents({ env, stops }: Starting): ReturnType<typeof connectApi> {
  const token = env.serviceToken === undefined ? {} : { token: env.serviceToken };
  const api = firstAnswering(
    env.incidents.map(({ host, port }) => connectApi({ address: `${host}:${port}`, ...token })),
  );
  stops.push(() => Promise.resolve(api.close()));
  return api;
}

function demand(value: string | undefined, name: string): string {
  if (value === undefined) throw new SentinelError("environment_invalid", { name, value: "", expected: "an address" });
  return value;
}

async function demandToken(authorization: string, token: Secret | undefined): Promise<void> {
  if (token === undefined || authorization === `Bearer ${token.reveal()}`) return;
  throw new SentinelError(authorization === "" ? "token_required" : "token_wrong");
}
