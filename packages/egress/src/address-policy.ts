import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { EgressPolicy } from "./egress.ts";

export type AddressVerdict = "allowed" | "address_forbidden" | "address_metadata";

/** Metadata services of the large clouds; link-local at large is forbidden besides. */
const METADATA = [
  "169.254.169.254/32",
  "169.254.170.2/32",
  "169.254.170.23/32",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
  "fd00:42::42/128",
  "fe80::a9fe:a9fe/128",
].map((cidr) => ipaddr.parseCIDR(cidr));

const PUBLIC_V6 = ipaddr.parseCIDR("2000::/3");
const PRIVATE_RANGES = new Set(["loopback", "private", "uniqueLocal", "linkLocal", "carrierGradeNat"]);

/** Addresses whose verdict is remembered; past it the memory starts anew. */
const MOST_KNOWN = 10_000;

/** Parses once what an operator allowed; a wrong range throws when the process starts, not when an address is dialled. */
export function createAddressPolicy(policy: EgressPolicy): (address: string) => AddressVerdict {
  const allowed = policy.allowCidrs.map((cidr) => ipaddr.parseCIDR(cidr));
  const judge = (address: string): AddressVerdict => {
    // Short, octal and hexadecimal forms mean one address to a parser and another to the system: none is dialled.
    if (isIP(address) === 0) return "address_forbidden";
    const forms = unwrapped(parse(address));
    if (forms.some((form) => METADATA.some((range) => inRange(form, range)))) return "address_metadata";
    if (forms.some((form) => allowed.some((range) => inRange(form, range)))) return "allowed";
    return forms.every((form) => permitted(form, policy.allowPrivate)) ? "allowed" : "address_forbidden";
  };
  return remembered(judge);
}

/** A policy never changes, so neither does its verdict on the same text; the same few are judged at every check. */
function remembered(judge: (address: string) => AddressVerdict): (address: string) => AddressVerdict {
  const known = new Map<string, AddressVerdict>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const verdict = judge(address);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(address, verdict);
    return verdict;
  };
}

/** True for a range such as "10.1.0.0/16". */
export const isCidr = (text: string): boolean => ipaddr.isValidCIDR(text);

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The parser takes "::1.2.3.4" for the mapped form, the system for the compatible one; written out there is no doubt. */
function parse(address: string): Address {
  return ipaddr.parse((address.split("%")[0] ?? address).replace(/^::(?=\d+\.)/, "0:0:0:0:0:0:"));
}

function inRange(address: Address, [network, bits]: [Address, number]): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function permitted(address: Address, allowPrivate: boolean): boolean {
  const range = address.range();
  if (PRIVATE_RANGES.has(range)) return allowPrivate;
  if (range !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(PUBLIC_V6);
}

/** The address, or the IPv4 address inside its IPv6 form: mapped, compatible, translated, NAT64 or 6to4. */
function unwrapped(address: Address): readonly Address[] {
  if (!(address instanceof ipaddr.IPv6)) return [address];
  if (address.isIPv4MappedAddress()) return [address.toIPv4Address()];
  const parts = address.parts;
  const zeros = (from: number, to: number): boolean => parts.slice(from, to).every((part) => part === 0);
  const last = v4(parts[6], parts[7]);
  const loopbackOrAny = zeros(0, 7) && (parts[7] ?? 0) <= 1;
  if (zeros(0, 6) && !loopbackOrAny) return [last, new ipaddr.IPv4([0, 0, 0, 0])];
  if (zeros(0, 4) && parts[4] === 0xffff && parts[5] === 0) return [last, address];
  if (parts[0] === 0x64 && parts[1] === 0xff9b) return nat64(address, last);
  if (parts[0] === 0x2002) return [v4(parts[1], parts[2])];
  return [address];
}

/** The well-known prefix ends in the IPv4 address. A local one may hold it elsewhere, so it counts as itself besides. */
function nat64(address: ipaddr.IPv6, last: Address): readonly Address[] {
  const { parts } = address;
  if (parts.slice(2, 6).every((part) => part === 0)) return [last];
  const split = v4(parts[3], (((parts[4] ?? 0) & 255) << 8) | ((parts[5] ?? 0) >> 8));
  return [address, last, split];
}

function v4(high: number | undefined, low: number | undefined): Address {
  return new ipaddr.IPv4([(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255]);
}
