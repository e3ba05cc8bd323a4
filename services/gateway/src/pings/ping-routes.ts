import { PingKind, type SentinelApi, type TakePingRequest } from "@sentinel/contracts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { toSentinelError } from "../http/problem.ts";
import { readPing, readRunId } from "./read-ping.ts";

/** Read of a body at most; clients of Healthchecks learn it from a header and send no more. */
const BODY_LIMIT_BYTES = 100_000;
const LOG_BYTES = 4096;
const MESSAGE_CHARACTERS = 250;
const METHODS = ["GET", "HEAD", "POST"];
const PING_PATHS = ["/ping/:a", "/ping/:a/:b", "/ping/:a/:b/:c"];
const KUMA_PATH = "/api/push/:token";

const TEXT = "text/plain; charset=utf-8";

/**
 * The addresses that jobs call, without signing in: what stands in them is the secret. They are those of Healthchecks
 * and of Uptime Kuma's push monitors, answered as their clients expect, and only when the ping is safe in the store.
 */
export function addPingRoutes(app: FastifyInstance, api: Pick<SentinelApi, "takePing">): void {
  void app.register(async (scope) => {
    // Jobs send what they wrote under any name; Fastify refuses some names before a parser sees them.
    scope.addHook("onRequest", async ({ headers }) => {
      if (headers["content-type"] !== undefined) headers["content-type"] = "application/octet-stream";
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: BODY_LIMIT_BYTES },
      async (_request: FastifyRequest, body: Buffer) => body,
    );
    for (const url of PING_PATHS) {
      scope.route({ method: METHODS, url, handler: (request, reply) => answerPing(api, request, reply) });
    }
    scope.route({ method: METHODS, url: KUMA_PATH, handler: (request, reply) => answerPush(api, request, reply) });
  });
}

/** In plain words and short, as scripts print what they are told. */
async function answerPing(api: Pick<SentinelApi, "takePing">, request: FastifyRequest, reply: FastifyReply) {
  reply.headers({
    "cache-control": "no-store",
    "ping-body-limit": String(BODY_LIMIT_BYTES),
    "access-control-allow-origin": "*",
  });
  try {
    const runId = readRunId(fieldsOf(request.query)["rid"]);
    const log = Buffer.isBuffer(request.body) ? request.body.subarray(-LOG_BYTES) : new Uint8Array();
    await take(api, { ...readPing(partsOf(request)), runId, log });
    return reply.type(TEXT).send("OK");
  } catch (thrown) {
    const words = REFUSALS[toSentinelError(thrown, "").code];
    if (words === undefined) throw thrown;
    return reply.code(words.status).type(TEXT).send(words.text);
  }
}

const REFUSALS: Readonly<Record<string, { readonly status: number; readonly text: string }>> = {
  ping_unknown: { status: 404, text: "not found" },
  ping_ambiguous: { status: 409, text: "ambiguous slug" },
  ping_malformed: { status: 400, text: "invalid url format" },
};

/** `status` "up" unless it says "down"; `msg` is kept as evidence. */
async function answerPush(api: Pick<SentinelApi, "takePing">, request: FastifyRequest, reply: FastifyReply) {
  reply.headers({ "cache-control": "no-store", "access-control-allow-origin": "*" });
  const { status = "up", msg = "" } = fieldsOf(request.query);
  const [token = ""] = partsOf(request);
  const kind = status === "up" ? PingKind.SUCCESS : PingKind.FAIL;
  const log = Buffer.from(msg.slice(0, MESSAGE_CHARACTERS));
  try {
    await take(api, { token, slug: "", kind, exitCode: "", runId: "", log });
    return await reply.send({ ok: true });
  } catch (thrown) {
    if (toSentinelError(thrown, "").code !== "ping_unknown") throw thrown;
    return await reply.code(404).send({ ok: false, msg: "Monitor not found or not active." });
  }
}

/** Whoever does not wait for the answer has called all the same. */
const take = (api: Pick<SentinelApi, "takePing">, ping: TakePingRequest) =>
  api.takePing(ping, { signal: new AbortController().signal, traceparent: "" });

const fieldsOf = (value: unknown): Readonly<Record<string, string>> =>
  typeof value !== "object" || value === null
    ? {}
    : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));

const partsOf = ({ params }: FastifyRequest): readonly string[] => Object.values(fieldsOf(params));
