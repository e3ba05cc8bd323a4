import type { EndpointResult, Severity } from "@sentinel/contracts";
import type { Diagnose } from "./types.ts";

export type Facts = Parameters<Diagnose>[0];

/** A row of the rule table. */
export interface Rule {
  /** Name of the rule, without the scope that is added to it. */
  readonly rule: string;
  readonly when: (reason: string, facts: Facts, worst: EndpointResult) => boolean;
  readonly issue: string;
  readonly cause: string;
  /** When all endpoints fail; one step less when only some do. */
  readonly severity: Severity;
  readonly recommendations: readonly string[];
}

/** Holds for these reasons. */
export const is =
  (...reasons: readonly string[]) =>
  (reason: string): boolean =>
    reasons.includes(reason);
