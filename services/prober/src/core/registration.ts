import { type DomainCheck, Verdict } from "@sentinel/contracts";
import { type Judgement, WELL } from "./assertions.ts";
import { daysLeft, isoDay } from "./days-left.ts";

/** What a registry tells of a domain. */
export interface Registration {
  /** Undefined where the registry keeps it to itself. */
  readonly expiresAtMs: number | undefined;
  readonly status: readonly string[];
}

/** The name that is registered, of one that begins with "www". */
export const registeredName = (host: string): string =>
  host
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^www\.(?=[^.]+\.)/, "");

/** Undefined for what is no answer about a domain by RDAP (RFC 9083). */
export function readRegistration(text: string): Registration | undefined {
  const answer = parsed(text);
  if (!isObject(answer) || answer["objectClassName"] !== "domain") return undefined;
  const { events, status } = answer;
  const expiration = (Array.isArray(events) ? events : []).find(
    (each: unknown) => isObject(each) && each["eventAction"] === "expiration",
  );
  const expiresAtMs = isObject(expiration) ? Date.parse(String(expiration["eventDate"])) : Number.NaN;
  return {
    expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs,
    status: (Array.isArray(status) ? status : []).map(String),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Under one of these a domain is not, or soon no longer, in the name servers of its ending (RFC 8056). */
const WITHDRAWN = new Set(["client hold", "server hold", "redemption period", "pending delete"]);

/** @param registration undefined when the registry does not know the domain. */
export function judgeDomain(
  check: DomainCheck,
  domain: string,
  registration: Registration | undefined,
  nowMs: number,
): Judgement {
  const down = (reason: string, params: Readonly<Record<string, string>> = {}): Judgement => ({
    verdict: Verdict.DOWN,
    reason,
    params: { domain, ...params },
  });
  if (registration === undefined) return down("domain_not_registered");
  const withdrawn = registration.status.find((each) => WITHDRAWN.has(each.toLowerCase()));
  if (withdrawn !== undefined) return down("domain_withdrawn", { status: withdrawn });
  const { expiresAtMs } = registration;
  if (expiresAtMs === undefined) return { verdict: Verdict.UNKNOWN, reason: "domain_no_expiry", params: { domain } };
  const days = daysLeft(expiresAtMs, nowMs);
  const params = { expiresOn: isoDay(expiresAtMs), days: String(days) };
  if (days < 0) return down("domain_expired", params);
  if (days < check.failDays) return down("domain_expires_soon", { ...params, limitDays: String(check.failDays) });
  if (days >= check.warnDays) return WELL;
  const warned = { domain, ...params, limitDays: String(check.warnDays) };
  return { verdict: Verdict.DEGRADED, reason: "domain_expires_soon", params: warned };
}
