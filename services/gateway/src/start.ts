import { type SentinelApi, SentinelError } from "@sentinel/contracts";
import type { Service, ServiceKit } from "@sentinel/service-kit";
import { serveApi } from "@sentinel/service-kit/grpc";
import type { FastifyInstance } from "fastify";
import { type AccessRules, checkToken } from "./http/access.ts";
import { AnswerCache } from "./http/answer-cache.ts";
import { createServer } from "./http/server.ts";
import { addPingRoutes } from "./pings/ping-routes.ts";
import { ReadModel } from "./read-model.ts";
import { addDocsRoutes } from "./openapi/docs-routes.ts";
import { addEventStream } from "./routes/event-stream.ts";
import { fixedRoutes } from "./routes/fixed-routes.ts";
import { addHealthRoutes } from "./routes/health-routes.ts";
import { incidentRoutes } from "./routes/incident-routes.ts";
import { monitorRoutes } from "./routes/monitor-routes.ts";
import { deadLetterRoutes } from "./routes/dead-letter-routes.ts";
import { maintenanceRoutes } from "./routes/maintenance-routes.ts";
import { kpiRoute } from "./routes/kpi-route.ts";
import { systemRoutes } from "./routes/system-routes.ts";
import { EventHub } from "./sse/event-hub.ts";
import { loadSite } from "./static/load-site.ts";
import { siteFallback } from "./static/site-fallback.ts";

export interface GatewayDeps {
  readonly kit: ServiceKit;
  /** In process or over gRPC. */
  readonly api: SentinelApi;
  /** Port 0 for a free one. */
  readonly http: { readonly host: string; readonly port: number };
  readonly grpc: { readonly host: string; readonly port: number } | undefined;
  /** Folder of the exported dashboard; without it "/" says so. */
  readonly staticDir: string | undefined;
  /** SHA-256 of the access token in hex; undefined when none is needed, which is for loopback only. */
  readonly tokenHash: string | undefined;
  /** Host names besides loopback that may stand in Host. */
  readonly allowedHosts: readonly string[];
  readonly version: string;
}

export type Gateway = Service & {
  /** Where a browser on this machine finds it. */
  readonly url: string;
  /** 0 without gRPC. */
  readonly grpcPort: number;
};

/** Open requests may finish for this long when the gateway stops. */
const STOP_LIMIT_MS = 1500;

/** REST, SSE, gRPC and the dashboard on one read model. Errors: `port_unavailable`, `site_unreadable`. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { kit, api } = deps;
  const site = deps.staticDir === undefined ? undefined : await loadSite(deps.staticDir);
  const rules: AccessRules = {
    tokenHash: deps.tokenHash,
    allowedHosts: deps.allowedHosts.map((name) => name.toLowerCase()),
  };
  const model = new ReadModel(kit, api);
  const hub = new EventHub(kit, model);
  const parts = { api, model, clock: kit.clock, cache: new AnswerCache(model, kit.clock) };
  const routes = [
    ...fixedRoutes(parts),
    ...deadLetterRoutes(parts),
    ...maintenanceRoutes(parts),
    kpiRoute(parts),
    ...systemRoutes(parts, rules),
    ...monitorRoutes(parts),
    ...incidentRoutes(parts),
  ];
  const app = createServer({ kit, rules, routes, fallback: siteFallback(site) });
  addEventStream(app, hub, model);
  addPingRoutes(app, api);
  addHealthRoutes(app, model, kit);
  addDocsRoutes(app, routes, deps.version);
  const port = await listen(app, deps.http);
  const grpc = await serveGrpc(deps, rules, app);
  const stopping = new AbortController();
  const following = model.run(stopping.signal);
  const beating = hub.run(stopping.signal);
  kit.log.info("gateway.started", { host: deps.http.host, port, grpcPort: grpc?.port ?? 0 });
  return {
    url: urlOf(deps.http.host, port),
    grpcPort: grpc?.port ?? 0,
    ready: model.ready,
    health: () => (model.upstream ? null : "service_unreachable"),
    stop: async () => {
      stopping.abort();
      await Promise.all([following, beating, grpc?.stop(), close(app, kit)]);
    },
  };
}

function serveGrpc({ grpc, api, kit }: GatewayDeps, rules: AccessRules, app: FastifyInstance) {
  if (grpc === undefined) return undefined;
  const authorize = async (authorization: string): Promise<void> => checkToken(rules, authorization, undefined);
  return serveApi({ api, host: grpc.host, port: grpc.port, authorize, log: kit.log }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
}

/** The port it listens on. Errors: `port_unavailable`. */
async function listen(app: FastifyInstance, { host, port }: GatewayDeps["http"]): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SentinelError("port_unavailable", { address: `${host}:${port}`, reason }, { cause });
  }
  const address = app.server.address();
  return address === null || typeof address === "string" ? port : address.port;
}

/** An address that means "all of this machine" is none a browser can open. */
function urlOf(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

async function close(app: FastifyInstance, { clock }: ServiceKit): Promise<void> {
  const closed = new AbortController();
  const force = async (): Promise<void> => {
    await clock.sleep(STOP_LIMIT_MS, closed.signal);
    app.server.closeAllConnections();
  };
  const forcing = force();
  await app.close();
  closed.abort();
  await forcing;
}
