import type { Endpoint, EndpointResult } from "@sentinel/contracts";

/** Ports of the addresses whose scheme says which. */
const PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "ws:": 80,
  "wss:": 443,
  "browser+http:": 80,
  "browser+https:": 443,
  "prometheus+http:": 80,
  "prometheus+https:": 443,
  "tls:": 443,
  "postgres:": 5432,
  "mysql:": 3306,
  "redis:": 6379,
  "nats:": 4222,
};
/** Addresses of these lead to no TCP port. */
const NO_TCP: ReadonlySet<string> = new Set(["udp:", "dns:", "icmp:", "ping:", "domain:", "heartbeat:", "scenario:"]);

/** Host and TCP port that an address of a check leads to; undefined where it leads to none. */
export function portOf(url: string): { readonly host: string; readonly port: number } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  const number = port === "" ? (PORTS[protocol] ?? 0) : Number(port);
  if (hostname === "" || number === 0 || NO_TCP.has(protocol)) return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ""), port: number };
}

/** What stands in the place of a host in these names what is watched, and nobody resolves it. */
const NO_HOST: ReadonlySet<string> = new Set(["domain:", "heartbeat:", "scenario:"]);

/** The host that an address of a check leads to; empty where it leads to none. */
export function hostOf(url: string): string {
  if (!URL.canParse(url)) return "";
  const { protocol, hostname } = new URL(url);
  return NO_HOST.has(protocol) ? "" : hostname.replace(/^\[|\]$/g, "");
}

/** The addresses that a check of this endpoint asks: those of its steps where it has some. */
export function addressesOf({ url, check }: Pick<Endpoint, "url" | "check">): readonly string[] {
  return check?.$case === "scenario" ? check.value.steps.map((step) => step.url) : [url];
}

/** The address that gave the result: of a scenario that of its last step, which the evidence names. */
export function failingAddress(endpoint: Endpoint, { evidence }: Pick<EndpointResult, "evidence">): string {
  if (endpoint.check?.$case !== "scenario") return endpoint.url;
  const asked = evidence?.requestLine ?? "";
  return endpoint.check.value.steps.find(({ name }) => asked.startsWith(`${name}: `))?.url ?? "";
}
