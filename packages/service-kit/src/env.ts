import { SentinelError } from "@sentinel/contracts";
import { LOG_LEVELS, type LogLevel } from "./pino-log.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** What every process takes from its environment. */
export interface KitEnv {
  /** SENTINEL_LOG_LEVEL, "info" when absent. */
  readonly logLevel: LogLevel;
  /** OTEL_EXPORTER_OTLP_ENDPOINT: base address of an OTLP/HTTP receiver; tracing is off when absent. */
  readonly otlpEndpoint: string | undefined;
  /** SENTINEL_FAILPOINT: where a crash test ends this process. */
  readonly failpoint: string | undefined;
}

/** The variables of this process: the only place that reads them. */
export function processVariables(): Variables {
  return process.env;
}

/** Errors: `environment_invalid`. */
export function readKitEnv(variables: Variables): KitEnv {
  return {
    logLevel: readLogLevel(variables["SENTINEL_LOG_LEVEL"]),
    otlpEndpoint: readEndpoint(variables["OTEL_EXPORTER_OTLP_ENDPOINT"]),
    failpoint: variables["SENTINEL_FAILPOINT"],
  };
}

function readLogLevel(value: string | undefined): LogLevel {
  if (value === undefined || value === "") return "info";
  const level = LOG_LEVELS.find((known) => known === value);
  if (level !== undefined) return level;
  throw new SentinelError("environment_invalid", {
    name: "SENTINEL_LOG_LEVEL",
    value,
    expected: LOG_LEVELS.join(", "),
  });
}

function readEndpoint(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (/^https?:$/.test(URL.parse(value)?.protocol ?? "")) return value;
  throw new SentinelError("environment_invalid", {
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    value,
    expected: "http://127.0.0.1:4318",
  });
}
