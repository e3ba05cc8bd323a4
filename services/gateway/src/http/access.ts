import { createHash, timingSafeEqual } from "node:crypto";
import { SentinelError } from "@sentinel/contracts";

const SESSION_COOKIE = "sentinel_session";

export interface AccessRules {
  /** SHA-256 of the access token in hex; undefined when none is needed. */
  readonly tokenHash: string | undefined;
  /** Lower-case names that may stand in Host beside loopback and the address that was dialled. */
  readonly allowedHosts: readonly string[];
}

/**
 * A name that an attacker points at this machine (DNS rebinding) is refused; an address cannot be rebound.
 * Errors: `host_not_allowed`.
 */
export function checkHost(rules: AccessRules, host: string | undefined, dialled: string | undefined): void {
  const name = hostName(host ?? "");
  if (isLoopback(name) || name === plainAddress(dialled ?? "") || rules.allowedHosts.includes(name)) return;
  throw new SentinelError("host_not_allowed", { host: (host ?? "").slice(0, 100) });
}

function hostName(host: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host.toLowerCase()) ?? [];
  return (bracketed ?? plain ?? "").replace(/\.$/, "");
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

const plainAddress = (address: string): string => address.toLowerCase().replace(/^::ffff:/, "");

/** A page from elsewhere may not act here, nor listen. Programs send no Origin. Errors: `origin_not_allowed`. */
export function checkOrigin(origin: string | undefined, site: string | undefined, host: string | undefined): void {
  if (origin === undefined && site !== "cross-site") return;
  const ours = [`http://${host}`, `https://${host}`];
  if (origin !== undefined && ours.includes(origin.toLowerCase())) return;
  throw new SentinelError("origin_not_allowed", { origin: (origin ?? site ?? "").slice(0, 100) });
}

/** By `Authorization: Bearer` or the session cookie. Errors: `token_required`, `token_wrong`. */
export function checkToken(rules: AccessRules, authorization: string | undefined, cookie: string | undefined): void {
  if (rules.tokenHash === undefined) return;
  const token = bearer(authorization ?? "") ?? sessionOf(cookie ?? "");
  if (token === undefined) throw new SentinelError("token_required");
  if (!matches(token, rules.tokenHash)) throw new SentinelError("token_wrong");
}

function bearer(authorization: string): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1];
}

function sessionOf(cookie: string): string | undefined {
  for (const part of cookie.split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name === SESSION_COOKIE && value !== undefined && value !== "") return decoded(value);
  }
  return undefined;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Takes as long for a near miss as for a far one. */
export function matches(token: string, tokenHash: string): boolean {
  const wanted = Buffer.from(tokenHash, "hex");
  const given = createHash("sha256").update(token).digest();
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

const MONTH_SECONDS = 30 * 24 * 3600;

export function sessionCookie(token: string): string {
  return `${SESSION_COOKIE}=${encodeURIComponent(token)}; Path=/; Max-Age=${MONTH_SECONDS}; HttpOnly; SameSite=Strict`;
}
