import { RepairAction, RepairMode } from "@sentinel/contracts";
import type { ChooseRepair } from "./types.ts";

const HOUR_MS = 3_600_000;
const GLOBAL_CAP_PER_HOUR = 60;
const MAX_PATIENCE_MS = 30_000;

/**
 * Issues that a knock at the door can mend: a process asleep, starting, overloaded or gone for a moment. An error 500 is
 * not among them: the application is awake, and its fault stays.
 */
const WAKEABLE = new Set(["unreachable", "no_answer", "unavailable", "sleeping", "slow", "broken_answer"]);

/** Whether to repair now, or why not. Rails in the order they are named: fit, mode, one at a time, cooldown, caps. */
export const chooseRepair: ChooseRepair = (facts) => {
  const policy = facts.spec.repair;
  if (policy === undefined || policy.mode === RepairMode.OFF || policy.mode === RepairMode.UNSPECIFIED) {
    return { type: "nothing" };
  }
  const action = RepairAction.WAKE_UP;
  const withhold = (reason: string, params: Readonly<Record<string, string>> = {}) =>
    ({ type: "withhold", action, reason, params }) as const;
  // What wakes is a request: only over HTTP is there one to make.
  const knockable = facts.spec.endpoints.some(({ check }) => check === undefined);
  if (!knockable || !WAKEABLE.has(facts.diagnosis.issue)) return withhold("not_applicable");
  if (policy.mode === RepairMode.OBSERVE) return withhold("observe");
  if (policy.mode === RepairMode.DRY_RUN) return withhold("dry_run");
  if (facts.repairUnderWay) return withhold("one_at_a_time");
  const recent = facts.repairsAtMs.filter((at) => at > facts.atMs - HOUR_MS);
  const last = Math.max(0, ...recent);
  if (last > 0 && facts.atMs - last < policy.cooldownMs) {
    return withhold("cooldown", { readyInMs: String(policy.cooldownMs - (facts.atMs - last)) });
  }
  if (recent.length >= policy.hourlyCap) return withhold("hourly_cap", { cap: String(policy.hourlyCap) });
  if (facts.repairsThisHour >= GLOBAL_CAP_PER_HOUR) return withhold("global_cap", { cap: String(GLOBAL_CAP_PER_HOUR) });
  const patienceMs = Math.min(policy.patienceMs, MAX_PATIENCE_MS);
  return { type: "repair", action, patienceMs, deadlineMs: facts.atMs + patienceMs, usedThisHour: recent.length + 1 };
};
