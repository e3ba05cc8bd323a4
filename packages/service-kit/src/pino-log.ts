import { SentinelError } from "@sentinel/contracts";
import { pino } from "pino";
import type { Log } from "./log.ts";
import { parseTraceparent } from "./traceparent.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** Goes into every line. */
  readonly service: string;
  /** Where lines go; standard output when absent. */
  readonly stream?: { write(line: string): void };
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Logs as JSON lines. A field `traceparent` becomes `trace_id` and `span_id`; errors keep their code, parameters and
 * cause; a `Secret` shows its name only, because that is all its JSON holds.
 */
export function createLog({ level, service, stream }: LogOptions): Log {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    messageKey: "message",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  return wrap(stream === undefined ? pino(options) : pino(options, stream));
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (message, fields) => {
      if (logger.isLevelEnabled("debug")) logger.debug(toLine(fields), message);
    },
    info: (message, fields) => logger.info(toLine(fields), message),
    warn: (message, fields) => logger.warn(toLine(fields), message),
    error: (message, fields) => logger.error(toLine(fields), message),
    child: (fields) => wrap(logger.child(toLine(fields))),
  };
}

function toLine(fields: Fields | undefined): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (key === "traceparent") Object.assign(line, traceFields(value));
    else line[key] = value instanceof Error ? errorFields(value) : value;
  }
  return line;
}

function traceFields(value: unknown): Record<string, string> {
  const ids = typeof value === "string" ? parseTraceparent(value) : undefined;
  return ids === undefined ? {} : { trace_id: ids.traceId, span_id: ids.spanId };
}

/** How deep a chain of causes is written; a chain may be circular. */
const DEEPEST_CAUSE = 5;

function errorFields(error: Error, depth = 0): Record<string, unknown> {
  const known =
    error instanceof SentinelError
      ? { code: error.code, params: error.params, ...(error.problems.length > 0 ? { problems: error.problems } : {}) }
      : { type: error.name, message: error.message, ...systemCode(error) };
  const { cause } = error;
  if (depth === DEEPEST_CAUSE || cause === undefined) return { ...known, stack: error.stack };
  return {
    ...known,
    stack: error.stack,
    cause: cause instanceof Error ? errorFields(cause, depth + 1) : cause,
  };
}

function systemCode(error: Error): { code?: string } {
  return "code" in error && typeof error.code === "string" ? { code: error.code } : {};
}
