import { SentinelError } from "@sentinel/contracts/errors";
import { type Locale, renderError } from "@sentinel/contracts/text";
import { GatewayRefusal } from "./rest/gateway-client.ts";

/** What went wrong, why, and what to do: title, detail and fix, then each single fault. Never a stack trace. */
export function describeFailure(locale: Locale, thrown: unknown): string {
  if (thrown instanceof GatewayRefusal) {
    const { title, detail, fix, problems, traceId, code } = thrown.problem;
    const faults = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    const trace = code === "internal" && traceId !== null ? [`trace ${traceId}`] : [];
    return lines(title, [detail, ...faults, ...trace], fix);
  }
  const error = SentinelError.from(thrown);
  const { title, detail, fix } = renderError(locale, error.code, error.params);
  const cause = error.code === "internal" && error.cause instanceof Error ? [error.cause.message] : [];
  return lines(title, [detail, ...cause], fix);
}

function lines(title: string, middle: readonly string[], fix: string): string {
  const body = [...middle, fix].filter((line) => line !== "").map((line) => `  ${line}\n`);
  return `${title}\n${body.join("")}`;
}
