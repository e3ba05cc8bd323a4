import { isDeepStrictEqual } from "node:util";
import { MonitorStatus, Resolution, Verdict } from "@sentinel/contracts";
import { incident, initialIncidentState } from "../../../services/incidents/src/core/incident.ts";
import type { IncidentState } from "../../../services/incidents/src/core/types.ts";
import { SENTINEL } from "../../../services/incidents/src/forgotten.ts";
import type { Violation } from "../invariants.ts";
import type { FoldTx } from "../sim-store.ts";
import type { World } from "../world.ts";
import { logOf } from "./log.ts";

/** Incident id to the version that was found right. */
const compared = new WeakMap<World, Map<number, number>>();

/** Ends that no person asked for. */
const OF_ITSELF = new Set<Resolution>([Resolution.RECOVERED, Resolution.AUTO_FIX]);

const EVERY = { monitorId: "", beforeId: 0, limit: 1_000_000 };

export async function auditIncidents(world: World, tx: FoldTx): Promise<readonly Violation[]> {
  const stored = await tx.incidents.list({ ...EVERY, openOnly: false });
  return [
    ...oneOpenEach(stored),
    ...(await foldsOfTheirEvents(world, stored)),
    ...(await agreeWithMonitors(tx, stored)),
    ...(await totalsAgree(world, tx)),
  ];
}

/** At rest every target is well, so nothing is open and nobody is said to be down. */
export async function auditNoOpenIncident(tx: FoldTx): Promise<readonly Violation[]> {
  const monitors = await tx.monitors.all();
  const states = await tx.states.load(monitors.map(({ id }) => id));
  return monitors
    .filter(({ id, spec }) => spec?.paused !== true && states.get(id)?.status !== MonitorStatus.HEALTHY)
    .map(({ id, spec }) => ({
      rule: "well at rest",
      what: `${spec?.name ?? id} is ${states.get(id)?.status ?? "not known"}`,
    }));
}

function oneOpenEach(stored: readonly IncidentState[]): readonly Violation[] {
  const open = Map.groupBy(
    stored.filter(({ resolvedAtMs }) => resolvedAtMs === 0),
    ({ monitorId }) => monitorId,
  );
  return [...open.values()]
    .filter((each) => each.length > 1)
    .map((each) => ({ rule: "one open incident", what: each.map(({ id }) => id).join(", ") }));
}

async function foldsOfTheirEvents(world: World, stored: readonly IncidentState[]): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const { incidents } = logOf(world);
  const done = compared.get(world) ?? new Map<number, number>();
  compared.set(world, done);
  for (const state of stored) {
    if (done.get(state.id) === state.version) continue;
    const events = incidents.get(state.id) ?? [];
    let folded = initialIncidentState;
    for (const happened of events) {
      const repair = folded.repairs.at(-1);
      const { event } = happened.event;
      const bySentinel = event?.$case === "resolved" && OF_ITSELF.has(event.value.resolution);
      if (bySentinel && repair?.state === "running") {
        violations.push({ rule: "no recovery over a running repair", what: `incident ${state.id}` });
      }
      folded = incident.evolve(folded, happened);
    }
    if (!isDeepStrictEqual(jsonOf(folded), jsonOf(state))) {
      violations.push({ rule: "incident is the fold of its events", what: differences(folded, state) });
    }
    done.set(state.id, state.version);
  }
  if (incidents.size !== stored.length) {
    violations.push({
      rule: "incident is the fold of its events",
      what: `${incidents.size} logged, ${stored.length} stored`,
    });
  }
  return violations;
}

function differences(folded: IncidentState, stored: IncidentState): string {
  const as = new Map(Object.entries(stored));
  const different = Object.entries(folded).filter(
    ([key, value]) => !isDeepStrictEqual(jsonOf(value), jsonOf(as.get(key))),
  );
  return different
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}, stored ${JSON.stringify(as.get(key))}`)
    .join("; ");
}

/** As a column of JSON gives it back; what the decoder notes beside a message is no part of it. */
const jsonOf = (value: unknown): unknown => {
  const text = JSON.stringify(value, (key, each: unknown) => (key === "_unknownFields" ? undefined : each));
  return JSON.parse(text ?? "null");
};

async function agreeWithMonitors(tx: FoldTx, stored: readonly IncidentState[]): Promise<readonly Violation[]> {
  const open = new Map(stored.filter((each) => each.resolvedAtMs === 0).map((each) => [each.monitorId, each]));
  const monitors = await tx.monitors.all();
  const living = new Set(monitors.map(({ id }) => id));
  const states = await tx.states.load([...living]);
  const wrong = (id: string, what: string): Violation => ({
    rule: "monitor agrees with its incident",
    what: `${id}: ${what}`,
  });
  const violations = [...open.values()]
    // Incidents about Sentinel itself belong to no monitor.
    .filter(({ monitorId }) => !monitorId.startsWith(SENTINEL) && !living.has(monitorId))
    .map(({ monitorId, id }) => wrong(monitorId, `incident ${id} is open, and the monitor is gone`));
  for (const id of living) {
    const state = states.get(id);
    const its = open.get(id);
    if ((state?.openIncidentId ?? 0) !== (its?.id ?? 0)) {
      violations.push(wrong(id, `state says ${state?.openIncidentId ?? 0}, open is ${its?.id ?? 0}`));
    } else if (its !== undefined && state !== undefined) {
      const status = its.verdict === Verdict.DOWN ? MonitorStatus.DOWN : MonitorStatus.DEGRADED;
      if (state.status !== status) violations.push(wrong(id, `${state.status} while its incident says ${its.verdict}`));
    } else if (state?.status === MonitorStatus.DOWN || state?.status === MonitorStatus.DEGRADED) {
      violations.push(wrong(id, `${state.status} without an incident`));
    }
  }
  return violations;
}

/** Opened and mended as often as the log says. */
async function totalsAgree(world: World, tx: FoldTx): Promise<readonly Violation[]> {
  const events = [...logOf(world).incidents.values()].flat().map(({ event }) => event.event);
  const incidents = events.filter((event) => event?.$case === "opened").length;
  const autoFixes = events.filter(
    (event) => event?.$case === "resolved" && event.value.resolution === Resolution.AUTO_FIX,
  ).length;
  const totals = await tx.totals.sum();
  if (totals.incidents === incidents && totals.autoFixes === autoFixes) return [];
  const what = `${totals.incidents} incidents and ${totals.autoFixes} fixes counted, ${incidents} and ${autoFixes} logged`;
  return [{ rule: "totals are what the log says", what }];
}
