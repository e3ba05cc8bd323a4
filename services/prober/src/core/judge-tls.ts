import { type TlsCheck, Verdict } from "@sentinel/contracts";
import { type Judgement, WELL } from "./assertions.ts";
import { daysLeft, isoDay } from "./days-left.ts";

/** A certificate of a chain, and when it ends. */
export interface Lifetime {
  readonly subject: string;
  readonly validToMs: number;
}

/** A chain holds as long as the certificate of it that ends first. */
export function judgeCertificate(
  { warnDays, failDays }: Pick<TlsCheck, "warnDays" | "failDays">,
  chain: readonly Lifetime[],
  nowMs: number,
): Judgement {
  const [first] = chain.toSorted((one, other) => one.validToMs - other.validToMs);
  if (first === undefined) return WELL;
  const days = daysLeft(first.validToMs, nowMs);
  const params = { subject: first.subject, certificateExpiredOn: isoDay(first.validToMs), days: String(days) };
  if (days < 0) return { verdict: Verdict.DOWN, reason: "tls_expired", params };
  const reason = "certificate_expires_soon";
  if (days < failDays) return { verdict: Verdict.DOWN, reason, params: { ...params, limitDays: String(failDays) } };
  if (days < warnDays) return { verdict: Verdict.DEGRADED, reason, params: { ...params, limitDays: String(warnDays) } };
  return WELL;
}

/** Down when a list is given and the suite that was agreed on is not in it, by either of its names. */
export function judgeCipher(
  accepted: readonly string[],
  agreed: { readonly cipher: string; readonly standardCipher: string },
  host: string,
): Judgement {
  const names = accepted.map((name) => name.toUpperCase());
  if (names.length === 0 || names.includes(agreed.cipher) || names.includes(agreed.standardCipher)) return WELL;
  const params = { host, actual: agreed.standardCipher, expected: accepted.join(", ") };
  return { verdict: Verdict.DOWN, reason: "tls_cipher", params };
}
