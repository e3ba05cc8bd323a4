import { MonitorStatus, partitionOf, Resolution, Verdict } from "@sentinel/contracts";
import { decodeIncidentEvent, decodeMaintenanceEvent, decodeMonitorEvent } from "@sentinel/contracts/events";
import type { StoredEvent } from "@sentinel/eventstore";
import { initialMonitorState } from "./core/detection.ts";
import { incident } from "./core/incident.ts";
import type { IncidentState, MonitorState } from "./core/types.ts";
import type { FoldStore, FoldTx } from "./store/port.ts";

/**
 * Makes monitors, maintenance windows, incidents, states and totals anew from the log, all or nothing, in a store that has nothing but the
 * log, such as one just imported. Checks are no events: their history begins anew.
 * @param streams Names of all streams.
 */
export async function rebuildFromLog(store: FoldStore, streams: readonly string[]): Promise<void> {
  await store.transaction(async (tx) => {
    await rebuildMonitors(
      tx,
      streams.filter((name) => name.startsWith("monitor-")),
    );
    await rebuildMaintenance(
      tx,
      streams.filter((name) => name.startsWith("maintenance-")),
    );
    const ids = streams.filter((name) => /^incident-\d+$/.test(name)).map((name) => Number(name.slice(9)));
    const states = new Map<string, MonitorState>();
    for (const id of ids.toSorted((a, b) => a - b)) await rebuildIncident(tx, id, states);
    await tx.states.save(states);
    // Numbers that the log knows are never given again.
    const last = ids.reduce((highest, id) => Math.max(highest, id), 0);
    for (let given = 0; given < last; given = await tx.incidents.nextId());
  });
}

/** Reads a stored event as the rebuild does. @throws when its payload is not what its type says */
export function decodeForRebuild(event: StoredEvent): unknown {
  if (event.stream.startsWith("monitor-")) return decodeMonitorEvent(event);
  if (event.stream.startsWith("maintenance-")) return decodeMaintenanceEvent(event);
  return /^incident-\d+$/.test(event.stream) ? decodeIncidentEvent(event) : undefined;
}

/** Those that were removed first: a name may have passed from one to another. */
async function rebuildMonitors(tx: FoldTx, streams: readonly string[]): Promise<void> {
  const living = [];
  for (const stream of streams) {
    const events = (await tx.events.read(stream)).map((stored) => ({ stored, event: decodeMonitorEvent(stored) }));
    const monitor = events.flatMap(({ event }) =>
      event === undefined || event.$case === "deleted" ? [] : [event.value.monitor],
    );
    const [last, end] = [monitor.at(-1), events.at(-1)];
    if (last === undefined) continue;
    if (end?.event?.$case !== "deleted") living.push(last);
    else {
      await tx.monitors.save(last);
      await tx.monitors.delete(last.id, end.stored.atMs);
    }
  }
  for (const monitor of living) await tx.monitors.save(monitor);
}

/** Those that were not cancelled, as they were last recorded. */
async function rebuildMaintenance(tx: FoldTx, streams: readonly string[]): Promise<void> {
  for (const stream of streams) {
    const events = (await tx.events.read(stream)).flatMap((stored) => decodeMaintenanceEvent(stored) ?? []);
    const last = events.at(-1);
    if (last === undefined || last.$case === "cancelled" || last.value.window === undefined) continue;
    await tx.windows.save(last.value.window);
  }
}

async function rebuildIncident(tx: FoldTx, id: number, states: Map<string, MonitorState>): Promise<void> {
  const events = (await tx.events.read(`incident-${id}`)).map((stored) => ({
    event: decodeIncidentEvent(stored),
    atMs: stored.atMs,
  }));
  const after = events.reduce(incident.evolve, incident.initial);
  if (after.id !== id) return;
  await tx.incidents.save([after]);
  // One that was over when it was recorded says nothing about now.
  if (after.over !== true)
    states.set(after.monitorId, stateAfter(states.get(after.monitorId) ?? initialMonitorState, after));
  const autoFixes = events.filter(
    ({ event: { event } }) => event?.$case === "resolved" && event.value.resolution === Resolution.AUTO_FIX,
  ).length;
  await tx.totals.add(new Map([[partitionOf(after.monitorId), { checks: 0, incidents: 1, autoFixes }]]));
}

function stateAfter(before: MonitorState, after: IncidentState): MonitorState {
  if (after.resolvedAtMs > 0) {
    return { ...before, openIncidentId: 0, lastIncidentId: after.id, lastResolvedAtMs: after.resolvedAtMs };
  }
  const status = after.verdict === Verdict.DOWN ? MonitorStatus.DOWN : MonitorStatus.DEGRADED;
  return { ...before, status, sinceMs: after.startedAtMs, openIncidentId: after.id };
}
