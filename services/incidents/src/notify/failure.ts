import { SentinelError } from "@sentinel/contracts/errors";
import { EgressError } from "@sentinel/egress";

/** Why one try failed. `status` is what the receiver answered; undefined when it did not answer. */
export interface SendFailure {
  readonly reason: string;
  /** Whether the same message may succeed later. */
  readonly retryable: boolean;
  readonly status?: number;
}

/** Reasons that stay until somebody changes the configuration. */
const LASTING = new Set([
  "bad_url",
  "scheme_not_allowed",
  "credentials_in_url",
  "address_forbidden",
  "address_metadata",
]);

/** The coded error of a failed try. It has no cause: what a receiver says may repeat a secret. */
export function notifyFailed(channel: string, failure: SendFailure): SentinelError {
  return new SentinelError("notify_failed", {
    channel,
    reason: failure.reason,
    retryable: failure.retryable ? "true" : "false",
    ...(failure.status === undefined ? {} : { status: String(failure.status) }),
  });
}

/** Undefined when the receiver took the message. */
export function judgeStatus(status: number): SendFailure | undefined {
  if (status >= 200 && status < 300) return undefined;
  return { reason: "http_status", retryable: status === 408 || status === 429 || status >= 500, status };
}

/**
 * An exchange that broke: once a status has arrived the receiver has decided, whatever became of the rest of its answer.
 * Undefined when it took the message.
 */
export function judgeBroken(thrown: unknown, signal: AbortSignal): SendFailure | undefined {
  if (thrown instanceof EgressError) {
    const { facts, reason } = thrown.failure;
    if (facts.status !== undefined) return judgeStatus(facts.status);
    if (signal.aborted) return { reason: "interrupted", retryable: true };
    return { reason, retryable: !LASTING.has(reason) };
  }
  return { reason: signal.aborted ? "interrupted" : "unknown", retryable: true };
}
