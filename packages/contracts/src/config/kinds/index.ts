import { browser } from "./browser.ts";
import { grpc } from "./grpc.ts";
import { dns } from "./dns.ts";
import { domain } from "./domain.ts";
import { heartbeat } from "./heartbeat.ts";
import { icmp } from "./icmp.ts";
import type { Check, Kind } from "./kind.ts";
import { nats } from "./nats.ts";
import { prometheus } from "./prometheus.ts";
import { redis } from "./redis.ts";
import { scenario } from "./scenario.ts";
import { sql } from "./sql.ts";
import { tcp } from "./tcp.ts";
import { webSocket } from "./web-socket.ts";
import { tls } from "./tls.ts";
import { udp } from "./udp.ts";

export type { Check } from "./kind.ts";

/** Every kind of check beside HTTP, under the key that its options have beside the address. */
const KINDS = {
  tcp,
  udp,
  dns,
  icmp,
  tls,
  domain,
  grpc,
  webSocket,
  sql,
  redis,
  nats,
  prometheus,
  scenario,
  heartbeat,
  browser,
};
type Name = keyof typeof KINDS;
const isName = (key: string): key is Name => key in KINDS;
const NAMES: readonly Name[] = Object.keys(KINDS).filter(isName);
export const KIND_NAMES: readonly string[] = NAMES;

/** The options of every kind, each under its key. */
export const kindFields: Readonly<Record<Name, Kind["field"]>> = {
  tcp: tcp.field,
  grpc: grpc.field,
  webSocket: webSocket.field,
  sql: sql.field,
  redis: redis.field,
  nats: nats.field,
  prometheus: prometheus.field,
  udp: udp.field,
  dns: dns.field,
  icmp: icmp.field,
  tls: tls.field,
  domain: domain.field,
  scenario: scenario.field,
  heartbeat: heartbeat.field,
  browser: browser.field,
};

/** What stands under the key of this kind. */
export const checkUnder = (
  given: { readonly [Key in Name]: Check | null | undefined },
  kind: Kind,
): Check | undefined => NAMES.map((name) => given[name]).find((check) => check?.$case === kind.name) ?? undefined;

const BY_SCHEME: ReadonlyMap<string, Kind> = new Map(
  Object.values(KINDS).flatMap((kind) => kind.schemes.map((scheme) => [scheme, kind] as const)),
);
const BY_NAME: ReadonlyMap<string, Kind> = new Map(Object.entries(KINDS));

/** The keys known under the key of a kind. */
export const kindKeys = (name: string): readonly string[] | undefined => BY_NAME.get(name)?.keys;

/** Schemes of addresses that can be checked. */
export const SCHEMES: readonly string[] = ["http", "https", ...BY_SCHEME.keys()];

/** The kind of check of an address; undefined for HTTP and for what is none. */
export const kindOf = (url: string): Kind | undefined => BY_SCHEME.get(url.split(":", 1)[0]?.toLowerCase() ?? "");

/** The options of a check as people write them, under their key; nothing for HTTP. */
export function viewOfCheck(check: Check | undefined): Readonly<Record<string, unknown>> {
  const kind = check === undefined ? undefined : BY_NAME.get(check.$case);
  return check === undefined || kind === undefined ? {} : { [check.$case]: kind.view(check) };
}
