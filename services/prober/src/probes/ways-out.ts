import type { Endpoint, EndpointResult, HttpAuth } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import type { Egress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { HTTP2_PORT, HTTP_PORT, OURS, PROXY_PORT, type WayOut } from "@sentinel/testkit";
import { createSeeDomain } from "./domain.ts";
import { probe } from "./index.ts";
import { type ProbeRequest, resultOf } from "./probe.ts";

/** Stands for the host while an endpoint is read, so that also a host reaches the check that reading would refuse. */
const HOST = "host-of-the-case.test";
const TIMEOUT_MS = 1000;

/** An endpoint as people write it, and the port of the protocol; with `http`, it follows redirects where it can. */
interface Kind {
  readonly port: number;
  readonly http?: true;
  readonly endpoint: Readonly<Record<string, unknown>>;
}

const proxied = (proxy: string, url = `http://${OURS.v4}/`) => ({ url, redirects: 5, http: { proxy } });
const step = (url: string) => ({ steps: [{ name: "first", url, redirects: 5 }] });
const oauth2 = (tokenUrl: string) => ({
  oauth2: { tokenUrl, clientId: "x", clientSecret: "${SENTINEL_SECRET_X}", scopes: [] },
});
const starttls = (protocol: string, port: number): Kind => ({
  port,
  endpoint: { url: `tcp://${HOST}:${port}`, tcp: { starttls: protocol } },
});

const KINDS: Readonly<Record<string, Kind>> = {
  http: { port: HTTP_PORT, http: true, endpoint: { url: `http://${HOST}/`, redirects: 5 } },
  "http, IPv6 only": { port: HTTP_PORT, endpoint: { url: `http://${HOST}/`, redirects: 5, http: { ipFamily: 6 } } },
  https: { port: 443, endpoint: { url: `https://${HOST}/`, redirects: 5 } },
  "http 2": {
    port: HTTP2_PORT,
    http: true,
    endpoint: { url: `http://${HOST}:${HTTP2_PORT}/`, redirects: 5, http: { version: "2" } },
  },
  "http, posting": {
    port: HTTP_PORT,
    http: true,
    endpoint: { url: `http://${HOST}/`, method: "POST", redirects: 5, http: { body: "x" } },
  },
  "OAuth2 token": {
    port: HTTP_PORT,
    http: true,
    endpoint: { url: `http://${OURS.v4}/`, http: { auth: oauth2(`http://${HOST}/token`) } },
  },
  "through a proxy": { port: 3128, endpoint: proxied(`http://${HOST}:3128`) },
  "through a proxy by tunnel": { port: 3128, endpoint: proxied(`http://${HOST}:3128`, `https://${OURS.v4}/`) },
  "through a proxy by https": { port: 3129, endpoint: proxied(`https://${HOST}:3129`) },
  "through SOCKS": { port: 1080, endpoint: proxied(`socks5://${HOST}:1080`) },
  "of a proxy": {
    port: HTTP_PORT,
    http: true,
    endpoint: proxied(`http://${OURS.v4}:${PROXY_PORT}`, `http://${HOST}/`),
  },
  "of a proxy by tunnel": { port: 443, endpoint: proxied(`http://${OURS.v4}:${PROXY_PORT}`, `https://${HOST}/`) },
  scenario: { port: HTTP_PORT, http: true, endpoint: { url: "scenario://x", scenario: step(`http://${HOST}/`) } },
  prometheus: {
    port: HTTP_PORT,
    http: true,
    endpoint: { url: `prometheus+http://${HOST}:${HTTP_PORT}`, prometheus: { query: "up" } },
  },
  websocket: { port: HTTP_PORT, http: true, endpoint: { url: `ws://${HOST}/` } },
  "websocket by TLS": { port: 443, endpoint: { url: `wss://${HOST}/` } },
  grpc: { port: HTTP2_PORT, http: true, endpoint: { url: `grpc://${HOST}:${HTTP2_PORT}` } },
  "grpc by TLS": { port: 443, endpoint: { url: `grpcs://${HOST}:443` } },
  tcp: { port: 7, endpoint: { url: `tcp://${HOST}:7` } },
  "tcp by TLS": { port: 993, endpoint: { url: `tcp://${HOST}:993`, tcp: { tls: {} } } },
  "tcp with STARTTLS of SMTP": starttls("smtp", 25),
  "tcp with STARTTLS of LDAP": starttls("ldap", 389),
  "tcp with STARTTLS of FTP": starttls("ftp", 21),
  tls: { port: 443, endpoint: { url: `tls://${HOST}:443` } },
  udp: { port: 9, endpoint: { url: `udp://${HOST}:9`, udp: { send: "x" } } },
  "dns by UDP": { port: 53, endpoint: { url: `dns://${HOST}/example.test` } },
  "dns by TCP": { port: 53, endpoint: { url: `dns://${HOST}/example.test`, dns: { transport: "tcp" } } },
  "dns by TLS": { port: 853, endpoint: { url: `dns://${HOST}/example.test`, dns: { transport: "tls" } } },
  icmp: { port: 0, endpoint: { url: `icmp://${HOST}` } },
  postgres: { port: 5432, endpoint: { url: `postgres://${HOST}:5432/x`, sql: { user: "x" } } },
  mysql: { port: 3306, endpoint: { url: `mysql://${HOST}:3306/x`, sql: { user: "x" } } },
  redis: { port: 6379, endpoint: { url: `redis://${HOST}:6379` } },
  nats: { port: 4222, endpoint: { url: `nats://${HOST}:4222` } },
};

/** Every way by which a check leaves this machine. */
export const waysOut: readonly WayOut[] = [
  ...Object.entries(KINDS).map(([name, kind]): WayOut => {
    const read = requestOf(kind.endpoint);
    return {
      name,
      port: kind.port,
      speaksHttp: kind.http === true,
      go: (host, egress) => outcomeOf(() => probe(read(host, egress))),
    };
  }),
  {
    name: "domain",
    port: HTTP_PORT,
    speaksHttp: true,
    go: (host, egress) => {
      const see = createSeeDomain({ servers: { [`http://${host}/`]: ["test"] }, fallback: `http://${host}/` });
      const request = requestOf({ url: "domain://example.test" })(host, egress);
      const check = { warnDays: 1, failDays: 1 };
      return outcomeOf(() => resultOf(request, () => see(check, request)));
    },
  },
];

function requestOf(written: object): (host: string, egress: Egress) => ProbeRequest {
  const input = { name: "x", endpoints: [written], timeout: `${TIMEOUT_MS}ms`, slowAfter: "60s" };
  const parsed = parseMonitorInput(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { spec } = parsed;
  const [first] = spec.endpoints;
  if (first === undefined) throw new Error("no endpoint");
  return (host, egress) => {
    const deps = { egress, clock: systemClock, secret: () => "secret" };
    return { endpoint: at(host, first), spec, deps, signal: new AbortController().signal };
  };
}

/** The endpoint with this host wherever one is written. */
function at(host: string, endpoint: Endpoint): Endpoint {
  const placed = (text: string): string => text.replace(HOST, () => host);
  const { url, http, check } = endpoint;
  const way = http?.auth?.way;
  const auth: HttpAuth | undefined =
    way?.$case !== "oauth2"
      ? http?.auth
      : { way: { ...way, value: { ...way.value, tokenUrl: placed(way.value.tokenUrl) } } };
  const steps =
    check?.$case === "scenario" ? check.value.steps.map((each) => ({ ...each, url: placed(each.url) })) : [];
  return {
    ...endpoint,
    url: placed(url),
    http: http === undefined ? undefined : { ...http, auth, proxy: placed(http.proxy) },
    check: check?.$case === "scenario" ? { ...check, value: { ...check.value, steps } } : check,
  };
}

async function outcomeOf(check: () => Promise<EndpointResult>): Promise<string> {
  try {
    const { verdict, reason } = await check();
    return `${verdict.replace("VERDICT_", "")} ${reason}`.trim();
  } catch (thrown) {
    // Such as an address that can be no URL, which a monitor with it is refused for when it is written.
    return `threw ${thrown instanceof Error ? thrown.message : String(thrown)}`.slice(0, 60);
  }
}
