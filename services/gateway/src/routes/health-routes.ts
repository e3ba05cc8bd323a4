import { SentinelError } from "@sentinel/contracts";
import { renderText } from "@sentinel/contracts/text";
import type { ServiceKit } from "@sentinel/service-kit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { localeOf } from "../http/read-request.ts";
import type { ReadModel } from "../read-model.ts";
import { monitorMetrics, type PhaseSeconds, phaseSeconds } from "../views/monitor-metrics.ts";

/** What orchestrators and Prometheus ask. */
export function addHealthRoutes(app: FastifyInstance, model: ReadModel, { metrics, clock }: ServiceKit): void {
  app.get("/livez", async (_request, reply) => reply.type("text/plain; charset=utf-8").send("ok\n"));
  app.get("/readyz", async (request, reply) => {
    const missing = notReadyBecause(model);
    if (missing !== undefined) throw new SentinelError("not_ready", { reason: sentence(request, missing) });
    return reply.type("text/plain; charset=utf-8").send("ok\n");
  });
  const phases = lastPhases(model);
  app.get("/metrics", async (_request, reply) => {
    const own = await metrics.registry.metrics();
    const told = monitorMetrics(model.monitors(), (id) => phases.get(id), clock.now());
    return reply.type(metrics.registry.contentType).send(`${own}${told}`);
  });
}

/** What the last round of each monitor spent in its phases, for as long as the monitor is there. */
function lastPhases(model: ReadModel): ReadonlyMap<string, PhaseSeconds> {
  const phases = new Map<string, PhaseSeconds>();
  model.onChange((change) => {
    if (change.kind === "check") phases.set(change.check.monitorId, phaseSeconds(change.check));
    if (change.kind === "monitor_removed") phases.delete(change.id);
    if (change.kind === "reset") phases.clear();
  });
  return phases;
}

/** Undefined when ready: the snapshot came, and something was checked if there is anything to check. */
function notReadyBecause(model: ReadModel): "no_snapshot" | "nothing_checked" | undefined {
  if (!model.complete) return "no_snapshot";
  const watched = model.monitors().filter((each) => each.monitor?.spec?.paused !== true);
  return watched.length === 0 || watched.some((each) => each.lastCheckedAtMs > 0) ? undefined : "nothing_checked";
}

function sentence(request: FastifyRequest, missing: string): string {
  return renderText(localeOf({}, request.headers["accept-language"]), `gateway.${missing}`);
}
