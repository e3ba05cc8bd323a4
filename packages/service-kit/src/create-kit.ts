import { readKitEnv, type Variables } from "./env.ts";
import { createFailpoint } from "./failpoints.ts";
import { lazyTracing } from "./lazy-tracing.ts";
import { createMetrics } from "./metrics.ts";
import { offTracing } from "./noop.ts";
import { createLog } from "./pino-log.ts";
import type { ServiceKit } from "./service.ts";
import { systemClock } from "./system-clock.ts";
import { systemRandom } from "./system-random.ts";
import type { Tracing } from "./telemetry.ts";

export interface KitOptions {
  /** Name in logs and traces, such as "prober". */
  readonly service: string;
  /** Usually `processVariables()`. */
  readonly env: Variables;
  /** Where log lines go; standard output when absent. */
  readonly logStream?: { write(line: string): void };
}

/** The kit of a real process. Errors: `environment_invalid`. */
export function createServiceKit({ service, env, logStream }: KitOptions): ServiceKit {
  const { logLevel, otlpEndpoint, failpoint } = readKitEnv(env);
  const log = createLog({ level: logLevel, service, ...(logStream === undefined ? {} : { stream: logStream }) });
  return {
    clock: systemClock,
    random: systemRandom,
    log,
    metrics: createMetrics(),
    tracing: otlpEndpoint === undefined ? offTracing : lazyTracing(() => loadTracing(service, otlpEndpoint), log),
    failpoint: createFailpoint(failpoint),
  };
}

/** Loaded only when wanted: the SDK costs a third of a second and 87 MB. */
async function loadTracing(service: string, endpoint: string): Promise<Tracing> {
  const { createOtelTracing } = await import("./otel-tracing.ts");
  return createOtelTracing({ service, endpoint });
}
