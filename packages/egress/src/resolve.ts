import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { Clock } from "@sentinel/service-kit";
import type { LookupAnswer } from "./egress.ts";

/** Addresses of a name, or a typed reason; where somebody was asked, what was said. */
type Resolution = { readonly answer?: LookupAnswer } & (
  | { readonly ok: true; readonly addresses: readonly string[] }
  | {
      readonly ok: false;
      readonly reason: "dns_nxdomain" | "dns_no_address" | "dns_failed" | "timeout_in_dns";
      readonly detail: string;
    }
);

export type Resolve = (host: string, timeoutMs: number) => Promise<Resolution>;

const MIN_TTL_MS = 1000;
const MAX_TTL_MS = 60_000;
const CACHE_MAX = 10_000;
const MOST_RECORDS = 16;
const MOST_SERVERS = 3;

/**
 * Names by c-ares with a cache of our own, never by the system's blocking lookup: with a dead resolver, eight of those
 * delay every other lookup of the process for tens of seconds.
 * @param servers name servers as "host:port"; empty for the system's.
 */
export function createResolve(options: { readonly clock: Clock; readonly servers?: readonly string[] }): Resolve {
  const cache = new Map<string, Known>();
  const looking = new Map<string, ReturnType<typeof query>>();
  /** Monitors of one host share a question that is under way, but not its running out of time: theirs may be longer. */
  const ask = async (name: string, timeoutMs: number): ReturnType<typeof query> => {
    const until = performance.now() + timeoutMs;
    for (let shared = looking.get(name); shared !== undefined; shared = looking.get(name)) {
      const found = await shared;
      if (found.ok || found.reason !== "timeout_in_dns") return found;
      if (performance.now() >= until) return found;
    }
    const asked = query(name, Math.max(1, until - performance.now()), options.servers ?? []).finally(() =>
      looking.delete(name),
    );
    looking.set(name, asked);
    return await asked;
  };
  let hosts: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  return async (host, timeoutMs) => {
    const name = host.toLowerCase().replace(/\.$/, "");
    const literal = name.replace(/^\[|\]$/g, "");
    if (isIP(literal) > 0) return { ok: true, addresses: [literal] };
    if (name === "localhost" || name.endsWith(".localhost")) return { ...HERE, answer: told(name, "", HERE.addresses) };
    const now = options.clock.now();
    const cached = cache.get(name);
    if (cached !== undefined && cached.untilMs > now) return cached.resolution;
    hosts ??= readHosts();
    const local = (await hosts).get(name);
    if (local !== undefined) return { ok: true, addresses: local, answer: told(name, "/etc/hosts", local) };
    const found = await ask(name, timeoutMs);
    if (!found.ok) return found;
    const [oldest] = cache.keys();
    if (cache.size >= CACHE_MAX && oldest !== undefined) cache.delete(oldest);
    const ttlMs = Math.min(MAX_TTL_MS, Math.max(MIN_TTL_MS, found.ttlMs));
    const { addresses, answer } = found;
    cache.delete(name);
    cache.set(name, {
      untilMs: now + ttlMs,
      resolution: { ok: true, addresses, answer: { ...answer, fromCache: true } },
    });
    return { ok: true, addresses, answer };
  };
}

interface Known {
  readonly untilMs: number;
  readonly resolution: Resolution;
}

const HERE = { ok: true, addresses: ["127.0.0.1", "::1"] } as const;

/** An answer that no name server gave, and that does not grow old. */
const told = (name: string, resolver: string, addresses: readonly string[]): LookupAnswer => ({
  name,
  records: addresses.slice(0, MOST_RECORDS).map((value) => ({ type: typeOf(value), value, ttlSeconds: 0 })),
  resolver,
  fromCache: false,
});

const typeOf = (address: string): string => (isIP(address) === 6 ? "AAAA" : "A");

type Found = {
  readonly ok: true;
  readonly addresses: readonly string[];
  readonly ttlMs: number;
  readonly answer: LookupAnswer;
};

async function query(
  name: string,
  timeoutMs: number,
  servers: readonly string[],
): Promise<Found | Extract<Resolution, { ok: false }>> {
  const resolver = new Resolver({ timeout: Math.max(100, Math.min(2000, Math.floor(timeoutMs / 2))), tries: 2 });
  if (servers.length > 0) resolver.setServers([...servers]);
  const asked = { name, resolver: resolver.getServers().slice(0, MOST_SERVERS).join(", "), fromCache: false };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs);
  });
  try {
    const both = Promise.allSettled([resolver.resolve4(name, { ttl: true }), resolver.resolve6(name, { ttl: true })]);
    const answer = await Promise.race([both, late]);
    if (answer === "late") {
      return { ok: false, reason: "timeout_in_dns", detail: name, answer: { ...asked, records: [] } };
    }
    const records = answer.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    if (records.length > 0) {
      const ttlMs = Math.min(...records.map((record) => record.ttl)) * 1000;
      const shown = records.slice(0, MOST_RECORDS).map(({ address, ttl }) => ({
        type: typeOf(address),
        value: address,
        ttlSeconds: ttl,
      }));
      const addresses = records.map((record) => record.address);
      return { ok: true, addresses, ttlMs, answer: { ...asked, records: shown } };
    }
    return {
      ok: false,
      ...failureOf(answer.map((each) => (each.status === "rejected" ? codeOf(each.reason) : ""))),
      detail: name,
      answer: { ...asked, records: [] },
    };
  } finally {
    clearTimeout(timer);
    resolver.cancel();
  }
}

function failureOf(codes: readonly string[]): Pick<Extract<Resolution, { ok: false }>, "reason"> {
  if (codes.includes("ENOTFOUND")) return { reason: "dns_nxdomain" };
  if (codes.includes("ETIMEOUT")) return { reason: "timeout_in_dns" };
  if (codes.every((code) => code === "ENODATA" || code === "")) return { reason: "dns_no_address" };
  return { reason: "dns_failed" };
}

function codeOf(thrown: unknown): string {
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
}

async function readHosts(): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile("/etc/hosts", "utf8").catch(() => "");
  const hosts = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address, ...names] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of names) hosts.set(name.toLowerCase(), [...(hosts.get(name.toLowerCase()) ?? []), address]);
  }
  return hosts;
}
