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

/** The host of an address of a check; empty where there is none. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "");
