import type { Egress } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";
import type { Labels, Metrics } from "./metrics.ts";

/** What a prober works with. */
export interface ProbeContext {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** A line of the debug output; holds no secret. */
  readonly log: (message: string, fields?: Labels) => void;
  /** Milliseconds left for the probe, at least one. */
  readonly remainingMs: () => number;
  /** Text of a file that the configuration names. @throws SentinelError `file_unreadable` */
  readonly readFile: (path: string) => Promise<string>;
}

/** How a probe ended; `reason` is empty for a success. */
export interface Outcome {
  readonly success: boolean;
  readonly reason: string;
}

export const SUCCESS: Outcome = { success: true, reason: "" };
export const failure = (reason: string): Outcome => ({ success: false, reason });
