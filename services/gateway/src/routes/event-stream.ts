import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { checkQuery, localeOf } from "../http/read-request.ts";
import type { EventHub } from "../sse/event-hub.ts";
import type { ReadModel } from "../read-model.ts";

export const EVENTS_PATH = "/api/v1/events";

export const eventsQuery = z.object({
  /** Id or name of the monitor whose rounds are sent. */
  monitor: z.string().min(1).max(100).optional(),
  /** Sends the rounds of all monitors. */
  checks: z.enum(["all"], "all").optional(),
});

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // A proxy that buffers or compresses would hold frames back.
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/** The live stream. It is written by hand, outside the answers of Fastify, because it never ends by itself. */
export function addEventStream(app: FastifyInstance, hub: EventHub, model: ReadModel): void {
  app.get<{ Querystring: Record<string, unknown> }>(EVENTS_PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const locale = localeOf(request.query, request.headers["accept-language"]);
    const query = eventsQuery.parse(checkQuery(eventsQuery, request.query));
    hub.admit();
    const monitorId =
      query.monitor === undefined ? undefined : (model.monitor(query.monitor)?.monitor?.id ?? query.monitor);
    reply.hijack();
    for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...HEADERS })) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.raw.writeHead(200);
    const lastEventId = request.headers["last-event-id"];
    hub.attach(reply.raw, {
      locale,
      monitorId,
      allChecks: query.checks === "all",
      lastEventId: typeof lastEventId === "string" ? lastEventId : "",
    });
  });
}
