import { Metadata, type ServiceError, status, type StatusObject } from "@grpc/grpc-js";
import { ERRORS, type ErrorParams, type FieldProblem, SentinelError } from "@sentinel/contracts";

/** Trailing metadata that carries a whole SentinelError as JSON. */
const ERROR_KEY = "sentinel-error-bin";

/** What a caller is told: status from the error table, and in the trailer everything but the cause. */
export function toStatus(thrown: unknown): StatusObject {
  const { code, params, problems } = SentinelError.from(thrown);
  const spec = ERRORS[code];
  const metadata = new Metadata();
  metadata.set(ERROR_KEY, Buffer.from(JSON.stringify({ code, params, problems }), "utf8"));
  return { code: statusCode(spec?.grpc), details: spec?.en.title ?? code, metadata };
}

function statusCode(name: string | undefined): status {
  const code = Object.entries(status).find(([key]) => key === name)?.[1];
  return typeof code === "number" ? code : status.UNKNOWN;
}

export interface Callee {
  readonly address: string;
  readonly limitMs: number;
}

/** The error the service threw or, when none came through, what kept it from answering. */
export function fromStatus(thrown: unknown, { address, limitMs }: Callee): SentinelError {
  if (!isServiceError(thrown)) return SentinelError.from(thrown);
  const carried = readCarried(thrown.metadata);
  if (carried !== undefined) return carried;
  const options = { cause: thrown };
  if (thrown.code === status.UNAVAILABLE) return new SentinelError("service_unreachable", { address }, options);
  if (thrown.code === status.CANCELLED) return new SentinelError("request_cancelled", {}, options);
  if (thrown.code !== status.DEADLINE_EXCEEDED) return new SentinelError("internal", {}, options);
  return new SentinelError("service_timeout", { address, limitMs: String(limitMs) }, options);
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && "code" in thrown && "metadata" in thrown && thrown.metadata instanceof Metadata;
}

function readCarried(metadata: Metadata): SentinelError | undefined {
  const [bytes] = metadata.get(ERROR_KEY);
  if (bytes === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(bytes.toString("utf8"));
    return isCarried(parsed) ? new SentinelError(parsed.code, parsed.params, { problems: parsed.problems }) : undefined;
  } catch {
    return undefined;
  }
}

interface Carried {
  readonly code: string;
  readonly params: ErrorParams;
  readonly problems: readonly FieldProblem[];
}

function isCarried(value: unknown): value is Carried {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "params" in value &&
    typeof value.params === "object" &&
    value.params !== null &&
    "problems" in value &&
    Array.isArray(value.problems)
  );
}
