/**
 * Reasons that the way to the target may be to blame for, ours included, by how far the check had come. What a target said
 * itself, such as a status, is none of them.
 */
const BEFORE_ASKING = [
  "dns_failed",
  "dns_nxdomain",
  "dns_no_address",
  "connect_refused",
  "connect_reset",
  "connect_unreachable",
  "tls_handshake",
] as const;
const AFTER_ASKING = ["empty_reply", "reset", "truncated", "closed_early", "ping_unreachable"] as const;
const SILENCE = [
  "timeout_in_dns",
  "timeout_in_connect",
  "timeout_in_tls",
  "timeout_in_first_byte",
  "timeout_in_transfer",
  "timeout_no_answer",
] as const;

const NETWORK_LIKE: ReadonlySet<string> = new Set([...BEFORE_ASKING, ...AFTER_ASKING, ...SILENCE]);

/** Nothing was asked of the target yet, so asking again does nothing twice. */
const UNASKED: ReadonlySet<string> = new Set(BEFORE_ASKING);
/** Silence is not asked again within a round: it has been waited for already. */
const LOUD: ReadonlySet<string> = new Set([...BEFORE_ASKING, ...AFTER_ASKING]);

export const isNetworkLike = (reason: string): boolean => NETWORK_LIKE.has(reason);

export const isSilence = (reason: string): boolean => reason.startsWith("timeout_");

/** Kinds that take several steps, or whose answer is kept elsewhere: a second try is another round. */
const NOT_REPEATED: ReadonlySet<string> = new Set(["scenario", "browser", "heartbeat", "domain"]);
const HARMLESS: ReadonlySet<string> = new Set(["", "GET", "HEAD", "OPTIONS"]);

/** Whether an endpoint that failed so is asked once more within its round. */
export function isRetried(kind: string, method: string, reason: string): boolean {
  if (NOT_REPEATED.has(kind)) return false;
  return (kind === "http" && !HARMLESS.has(method) ? UNASKED : LOUD).has(reason);
}
