import { SentinelError } from "@sentinel/contracts";
import { channelView as channelShape, configView as configShape, overview } from "@sentinel/contracts/api";
import { z } from "zod";
import { type AccessRules, matches, sessionCookie } from "../http/access.ts";
import { readBody } from "../http/read-request.ts";
import { type Route, route } from "../http/route.ts";
import { overviewView } from "../views/overview-view.ts";
import { channelView, configView } from "../views/system-view.ts";
import type { Parts } from "./parts.ts";

const testOutcome = z.object({
  delivered: z.boolean(),
  reason: z.string().nullable(),
  tookMs: z.int(),
  params: z.record(z.string(), z.string()),
});
const sessionInput = z.strictObject({ token: z.string().min(1).max(500) });

export function systemRoutes(parts: Parts, rules: AccessRules): readonly Route[] {
  return [statusRoute(parts), channelsRoute(parts), testChannelRoute(parts), configRoute(parts), sessionRoute(rules)];
}

const statusRoute = ({ model, clock, cache }: Parts): Route =>
  route({
    method: "GET",
    path: "/api/v1/status",
    doc: { id: "getStatus", tag: "status", summary: "Is production up? Five answers.", answer: overview },
    handle: async ({ locale }) =>
      cache.answer(`status ${locale}`, () => {
        const { foldedAtMs, notFoldedSinceMs } = model;
        const [monitors, incidents] = [model.monitors(), model.incidents()];
        const facts = { monitors, incidents, nowMs: clock.now(), foldedAtMs, notFoldedSinceMs };
        return overviewView(facts, locale);
      }),
  });

const channelsRoute = ({ api }: Parts): Route =>
  route({
    method: "GET",
    path: "/api/v1/channels",
    doc: {
      id: "listChannels",
      tag: "channels",
      summary: "The notification channels, without their secrets.",
      answer: z.object({ data: z.array(channelShape) }),
    },
    handle: async ({ context }) => {
      const { channels } = await api.listChannels({}, context);
      return { body: { data: channels.map(channelView) } };
    },
  });

const testChannelRoute = ({ api }: Parts): Route =>
  route({
    method: "POST",
    path: "/api/v1/channels/:name/test",
    doc: {
      id: "testChannel",
      tag: "channels",
      summary: "Sends a test message and says what came of it.",
      answer: testOutcome,
    },
    handle: async ({ params, locale, context }) => {
      const {
        delivered,
        reason,
        tookMs,
        params: facts,
      } = await api.testChannel({ name: params["name"] ?? "", locale }, context);
      return { body: { delivered, reason: reason === "" ? null : reason, tookMs, params: facts } };
    },
  });

const configRoute = ({ model }: Parts): Route =>
  route({
    method: "GET",
    path: "/api/v1/config",
    doc: {
      id: "getConfig",
      tag: "status",
      summary: "The configuration file: what runs, and what is wrong with what is on disk.",
      answer: configShape,
    },
    handle: async ({ locale }) => ({ body: configView(model.config, locale) }),
  });

const sessionRoute = ({ tokenHash }: AccessRules): Route =>
  route({
    method: "POST",
    path: "/api/v1/session",
    doc: {
      id: "signIn",
      tag: "session",
      summary: "Trades the access token for a session cookie.",
      body: sessionInput,
      status: 204,
      errors: ["token_wrong"],
    },
    handle: async ({ body }) => {
      const { token } = readBody(sessionInput, body);
      if (tokenHash === undefined) return { status: 204 };
      if (!matches(token, tokenHash)) throw new SentinelError("token_wrong");
      return { status: 204, headers: { "set-cookie": sessionCookie(token) } };
    },
  });
