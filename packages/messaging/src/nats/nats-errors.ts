import { JetStreamApiError } from "@nats-io/jetstream";
import { SentinelError } from "@sentinel/contracts";

/** Error codes of the JetStream API that are told apart. */
const CODES = {
  streamNotFound: 10059,
  consumerNotFound: 10014,
  subjectsOverlap: 10065,
  filterNotUnique: 10100,
  queueNotUnique: 10099,
  insufficientResources: 10023,
  insufficientStorage: 10047,
} as const;

export function isApiError(error: unknown, code: keyof typeof CODES): boolean {
  return error instanceof JetStreamApiError && error.code === CODES[code];
}

/** True when asking again cannot help. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof SentinelError && ["bus_stream_mismatch", "bus_stream_missing", "bus_closed"].includes(error.code)
  );
}

/** A failure of the client library as one of ours. */
export function unavailable(servers: string, limitMs: number, cause: unknown): SentinelError {
  if (cause instanceof SentinelError) return cause;
  if (isApiError(cause, "insufficientResources") || isApiError(cause, "insufficientStorage")) {
    return new SentinelError("bus_disk_full", { servers, reason: causeText(cause) }, { cause });
  }
  const reason = causeText(cause);
  return new SentinelError("bus_unavailable", { servers, limitMs: String(limitMs), reason }, { cause });
}

const causeText = (cause: unknown): string => (cause instanceof Error ? `${cause.name}: ${cause.message}` : "unknown");
