import { SentinelError } from "@sentinel/contracts";
import type { Locale } from "@sentinel/contracts/text";
import { parseTraceparent, type ServiceKit, type Span } from "@sentinel/service-kit";
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from "fastify";
import { type AccessRules, checkHost, checkOrigin, checkToken } from "./access.ts";
import { allowedMethods } from "./allowed-methods.ts";
import { BODY_LIMIT_BYTES, PROBLEM_TYPE, problemOf, toSentinelError } from "./problem.ts";
import { checkQuery, localeOf, parseJson } from "./read-request.ts";
import type { Call, Route } from "./route.ts";

/** Answers a GET that no route is for; false when it is nothing of its own. */
export type Fallback = (request: FastifyRequest, reply: FastifyReply, locale: Locale) => Promise<boolean>;

export interface ServerOptions {
  readonly kit: ServiceKit;
  readonly rules: AccessRules;
  readonly routes: readonly Route[];
  readonly fallback: Fallback;
}

type ClientErrorHandler = NonNullable<FastifyServerOptions["clientErrorHandler"]>;
type ConnectionError = Parameters<ClientErrorHandler>[0];
type Socket = Parameters<ClientErrorHandler>[1];

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const EVENTS = "/api/v1/events";
/** Asked by machines that know no token and, from inside a cluster, no name. */
const PROBES = new Set(["/livez", "/readyz"]);
/** What stands in their addresses is the permission, so that pages of any origin may call them. */
const isPing = (path: string): boolean => path.startsWith("/ping/") || path.startsWith("/api/push/");
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
};

interface Trace {
  readonly span: Span;
  readonly startedMs: number;
}

/** The HTTP server with everything that holds for all requests: who may ask, errors, traces, metrics. */
export function createServer(options: ServerOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: "idle",
    requestTimeout: 30_000,
    clientErrorHandler: answerNoise,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (_error, request, reply) => {
      sendProblem(options, request, reply, notFound(request));
    },
  });
  const traces = new WeakMap<FastifyRequest, Trace>();
  readJsonOnly(app);
  traceAndMeasure(app, options.kit, traces);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
    guard(options, request);
  });
  app.setErrorHandler((error, request, reply) => {
    sendProblem(options, request, reply, error, traces.get(request));
  });
  app.setNotFoundHandler(async (request, reply) => {
    if (await options.fallback(request, reply, localeOf(queryOf(request), request.headers["accept-language"])))
      return reply;
    throw refusal(options.routes, request);
  });
  for (const each of options.routes) addRoute(app, each, traces);
  return app;
}

const NOISE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "header_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_too_slow",
};
const STATUS_CODES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

/** What is not HTTP gets an answer that is, and the connection ends. */
function answerNoise(error: ConnectionError, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const problem = problemOf(new SentinelError(NOISE[error.code] ?? "request_not_http"), "en", null);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, async (_request: FastifyRequest, text: string) =>
    parseJson(text),
  );
}

const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? "";

/** Fastify's own parser gives an object; its type says unknown. */
function queryOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { query } = request;
  return typeof query === "object" && query !== null ? Object.fromEntries(Object.entries(query)) : {};
}

function guard({ rules }: ServerOptions, request: FastifyRequest): void {
  const path = pathOf(request);
  if (PROBES.has(path)) return;
  const { host, origin, authorization, cookie } = request.headers;
  checkHost(rules, host, request.socket.localAddress);
  if (isPing(path)) return;
  if (!SAFE.has(request.method) || path === EVENTS) {
    checkOrigin(origin, singleHeader(request, "sec-fetch-site"), host);
  }
  if (needsToken(path)) checkToken(rules, authorization, cookie);
}

/** The dashboard's files hold no data, and the sign-in page must load before anybody has signed in. */
function needsToken(path: string): boolean {
  return path !== "/api/v1/session" && (path === "/metrics" || path.startsWith("/api/"));
}

