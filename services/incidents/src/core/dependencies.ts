import { type MonitorSpec, MonitorStatus } from "@sentinel/contracts";
import type { MonitorState } from "./types.ts";

/** A monitor that others depend on. */
export interface Parent {
  readonly spec: Pick<MonitorSpec, "everyMs" | "paused">;
  readonly state: Pick<
    MonitorState,
    "status" | "openIncidentId" | "failingRounds" | "lastCheckedAtMs" | "suppressedBy"
  >;
}

/** A parent that was not checked for this many of its intervals explains nothing. */
const FRESH_INTERVALS = 3;

/**
 * The name of the monitor whose failure explains that of one that depends on it; undefined when none does. A parent that
 * has begun to fail and is not confirmed yet explains it too, so that of an outage of both only the parent is told. One
 * that is itself explained by another names that one.
 */
export function suppressorOf(
  dependsOn: readonly string[],
  parentOf: (name: string) => Parent | undefined,
  nowMs: number,
): string | undefined {
  for (const name of dependsOn) {
    const parent = parentOf(name);
    if (parent === undefined || parent.spec.paused) continue;
    const { status, openIncidentId, failingRounds, lastCheckedAtMs, suppressedBy } = parent.state;
    if (suppressedBy !== undefined && suppressedBy !== "") return suppressedBy;
    if (openIncidentId > 0 && status === MonitorStatus.DOWN) return name;
    const fresh = nowMs - lastCheckedAtMs <= FRESH_INTERVALS * parent.spec.everyMs;
    if (openIncidentId === 0 && failingRounds > 0 && fresh) return name;
  }
  return undefined;
}

/**
 * A monitor whose failure is explained by another: it shows as failing, nothing opens, and its failing rounds are counted
 * anew, so that it is judged again when the other works.
 */
export function suppressed(before: MonitorState, after: MonitorState, by: string): MonitorState {
  const { reopened, flapping } = before;
  return { ...after, reopened, flapping, failingRounds: 0, suppressedBy: by };
}
