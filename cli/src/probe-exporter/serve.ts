import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isLoopbackName } from "./loopback-name.ts";
import { answerProbe, type PlainAnswer, type ProbeDeps } from "./answer-probe.ts";

export interface ProbeServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** What each request is answered with; read anew for each, so that a reload takes effect at once. */
  readonly deps: () => ProbeDeps;
  /** Reads the configuration again; says what is wrong with it, and nothing when all is well. */
  readonly reload: () => Promise<string | undefined>;
}

const TEXT = "text/plain; charset=utf-8";
const text = (status: number, body: string): PlainAnswer => ({ status, type: TEXT, body: `${body}\n` });

/** Listens for scrapes. @throws the system's error for a port that is taken */
export async function serveProbes(options: ServeOptions): Promise<ProbeServer> {
  const server = createServer((request, response) => void respond(request, response, options));
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address();
  return {
    port: address === null || typeof address === "string" ? options.port : address.port,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, options: ServeOptions): Promise<void> {
  const answer = await answerOf(request, options).catch(() => text(500, "Internal error"));
  const headers = { "content-type": answer.type, "x-content-type-options": "nosniff", "cache-control": "no-store" };
  response.writeHead(answer.status, headers).end(request.method === "HEAD" ? undefined : answer.body);
}

async function answerOf(request: IncomingMessage, options: ServeOptions): Promise<PlainAnswer> {
  const url = URL.parse(request.url ?? "/", "http://exporter");
  if (url === null) return text(400, "Bad request");
  // A page in somebody's browser must not probe what only this machine can reach.
  if (isFromPage(request, options.host)) return text(403, "Web pages may not ask for probes");
  const { method = "GET" } = request;
  if (url.pathname === "/-/reload") {
    if (method !== "POST" && method !== "PUT") return text(405, "This endpoint requires a POST request.");
    const wrong = await options.reload();
    return wrong === undefined ? text(200, "") : text(500, `failed to reload config: ${wrong}`);
  }
  if (method !== "GET" && method !== "HEAD") return text(405, "Method not allowed");
  const header = request.headers["x-prometheus-scrape-timeout-seconds"];
  if (url.pathname === "/probe") {
    return answerProbe(url.searchParams, Array.isArray(header) ? header[0] : header, options.deps());
  }
  if (url.pathname === "/-/healthy") return text(200, "Healthy");
  if (url.pathname === "/") return text(200, "Sentinel probe exporter: /probe?module=http_2xx&target=example.com");
  return text(404, "Not found");
}

function isFromPage({ headers }: IncomingMessage, host: string): boolean {
  const site = headers["sec-fetch-site"];
  if (headers.origin !== undefined || (site !== undefined && site !== "none" && site !== "same-origin")) return true;
  return isLoopbackName(host) && !isLoopbackName((headers.host ?? "").replace(/:\d+$/, ""));
}