function singleHeader(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function notFound(request: FastifyRequest): SentinelError {
  return new SentinelError("route_not_found", { method: request.method, path: pathOf(request).slice(0, 200) });
}

function refusal(routes: readonly Route[], request: FastifyRequest): SentinelError {
  const path = pathOf(request);
  const allowed = allowedMethods(routes, path);
  if (allowed.length === 0 || allowed.includes(request.method)) return notFound(request);
  return new SentinelError("method_not_allowed", { method: request.method, path, allowed: allowed.join(", ") });
}

function safeLocale(request: FastifyRequest): Locale {
  try {
    return localeOf(queryOf(request), request.headers["accept-language"]);
  } catch {
    return localeOf({}, request.headers["accept-language"]);
  }
}

function sendProblem(
  { kit }: ServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  trace?: Trace,
): void {
  const error = toSentinelError(thrown, request.headers["content-type"] ?? "");
  const traceId = parseTraceparent(trace?.span.traceparent ?? "")?.traceId ?? randomTraceId(kit);
  const problem = problemOf(error, safeLocale(request), traceId);
  // Not being ready yet is an answer, not a failure.
  if (problem.status >= 500 && problem.code !== "not_ready") {
    trace?.span.fail(error);
    kit.log.error("gateway.request_failed", {
      trace_id: traceId,
      method: request.method,
      // Addresses of pings hold a secret.
      path: isPing(pathOf(request)) ? request.routeOptions.url : pathOf(request),
      error,
    });
  }
  reply.headers(HEADERS);
  if (problem.code === "method_not_allowed") reply.header("allow", error.params["allowed"] ?? "");
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="sentinel"');
  if (problem.status === 503) reply.header("retry-after", "1");
  reply.header("cache-control", "no-store").code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

const randomTraceId = ({ random }: ServiceKit): string => Buffer.from(random.bytes(16)).toString("hex");

function traceAndMeasure(app: FastifyInstance, kit: ServiceKit, traces: WeakMap<FastifyRequest, Trace>): void {
  const seconds = kit.metrics.histogram(
    "sentinel_http_request_duration_seconds",
    "Time to answer an HTTP request, by route.",
    BUCKETS_SECONDS,
    ["method", "route", "status"],
  );
  app.addHook("onRequest", async (request) => {
    const route = request.routeOptions.url ?? "static";
    const parent = singleHeader(request, "traceparent") ?? "";
    const span = kit.tracing.start(`${request.method} ${route}`, { parent, kind: "server" });
    traces.set(request, { span, startedMs: kit.clock.monotonic() });
  });
  app.addHook("onResponse", async (request, reply) => {
    const trace = traces.get(request);
    if (trace === undefined) return;
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? "static",
      status: String(reply.statusCode),
    };
    seconds.observe(labels, (kit.clock.monotonic() - trace.startedMs) / 1000);
    trace.span.set({ "http.response.status_code": reply.statusCode });
    trace.span.end();
  });
}

function addRoute(app: FastifyInstance, route: Route, traces: WeakMap<FastifyRequest, Trace>): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const locale = localeOf(queryOf(request), request.headers["accept-language"]);
      const query = checkQuery(route.query, queryOf(request));
      const call = callOf(request, reply, { locale, query, traceparent: traces.get(request)?.span.traceparent ?? "" });
      const answer = await route.handle(call);
      reply.code(answer.status ?? 200).headers({
        "cache-control": "no-store",
        "content-language": locale,
        ...answer.headers,
      });
      const json = answer.json ?? JSON.stringify(answer.body);
      return json === undefined ? reply.send() : reply.type("application/json; charset=utf-8").send(json);
    },
  });
}

interface Read {
  readonly locale: Locale;
  readonly query: Readonly<Record<string, unknown>>;
  readonly traceparent: string;
}

function callOf(request: FastifyRequest, reply: FastifyReply, { locale, query, traceparent }: Read): Call {
  const gone = new AbortController();
  reply.raw.on("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return {
    params: paramsOf(request),
    query,
    header: (name) => singleHeader(request, name) ?? "",
    body: request.body,
    locale,
    context: { signal: gone.signal, traceparent },
    // Browsers send Origin with every change; programs do not.
    actor: request.headers.origin === undefined ? "api" : "dashboard",
  };
}

function paramsOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const { params } = request;
  if (typeof params !== "object" || params === null) return {};
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}
