import { SentinelError } from "@sentinel/contracts";
import { deadLetterView as deadLetterShape } from "@sentinel/contracts/api";
import { z } from "zod";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { incidentId, readBody } from "../http/read-request.ts";
import { type Route, route, routeWithQuery } from "../http/route.ts";
import { deadLetterView } from "../views/dead-letter-view.ts";
import type { Parts } from "./parts.ts";
import { cursor, limit } from "./query-shapes.ts";

const PATH = "/api/v1/dead-letters";
const TAG = "dead letters";
const ERRORS = ["dead_letter_not_found"];
const actionInput = z.strictObject({ actor: z.string().trim().min(1).max(80).optional() });

export function deadLetterRoutes(parts: Parts): readonly Route[] {
  return [listRoute(parts), getRoute(parts), replayRoute(parts), discardRoute(parts)];
}

const listRoute = ({ api }: Parts): Route =>
  routeWithQuery({
    method: "GET",
    path: PATH,
    query: z.object({ limit: limit(50, 200), cursor }),
    doc: {
      id: "listDeadLetters",
      tag: TAG,
      summary: "Messages that could not be used and were kept aside, newest first, without their contents.",
      answer: z.object({ data: z.array(deadLetterShape), nextCursor: z.string().nullable() }),
    },
    handle: async ({ query, locale, context }) => {
      const beforeId = query.cursor === "" ? 0 : incidentId(fromCursor(query.cursor));
      // One more than asked tells whether another page follows.
      const { deadLetters } = await api.listDeadLetters({ beforeId, limit: query.limit + 1 }, context);
      const page = deadLetters.slice(0, query.limit);
      const nextCursor = deadLetters.length > page.length ? toCursor(page.at(-1)?.id) : null;
      return { body: { data: page.map((each) => deadLetterView(each, locale)), nextCursor } };
    },
  });

const getRoute = ({ api }: Parts): Route =>
  route({
    method: "GET",
    path: `${PATH}/:id`,
    doc: {
      id: "getDeadLetter",
      tag: TAG,
      summary: "One message that was kept aside, with its content in Base64.",
      answer: deadLetterShape.extend({ payload: z.string() }),
      errors: ERRORS,
    },
    handle: async ({ params, locale, context }) => {
      const { deadLetter } = await api.getDeadLetter({ id: incidentId(params["id"]) }, context);
      if (deadLetter === undefined) throw new SentinelError("internal");
      const payload = Buffer.from(deadLetter.payload).toString("base64");
      return { body: { ...deadLetterView(deadLetter, locale), payload } };
    },
  });

const replayRoute = ({ api }: Parts): Route =>
  route({
    method: "POST",
    path: `${PATH}/:id/replay`,
    doc: {
      id: "replayDeadLetter",
      tag: TAG,
      summary: "Publishes the message on its subject again, and forgets that it was kept aside.",
      body: actionInput,
      status: 204,
      errors: [...ERRORS, "bus_unavailable", "bus_message_too_large"],
    },
    handle: async (call) => {
      const actor = readBody(actionInput, call.body).actor ?? call.actor;
      await api.replayDeadLetter({ id: incidentId(call.params["id"]), actor }, call.context);
      return { status: 204 };
    },
  });

const discardRoute = ({ api }: Parts): Route =>
  route({
    method: "DELETE",
    path: `${PATH}/:id`,
    doc: {
      id: "discardDeadLetter",
      tag: TAG,
      summary: "Forgets the message for good.",
      status: 204,
      errors: ERRORS,
    },
    handle: async (call) => {
      await api.discardDeadLetter({ id: incidentId(call.params["id"]), actor: call.actor }, call.context);
      return { status: 204 };
    },
  });
