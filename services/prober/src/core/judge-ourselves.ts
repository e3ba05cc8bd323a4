import type { Verdict } from "@sentinel/contracts";
import { isNetworkLike, isSilence } from "./network-like.ts";

/** What this prober found out about itself after a round that failed. */
export interface Signs {
  /** The longest time its process stood still since the round began. */
  readonly stalledMs: number;
  /** Why it could not reach itself on loopback; empty when it could. */
  readonly loopback: string;
  /** `unasked` where there is no name to ask for. */
  readonly resolver: "answers" | "silent" | "lies" | "unasked";
  /** Hosts that worked a short while ago, and how many of them took a connection just now. */
  readonly neighbours: { readonly asked: number; readonly reached: number };
  /** It has a card that is up and leads out of the machine. */
  readonly hasNetwork: boolean;
  /** Its clock is far from what the hosts it watches show. */
  readonly clockIsOff: boolean;
}

export interface FailedRound {
  readonly verdict: Verdict;
  readonly reason: string;
  /** The target was named, so a resolver was asked. */
  readonly named: boolean;
  /** The target is on this machine. */
  readonly isLoopback: boolean;
}

const STALLED_MS = 1000;
const ENOUGH_NEIGHBOURS = 2;

/** What time runs out for while the process stands still; a refusal or a name that is not there does not come of that. */
const TIME_LIKE: ReadonlySet<string> = new Set([
  "slow",
  "slower_than_usual",
  "reset",
  "connect_reset",
  "empty_reply",
  "closed_early",
  "truncated",
  "tls_handshake",
  "page_text_missing",
  "page_element_missing",
  "page_element_unusable",
  "page_element_visible",
  "page_url",
  "page_hangs",
  "page_script_late",
]);

/** What is reckoned from the day that our clock shows. */
const CLOCK_LIKE: ReadonlySet<string> = new Set([
  "tls_expired",
  "tls_not_yet_valid",
  "certificate_expires_soon",
  "domain_expired",
  "domain_expires_soon",
]);

export const isClockLike = (reason: string): boolean => CLOCK_LIKE.has(reason);

const isTimeLike = (reason: string): boolean => isSilence(reason) || TIME_LIKE.has(reason);

/**
 * What of ourselves may be to blame for a failed round, as a reason; undefined when nothing is, and the verdict stands. The
 * narrowest comes first, so that it says what to look at.
 */
export function judgeOurselves(round: FailedRound, signs: Signs): string | undefined {
  const { reason, named } = round;
  if (isClockLike(reason)) return signs.clockIsOff ? "prober_clock" : undefined;
  if (signs.stalledMs >= STALLED_MS && isTimeLike(reason)) return "prober_blocked";
  if (signs.loopback !== "" && (isNetworkLike(reason) || isTimeLike(reason)))
    return signs.loopback.startsWith("prober_") ? signs.loopback : "prober_canary";
  if (named && signs.resolver === "lies") return "prober_resolver_lies";
  if (named && signs.resolver === "silent" && isLookup(reason)) return "prober_resolver";
  if (!isNetworkLike(reason) || round.isLoopback) return undefined;
  return cutOff(reason, signs);
}

export const isLookup = (reason: string): boolean => reason.startsWith("dns_") || reason === "timeout_in_dns";

/** Nobody who worked a short while ago can be reached either, and nothing came back from anybody. */
function cutOff(reason: string, { neighbours, resolver, hasNetwork }: Signs): string | undefined {
  if (neighbours.reached > 0) return undefined;
  if (!hasNetwork) return "prober_no_route";
  if (neighbours.asked >= ENOUGH_NEIGHBOURS) return "prober_cut_off";
  return resolver === "silent" && isSilence(reason) ? "prober_cut_off" : undefined;
}

/** Failures that name something of ours as their cause: what we are out of, or what stands between us and the target. */
const OURS: ReadonlySet<string> = new Set([
  "prober_ports",
  "prober_descriptors",
  "prober_memory",
  "prober_forbidden",
  "proxy_unreachable",
  "proxy_refused",
]);

export const isOurs = (reason: string): boolean => OURS.has(reason);
