import { type MonitorSpec, type MonitorView as Message, SentinelError } from "@sentinel/contracts";
import {
  checkView as checkShape,
  monitorStatsView as statsShape,
  monitorView as monitorShape,
  pingAddressView,
} from "@sentinel/contracts/api";
import { monitorInput, parseMonitorInput } from "@sentinel/contracts/config";
import { z } from "zod";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { idempotencyKey, requiredVersion } from "../http/read-request.ts";
import { type Answer, type Call, type Route, route, routeWithQuery } from "../http/route.ts";
import type { ReadModel } from "../read-model.ts";
import { checkView } from "../views/check-view.ts";
import { monitorStatsView } from "../views/monitor-stats-view.ts";
import { monitorView } from "../views/monitor-view.ts";
import { cursor, limit, moment } from "./query-shapes.ts";
import type { Parts } from "./parts.ts";

const PATH = "/api/v1/monitors";
/** A group or a tag as it is written; empty for all. */
const only = z.string().max(80).default("");
const CONFLICTS = ["precondition_required", "version_mismatch"];

export function monitorRoutes(parts: Parts): readonly Route[] {
  return [
    listRoute(parts),
    createRoute(parts),
    getRoute(parts),
    replaceRoute(parts),
    deleteRoute(parts),
    checkRoute(parts),
    checksRoute(parts),
    statsRoute(parts),
    pingAddressRoute(parts),
  ];
}

const idOf = (call: Pick<Call, "params">): string => call.params["id"] ?? "";

function answerWith(message: Message | undefined, status = 200): Answer {
  if (message === undefined) throw new SentinelError("internal");
  const body = monitorView(message);
  const location = status === 201 ? { location: `${PATH}/${body.id}` } : {};
  return { status, headers: { etag: `"${body.version}"`, ...location }, body };
}

/** Errors: `request_malformed` without a body, `request_invalid` with each mistake. */
function specFrom(body: unknown): MonitorSpec {
  if (body === undefined) throw new SentinelError("request_malformed", { reason: "empty" });
  const parsed = parseMonitorInput(body);
  if (parsed.ok) return parsed.spec;
  const { problems } = parsed;
  throw new SentinelError("request_invalid", { count: String(problems.length) }, { problems });
}

function listRoute({ model, cache }: Parts): Route {
  return routeWithQuery({
    method: "GET",
    path: PATH,
    query: z.object({ limit: limit(1000, 1000), cursor, group: only, tag: only }),
    doc: {
      id: "listMonitors",
      tag: "monitors",
      summary: "All monitors with how they are now, or those of a group, with a tag, or both.",
      answer: z.object({ data: z.array(monitorShape), nextCursor: z.string().nullable() }),
    },
    handle: async ({ query }) => cache.answer(`monitors ${JSON.stringify(query)}`, () => pageOf(model, query)),
  });
}

interface ListQuery {
  readonly limit: number;
  readonly cursor: string;
  readonly group: string;
  readonly tag: string;
}

function pageOf(model: ReadModel, query: ListQuery) {
  const { group, tag } = query;
  const after = fromCursor(query.cursor);
  const rest = model.monitors().filter(({ monitor }) => {
    if (group !== "" && monitor?.spec?.group !== group) return false;
    if (tag !== "" && monitor?.spec?.tags.includes(tag) !== true) return false;
    return (monitor?.id ?? "") > after;
  });
  const page = rest.slice(0, query.limit);
  const more = rest.length > page.length;
  return { data: page.map(monitorView), nextCursor: more ? toCursor(page.at(-1)?.monitor?.id) : null };
}

function createRoute({ api, model }: Parts): Route {
  return route({
    method: "POST",
    path: PATH,
    doc: {
      id: "createMonitor",
      tag: "monitors",
      summary: "Adds a monitor; its first round runs at once.",
      body: monitorInput,
      answer: monitorShape,
      status: 201,
      requestHeaders: ["Idempotency-Key"],
      errors: ["request_invalid", "monitor_name_taken"],
    },
    handle: async (call) => {
      const spec = specFrom(call.body);
      const key = idempotencyKey(call.header("idempotency-key"));
      const request = { spec, actor: call.actor, idempotencyKey: key };
      const { monitor } = await api.createMonitor(request, call.context);
      if (monitor !== undefined) model.learnMonitor(monitor);
      return answerWith(monitor, 201);
    },
  });
}

function getRoute({ api, model }: Parts): Route {
  return route({
    method: "GET",
    path: `${PATH}/:id`,
    doc: {
      id: "getMonitor",
      tag: "monitors",
      summary: "One monitor, by id or by name.",
      answer: monitorShape,
      errors: ["monitor_not_found"],
    },
    handle: async (call) => {
      const known = model.monitor(idOf(call));
      return answerWith(known ?? (await api.getMonitor({ id: idOf(call) }, call.context)).monitor);
    },
  });
}

