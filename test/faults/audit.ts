import type { CheckView, IncidentView, TimelineEntryView } from "@sentinel/contracts/api";
import type { Sentinel } from "../harness/sentinel.ts";

interface Page<T> {
  readonly data: readonly T[];
}

/** What the log says after the outage, read over REST as anyone could. */
export interface Told {
  readonly incidents: readonly IncidentView[];
  readonly timeline: readonly TimelineEntryView[];
  readonly checks: readonly CheckView[];
  readonly autoFixes: number;
}

export async function readLog(sentinel: Sentinel): Promise<Told> {
  const incidents = (await sentinel.call<Page<IncidentView>>("GET", "/api/v1/incidents")).data;
  const first = incidents[0];
  const timeline =
    first === undefined
      ? []
      : (await sentinel.call<Page<TimelineEntryView>>("GET", `/api/v1/incidents/${first.id}/timeline`)).data;
  const monitors = (await sentinel.call<Page<{ id: string }>>("GET", "/api/v1/monitors")).data;
  const checks =
    monitors[0] === undefined
      ? []
      : (await sentinel.call<Page<CheckView>>("GET", `/api/v1/monitors/${monitors[0].id}/checks?limit=200`)).data;
  const status = await sentinel.call<{ metrics: { auto_fixes: number } }>("GET", "/api/status");
  return { incidents, timeline, checks, autoFixes: status.metrics.auto_fixes };
}

/** Slots between the first and the last result that neither a result nor a missed range covers. */
export function lostSlots(checks: readonly CheckView[], everyMs: number): readonly number[] {
  const scheduled = checks.filter((check) => !check.onDemand);
  const run = scheduled.filter((check) => check.verdict !== "missed").map((check) => check.slotMs);
  // The first check of a monitor runs at once, outside the phase; slots count from the first one on phase.
  const phase = Math.max(0, ...run) % everyMs;
  const covered = new Set(run);
  for (const { verdict, slotMs, missedSlots } of scheduled) {
    if (verdict !== "missed") continue;
    // Named by an instant before the first slot that it stands for.
    const firstMs = Math.ceil((slotMs - phase) / everyMs) * everyMs + phase;
    for (let i = 0; i < Math.max(1, missedSlots); i += 1) covered.add(firstMs + i * everyMs);
  }
  const lost: number[] = [];
  const onPhase = [...covered].filter((slot) => slot % everyMs === phase).toSorted((a, b) => a - b);
  const last = onPhase.at(-1) ?? 0;
  for (let slot = onPhase[0] ?? last; slot <= last; slot += everyMs) if (!covered.has(slot)) lost.push(slot);
  return lost;
}

export const countOf = (timeline: readonly TimelineEntryView[], type: string): number =>
  timeline.filter((entry) => entry.type === type).length;
