import type { Clock, Random } from "./clock.ts";
import type { Failpoint } from "./failpoint.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Tracing } from "./telemetry.ts";

/** What every service is given; the rest of its arguments are its own ports. */
export interface ServiceKit {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly failpoint: Failpoint;
}

/** A running service. */
export interface Service {
  /** Resolves when it does its work for the first time; the health endpoints read it. */
  readonly ready: Promise<void>;
  /** Null while well, else an error code that says what is wrong. */
  health(): string | null;
  /** Finishes what is in hand, within 5 s. */
  stop(): Promise<void>;
}
