import { type Incident, SentinelError } from "@sentinel/contracts";
import { incidentView as incidentShape, timelineEntryView } from "@sentinel/contracts/api";
import type { Locale } from "@sentinel/contracts/text";
import { z } from "zod";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { idempotencyKey, incidentId, optionalVersion, readBody } from "../http/read-request.ts";
import { type Answer, type Route, route, routeWithQuery } from "../http/route.ts";
import { incidentView, timelineView } from "../views/incident-view.ts";
import type { Parts } from "./parts.ts";
import { cursor, flag, limit } from "./query-shapes.ts";

const PATH = "/api/v1/incidents";

const actor = z.string().trim().min(1).max(80).optional();
const actionInput = z.strictObject({ actor });
const commentInput = z.strictObject({ actor, text: z.string().trim().min(1).max(4000) });

export function incidentRoutes(parts: Parts): readonly Route[] {
  return [
    listRoute(parts),
    getRoute(parts),
    timelineRoute(parts),
    acknowledgeRoute(parts),
    resolveRoute(parts),
    commentRoute(parts),
  ];
}

function answerWith(incident: Incident | undefined, locale: Locale): Answer {
  if (incident === undefined) throw new SentinelError("internal");
  return { headers: { etag: `"${incident.version}"` }, body: incidentView(incident, locale) };
}

function listRoute({ api, model }: Parts): Route {
  return routeWithQuery({
    method: "GET",
    path: PATH,
    query: z.object({ open_only: flag, monitor: z.string().max(100).default(""), limit: limit(50, 200), cursor }),
    doc: {
      id: "listIncidents",
      tag: "incidents",
      summary: "Incidents, newest first.",
      answer: z.object({ data: z.array(incidentShape), nextCursor: z.string().nullable() }),
    },
    handle: async ({ query, locale, context }) => {
      const monitorId = model.monitor(query.monitor)?.monitor?.id ?? query.monitor;
      const beforeId = query.cursor === "" ? 0 : incidentId(fromCursor(query.cursor));
      // One more than asked tells whether another page follows.
      const request = { openOnly: query.open_only, monitorId, beforeId, limit: query.limit + 1 };
      const { incidents } = await api.listIncidents(request, context);
      const page = incidents.slice(0, query.limit);
      const nextCursor = incidents.length > page.length ? toCursor(page.at(-1)?.id) : null;
      return { body: { data: page.map((each) => incidentView(each, locale)), nextCursor } };
    },
  });
}

function getRoute({ api }: Parts): Route {
  return route({
    method: "GET",
    path: `${PATH}/:id`,
    doc: {
      id: "getIncident",
      tag: "incidents",
      summary: "One incident with its diagnosis and repairs.",
      answer: incidentShape,
      errors: ["incident_not_found"],
    },
    handle: async ({ params, locale, context }) => {
      const { incident } = await api.getIncident({ id: incidentId(params["id"]) }, context);
      return answerWith(incident, locale);
    },
  });
}

function timelineRoute({ api }: Parts): Route {
  return route({
    method: "GET",
    path: `${PATH}/:id/timeline`,
    doc: {
      id: "getTimeline",
      tag: "incidents",
      summary: "Everything that happened in an incident, oldest first.",
      answer: z.object({ data: z.array(timelineEntryView) }),
      errors: ["incident_not_found"],
    },
    handle: async ({ params, locale, context }) => {
      const { timeline } = await api.getIncident({ id: incidentId(params["id"]) }, context);
      return { body: { data: timeline.map((entry) => timelineView(entry, locale)) } };
    },
  });
}

const ERRORS = ["incident_not_found", "version_mismatch"];

function acknowledgeRoute({ api }: Parts): Route {
  return route({
    method: "POST",
    path: `${PATH}/:id/acknowledge`,
    doc: {
      id: "acknowledgeIncident",
      tag: "incidents",
      summary: "Somebody is on it.",
      body: actionInput,
      answer: incidentShape,
      requestHeaders: ["If-Match"],
      errors: ERRORS,
    },
    handle: async (call) => {
      const expectedVersion = optionalVersion(call.header("if-match")) ?? 0;
      const by = readBody(actionInput, call.body).actor ?? call.actor;
      const request = { id: incidentId(call.params["id"]), actor: by, expectedVersion };
      return answerWith((await api.acknowledgeIncident(request, call.context)).incident, call.locale);
    },
  });
}

function resolveRoute({ api }: Parts): Route {
  return route({
    method: "POST",
    path: `${PATH}/:id/resolve`,
    doc: {
      id: "resolveIncident",
      tag: "incidents",
      summary: "Closes an incident by hand.",
      body: actionInput,
      answer: incidentShape,
      requestHeaders: ["If-Match"],
      errors: ERRORS,
    },
    handle: async (call) => {
      const expectedVersion = optionalVersion(call.header("if-match")) ?? 0;
      const by = readBody(actionInput, call.body).actor ?? call.actor;
      const request = { id: incidentId(call.params["id"]), actor: by, expectedVersion };
      return answerWith((await api.resolveIncident(request, call.context)).incident, call.locale);
    },
  });
}

function commentRoute({ api }: Parts): Route {
  return route({
    method: "POST",
    path: `${PATH}/:id/comments`,
    doc: {
      id: "commentIncident",
      tag: "incidents",
      summary: "Adds a comment to the timeline.",
      body: commentInput,
      answer: incidentShape,
      status: 201,
      requestHeaders: ["Idempotency-Key"],
      errors: ["incident_not_found", "request_invalid"],
    },
    handle: async (call) => {
      const { text, actor: named } = readBody(commentInput, call.body);
      const key = idempotencyKey(call.header("idempotency-key"));
      const request = {
        id: incidentId(call.params["id"]),
        actor: named ?? call.actor,
        text,
        idempotencyKey: key,
      };
      const answer = answerWith((await api.commentIncident(request, call.context)).incident, call.locale);
      return { ...answer, status: 201 };
    },
  });
}
