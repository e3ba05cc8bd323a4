import { EgressError } from "@sentinel/egress";
import type { ProbeContext } from "./context.ts";

export interface FamilyChoice {
  readonly preferred_ip_protocol: "ip4" | "ip6" | "";
  readonly ip_protocol_fallback: boolean;
}

export interface Chosen {
  readonly address: string;
  readonly lookupSeconds: number;
}

/** One address is chosen before anything is dialled, IPv6 unless told otherwise. @throws EgressError */
export async function chooseAddress(host: string, choice: FamilyChoice, context: ProbeContext): Promise<Chosen> {
  const { metrics, log, clock } = context;
  for (const name of ["probe_ip_protocol", "probe_dns_lookup_time_seconds", "probe_ip_addr_hash"] as const) {
    metrics.set(name, 0);
  }
  const from = clock.monotonic();
  const lookupSeconds = (): number => (clock.monotonic() - from) / 1000;
  log("Resolving target address", { target: host, ip_protocol: choice.preferred_ip_protocol || "ip6" });
  try {
    const address = await firstOf(host, choice, context);
    metrics.set("probe_ip_protocol", address.includes(":") ? 6 : 4);
    metrics.set("probe_ip_addr_hash", addressHash(address));
    log("Resolved target address", { target: host, ip: address });
    return { address, lookupSeconds: lookupSeconds() };
  } finally {
    metrics.set("probe_dns_lookup_time_seconds", lookupSeconds());
  }
}

async function firstOf(host: string, choice: FamilyChoice, context: ProbeContext): Promise<string> {
  const preferred = choice.preferred_ip_protocol === "ip4" ? 4 : 6;
  const ask = async (ipFamily: 4 | 6): Promise<string> =>
    (await context.egress.address({ host, port: 0, timeoutMs: context.remainingMs(), ipFamily })).value;
  try {
    return await ask(preferred);
  } catch (thrown) {
    const other = thrown instanceof EgressError && thrown.failure.reason === "dns_no_address";
    if (!other || !choice.ip_protocol_fallback) throw thrown;
    return ask(preferred === 4 ? 6 : 4);
  }
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, 32 bits, over the bytes of the address. */
export function addressHash(address: string): number {
  let hash = FNV_OFFSET;
  for (const byte of addressBytes(address)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash;
}

function addressBytes(address: string): readonly number[] {
  if (!address.includes(":")) return address.split(".").map(Number);
  const [head = "", tail] = canonical(address).split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
  const [first, last] = [groups(head), groups(tail ?? "")];
  return [...first, ...Array.from({ length: 16 - first.length - last.length }, () => 0), ...last];
}

/** As URLs write it: hexadecimal throughout, without the zone. */
const canonical = (address: string): string =>
  new URL(`http://[${address.split("%")[0] ?? address}]`).hostname.slice(1, -1);
