import { Severity } from "@sentinel/contracts";
import { is, type Rule } from "./diagnosis-rule.ts";

const FIRST_STEPS = {
  broker_away: ["check_broker", "wait_for_results"],
  no_prober: ["start_prober"],
  prober_gone: ["restart_prober", "check_prober_machine"],
  prober_silent: ["read_prober_log", "restart_prober"],
  not_assigned: ["read_prober_log", "restart_prober"],
  not_judged: ["read_prober_log"],
} as const;

/** Sentinel has lost sight of what it watches. */
export const COVERAGE_RULES: readonly Rule[] = Object.entries(FIRST_STEPS).map(([cause, recommendations]) => ({
  rule: `coverage.${cause}`,
  when: is(cause),
  issue: "coverage",
  cause,
  severity: Severity.HIGH,
  recommendations,
}));
