import { SentinelError } from "@sentinel/contracts/errors";
import type { EgressFailure } from "./egress.ts";

/** No whole answer came: why, in which phase, and what is known all the same. */
export class EgressError extends SentinelError {
  readonly failure: EgressFailure;

  constructor(failure: EgressFailure, cause?: unknown) {
    super("egress_failed", { reason: failure.reason, phase: failure.phase, ...failure.params }, { cause });
    this.name = "EgressError";
    this.failure = failure;
  }
}
