import type { BlackboxHttp } from "@sentinel/contracts/config";
import { EgressError, type EgressRequest, type ExchangeFacts, type TlsSettings } from "@sentinel/egress";
import { type CookieJar, createCookieJar } from "../core/cookie-jar.ts";
import { chooseAddress } from "./choose-address.ts";
import { failure, type Outcome, type ProbeContext } from "./context.ts";
import { authorizationOf, bodyOf } from "./http-request.ts";
import { judgeHttp } from "./judge-http.ts";
import { tlsOf } from "./tls.ts";

/** Redirects that are followed; the next one ends the probe with its own status. */
const MAX_REDIRECTS = 10;
const MAX_WIRE_BYTES = 10_000_000;
const PHASES = ["connect", "tls", "processing", "transfer"] as const;

/** The last answer, as far as it came; `failed` says what broke while its body was read. */
export interface LastAnswer {
  readonly facts: ExchangeFacts;
  readonly failed: string | undefined;
  /** True for a redirect that was not followed: its body is not looked at. */
  readonly cut: boolean;
}

interface Hop {
  readonly url: URL;
  /** The address that was chosen for the first hop; later ones are dialled by name. */
  readonly address: string | undefined;
  readonly method: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly tls: TlsSettings;
}

/** HTTP and HTTPS as blackbox_exporter probes them. @throws EgressError for what kept an answer from coming */
export async function probeHttp(http: BlackboxHttp, target: string, context: ProbeContext): Promise<Outcome> {
  const { metrics } = context;
  for (const name of ZEROS) metrics.set(name, 0);
  const url = URL.parse(/^https?:\/\//.test(target) ? target : `http://${target}`);
  if (url === null) return failure("bad_url");
  const unresolved = http.skip_resolve_phase_with_proxy && http.proxy_url !== undefined;
  const chosen = unresolved ? undefined : await resolved(url, http, context);
  for (const phase of PHASES) metrics.set("probe_http_duration_seconds", 0, { phase });
  const first = await firstHop(url, chosen, http, context);
  const last = await follow(first, http, context);
  return judgeHttp(last, http, context);
}

const ZEROS = [
  "probe_http_status_code",
  "probe_http_content_length",
  "probe_http_uncompressed_body_length",
  "probe_http_redirects",
  "probe_http_ssl",
  "probe_http_version",
  "probe_failed_due_to_regex",
] as const;

async function resolved(url: URL, http: BlackboxHttp, context: ProbeContext): Promise<string> {
  const from = context.clock.monotonic();
  try {
    return (await chooseAddress(url.hostname.replace(/^\[|\]$/g, ""), http, context)).address;
  } finally {
    const seconds = (context.clock.monotonic() - from) / 1000;
    context.metrics.set("probe_http_duration_seconds", seconds, { phase: "resolve" });
  }
}

async function firstHop(
  url: URL,
  address: string | undefined,
  http: BlackboxHttp,
  context: ProbeContext,
): Promise<Hop> {
  const host = Object.entries(http.headers).find(([name]) => name.toLowerCase() === "host")?.[1];
  const serverName = (host ?? url.hostname).replace(/:\d+$/, "");
  return {
    url,
    address,
    method: http.method,
    body: await bodyOf(http, context),
    headers: http.headers,
    authorization: await authorizationOf(http, context),
    tls: await tlsOf(http.tls_config, serverName, context),
  };
}

/** Redirects are followed here, one request at a time, so that each is counted and timed as the rival does. */
async function follow(first: Hop, http: BlackboxHttp, context: ProbeContext): Promise<LastAnswer> {
  const jar = createCookieJar();
  let hop = first;
  for (let redirects = 1; ; redirects += 1) {
    const answer = await ask(hop, jar, http, context);
    if (answer.failed !== undefined) return answer;
    const next = nextHop(hop, answer.facts);
    if (next === undefined) return answer;
    context.metrics.set("probe_http_redirects", redirects);
    context.log("Received redirect", { location: next.url.href });
    if (redirects > MAX_REDIRECTS || !http.follow_redirects || http.no_follow_redirects === true) {
      context.log("Not following redirect");
      return { ...answer, cut: true };
    }
    hop = next;
  }
}

async function ask(hop: Hop, jar: CookieJar, http: BlackboxHttp, context: ProbeContext): Promise<LastAnswer> {
  context.log("Making HTTP request", { url: hop.url.href, host: hop.url.host });
  const seen = (facts: ExchangeFacts): ExchangeFacts => {
    const { phases } = facts;
    const add = (phase: string, ms: number): void =>
      context.metrics.add("probe_http_duration_seconds", ms / 1000, { phase });
    add("resolve", phases.dnsMs);
    add("connect", phases.connectMs);
    add("tls", phases.tlsMs);
    add("processing", phases.firstByteMs);
    add("transfer", phases.transferMs);
    const cookies = facts.headers["set-cookie"];
    if (cookies !== undefined) jar.take(hop.url, cookies, context.clock.now());
    return facts;
  };
  try {
    const response = await context.egress.request(requestOf(hop, jar, http, context));
    return { facts: seen(response), failed: undefined, cut: false };
  } catch (thrown) {
    if (!(thrown instanceof EgressError)) throw thrown;
    const facts = seen(thrown.failure.facts);
    if (facts.status === undefined) throw thrown;
    return { facts, failed: thrown.failure.reason, cut: false };
  }
}

function requestOf(hop: Hop, jar: CookieJar, http: BlackboxHttp, context: ProbeContext): EgressRequest {
  const url = new URL(hop.url);
  if (hop.address !== undefined) url.hostname = hop.address.includes(":") ? `[${hop.address}]` : hop.address;
  const cookies = jar.header(hop.url);
  return {
    url: url.href,
    method: hop.method,
    headers: {
      ...(hop.address === undefined ? {} : { host: hop.url.host }),
      ...lowerCased(hop.headers),
      ...(hop.authorization === undefined ? {} : { authorization: hop.authorization }),
      ...(cookies === "" ? {} : { cookie: cookies }),
    },
    timeoutMs: context.remainingMs(),
    rawBody: true,
    maxBodyBytes:
      http.compression === "" ? Math.min(http.body_size_limit ?? MAX_WIRE_BYTES, MAX_WIRE_BYTES) : MAX_WIRE_BYTES,
    tls: hop.tls,
    httpVersion: http.enable_http2 ? "any" : "1.1",
    ...(hop.body === undefined ? {} : { body: hop.body }),
    ...(http.proxy_url === undefined ? {} : { proxy: http.proxy_url }),
  };
}

const lowerCased = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const STAYING = new Set(["authorization", "cookie", "cookie2", "www-authenticate", "proxy-authorization"]);

function nextHop(hop: Hop, { status = 0, headers }: ExchangeFacts): Hop | undefined {
  const { location } = headers;
  if (!REDIRECTS.includes(status) || location === undefined || location === "") return undefined;
  const url = URL.parse(location, hop.url.href);
  if (url === null) return undefined;
  const keeps = status === 307 || status === 308;
  const relative = URL.parse(location) === null && !location.startsWith("//");
  const sameOrigin = url.origin === hop.url.origin;
  const kept = Object.entries(hop.headers).filter(
    ([name]) => (sameOrigin || !STAYING.has(name.toLowerCase())) && (relative || name.toLowerCase() !== "host"),
  );
  return {
    url,
    address: undefined,
    method: keeps || hop.method === "HEAD" ? hop.method : "GET",
    body: keeps ? hop.body : undefined,
    headers: Object.fromEntries(kept),
    authorization: sameOrigin ? hop.authorization : undefined,
    tls: sameOrigin ? hop.tls : forOtherOrigin(hop.tls),
  };
}

/** What proves who we are stays with the origin that it was meant for; the name asked for is the new one's. */
function forOtherOrigin({ certificate: _certificate, key: _key, serverName: _serverName, ...rest }: TlsSettings) {
  return rest;
}