function replaceRoute({ api, model }: Parts): Route {
  return route({
    method: "PUT",
    path: `${PATH}/:id`,
    doc: {
      id: "replaceMonitor",
      tag: "monitors",
      summary: "Replaces a monitor's definition.",
      body: monitorInput,
      answer: monitorShape,
      requestHeaders: ["If-Match"],
      errors: ["monitor_not_found", "request_invalid", ...CONFLICTS],
    },
    handle: async (call) => {
      const expectedVersion = requiredVersion(call.header("if-match"));
      const request = { id: idOf(call), spec: specFrom(call.body), expectedVersion, actor: call.actor };
      const { monitor } = await api.updateMonitor(request, call.context);
      if (monitor !== undefined) model.learnMonitor(monitor);
      return answerWith(monitor);
    },
  });
}

function deleteRoute({ api, model }: Parts): Route {
  return route({
    method: "DELETE",
    path: `${PATH}/:id`,
    doc: {
      id: "deleteMonitor",
      tag: "monitors",
      summary: "Removes a monitor; its history stays.",
      status: 204,
      requestHeaders: ["If-Match"],
      errors: ["monitor_not_found", ...CONFLICTS],
    },
    handle: async (call) => {
      const expectedVersion = requiredVersion(call.header("if-match"));
      await api.deleteMonitor({ id: idOf(call), expectedVersion, actor: call.actor }, call.context);
      const known = model.monitor(idOf(call))?.monitor?.id;
      if (known !== undefined) model.forgetMonitor(known);
      return { status: 204 };
    },
  });
}

function checkRoute({ api }: Parts): Route {
  return route({
    method: "POST",
    path: `${PATH}/:id/check`,
    doc: {
      id: "checkMonitor",
      tag: "monitors",
      summary: "Asks for a round now, outside the schedule.",
      status: 202,
      errors: ["monitor_not_found"],
    },
    handle: async (call) => {
      await api.checkMonitor({ id: idOf(call) }, call.context);
      return { status: 202 };
    },
  });
}

function checksRoute({ api, model }: Parts): Route {
  return routeWithQuery({
    method: "GET",
    path: `${PATH}/:id/checks`,
    query: z.object({ limit: limit(50, 1000), before: moment, after: moment }),
    doc: {
      id: "listChecks",
      tag: "monitors",
      summary: "Rounds of a monitor, newest first, with their evidence.",
      answer: z.object({ data: z.array(checkShape) }),
      errors: ["monitor_not_found"],
    },
    handle: async ({ params, query, locale, context }) => {
      const asked = params["id"] ?? "";
      const monitorId = model.monitor(asked)?.monitor?.id ?? asked;
      const request = { monitorId, beforeMs: query.before, afterMs: query.after, limit: query.limit };
      const { checks } = await api.listChecks(request, context);
      return { body: { data: checks.map((check) => checkView(check, locale)) } };
    },
  });
}

function pingAddressRoute({ api }: Parts): Route {
  return route({
    method: "GET",
    path: `${PATH}/:id/ping-address`,
    doc: {
      id: "getPingAddress",
      tag: "monitors",
      summary: "What a job calls to tell of itself: a secret that is shown to whoever may change the monitor.",
      answer: pingAddressView,
      errors: ["monitor_not_found", "monitor_not_called"],
    },
    handle: async (call) => {
      const { token, key, slug } = await api.getPingAddress({ monitorId: idOf(call) }, call.context);
      const own = token === "";
      return {
        body: {
          path: own ? null : `/ping/${token}`,
          pushPath: own ? null : `/api/push/${token}`,
          slugPath: `/ping/${key}/${slug}`,
        },
      };
    },
  });
}

const DAY_MS = 86_400_000;
const WINDOWS_MS = {
  "24h": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
  "90d": 90 * DAY_MS,
  "1y": 365 * DAY_MS,
} as const;

function statsRoute({ api }: Parts): Route {
  return routeWithQuery({
    method: "GET",
    path: `${PATH}/:id/stats`,
    query: z.object({ window: z.enum(["24h", "7d", "30d", "90d", "1y"]).default("24h") }),
    doc: {
      id: "getMonitorStats",
      tag: "monitors",
      summary: "Uptime and response times of a monitor, over a span that ends now.",
      answer: statsShape,
      errors: ["monitor_not_found"],
    },
    handle: async ({ params, query, context }) => {
      const request = { id: params["id"] ?? "", spanMs: WINDOWS_MS[query.window] };
      return { body: monitorStatsView(await api.getMonitorStats(request, context)) };
    },
  });
}
