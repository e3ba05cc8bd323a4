import type { IncidentView, RepairView } from "@sentinel/contracts/api";

export interface RecentRepair {
  readonly incident: IncidentView;
  readonly repair: RepairView;
}

const DAY_MS = 24 * 3_600_000;

/** Repairs asked for within the last 24 hours, newest first. */
export function recentRepairs(incidents: Iterable<IncidentView>, nowMs: number): readonly RecentRepair[] {
  const found: RecentRepair[] = [];
  for (const incident of incidents) {
    for (const repair of incident.repairs) {
      if (nowMs - Date.parse(repair.requestedAt) <= DAY_MS) found.push({ incident, repair });
    }
  }
  return found.sort((a, b) => b.repair.requestedAt.localeCompare(a.repair.requestedAt));
}

/** How many of those that ended had an effect. */
export function repairScore(repairs: readonly RecentRepair[]): { readonly worked: number; readonly total: number } {
  const ended = repairs.filter(({ repair }) => repair.state === "succeeded" || repair.state === "failed");
  return { worked: ended.filter(({ repair }) => repair.state === "succeeded").length, total: ended.length };
}
