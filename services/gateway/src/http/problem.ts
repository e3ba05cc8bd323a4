import { ERRORS, SentinelError } from "@sentinel/contracts";
import type { ProblemJson } from "@sentinel/contracts/api";
import { type Locale, renderError, renderProblem } from "@sentinel/contracts/text";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** The one mapping from an error to what a client is told. The cause stays inside. */
export function problemOf(error: SentinelError, locale: Locale, traceId: string | null): ProblemJson {
  const known = ERRORS[error.code] === undefined ? new SentinelError("internal", {}, { cause: error }) : error;
  const text = renderError(locale, known.code, known.params);
  return {
    type: `urn:sentinel:error:${known.code}`,
    title: text.title,
    status: ERRORS[known.code]?.http ?? 500,
    detail: text.detail,
    code: known.code,
    fix: text.fix,
    traceId,
    problems: known.problems.map((problem) => ({
      path: problem.path,
      code: problem.code,
      message: renderProblem(locale, problem),
      line: problem.line ?? null,
      column: problem.column ?? null,
    })),
  };
}

/** Whatever was thrown while a request was read or answered, as one of the error family. */
export function toSentinelError(thrown: unknown, contentType: string): SentinelError {
  if (thrown instanceof SentinelError) return thrown;
  switch (codeOf(thrown)) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new SentinelError("request_too_large", { limit: String(BODY_LIMIT_BYTES) });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_INVALID_TYPE":
      return new SentinelError("media_type_unsupported", { type: contentType.slice(0, 100) });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new SentinelError("request_malformed", { reason: "the length differs from Content-Length" });
    default:
      return SentinelError.from(thrown);
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
