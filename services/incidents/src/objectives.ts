import { type Incident, type Monitor, Nature, partitionOf, type Slo, type SloStatus } from "@sentinel/contracts";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Board } from "./board.ts";
import { initialIncidentState } from "./core/incident.ts";
import { BURN_WINDOWS, type BurnSpeed, burnSpeed, sloStatus } from "./core/slo.ts";
import { type CommittedChanges, createIncidentChanges, type IncidentChangesDeps } from "./incident-changes.ts";
import type { MaintenanceBook } from "./maintenance-book.ts";
import type { FoldStore } from "./store/port.ts";

const LOOK_EVERY_MS = 30_000;
const FIRST_LOOK_MS = 1000;
const SPANS_MS = Object.values(BURN_WINDOWS).flatMap(({ longMs, shortMs }) => [longMs, shortMs]);
const LONGEST_MS = Math.max(...SPANS_MS);

export interface ObjectivesDeps extends IncidentChangesDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly board: Board;
  readonly book: MaintenanceBook;
  readonly onChanged: (committed: CommittedChanges, monitorIds: readonly string[]) => void;
}

/**
 * Measures, every half minute, how the objectives are kept, and opens an incident of its own kind where an error budget is
 * used up too fast; it ends when that ends. What it reads is the check log, so it says the same after a restart.
 */
export async function watchObjectives(deps: ObjectivesDeps, signal: AbortSignal): Promise<void> {
  const { kit } = deps;
  for (let waitMs = FIRST_LOOK_MS; !signal.aborted; waitMs = LOOK_EVERY_MS) {
    await kit.clock.sleep(waitMs, signal);
    if (signal.aborted) return;
    try {
      await measureAll(deps, signal);
    } catch (error) {
      if (!signal.aborted) kit.log.warn("incidents.objectives_not_measured", { error });
    }
  }
}

async function measureAll(deps: ObjectivesDeps, signal: AbortSignal): Promise<void> {
  const { board } = deps;
  const watched = board.views().flatMap(({ monitor }) => (monitor === undefined ? [] : [monitor]));
  for (const monitor of watched) {
    const slo = monitor.spec?.slo;
    if (slo === undefined || monitor.spec?.paused === true || signal.aborted) continue;
    const { status, speed } = await measure(deps, monitor, slo);
    board.setSlo(monitor.id, status);
    const open = openBurnOf(board, monitor.id);
    const done =
      speed !== undefined && open === undefined && !isCovered(deps, monitor)
        ? await begin(deps, monitor, slo, speed, status)
        : speed === undefined && open !== undefined
          ? await end(deps, open)
          : undefined;
    deps.onChanged(done ?? { incidents: [], timeline: [], lines: [] }, [monitor.id]);
  }
  for (const incident of board.incidents().filter(isOpenBurn)) {
    const spec = board.monitor(incident.monitorId)?.spec;
    if (spec?.slo === undefined || spec.paused) deps.onChanged(await end(deps, incident), []);
  }
}

const isCovered = ({ book, kit }: ObjectivesDeps, { spec }: Monitor): boolean =>
  spec !== undefined && book.at(spec, kit.clock.now()) !== undefined;

const isOpenBurn = ({ nature, resolvedAtMs }: Incident): boolean => nature === Nature.SLO && resolvedAtMs === 0;

const openBurnOf = (board: Board, monitorId: string): Incident | undefined =>
  board.incidents().find((each) => each.monitorId === monitorId && isOpenBurn(each));

async function measure(
  { store, kit }: ObjectivesDeps,
  { id: monitorId, spec }: Monitor,
  slo: Slo,
): Promise<{ readonly status: SloStatus; readonly speed: BurnSpeed | undefined }> {
  const nowMs = kit.clock.now();
  const everyMs = spec?.everyMs ?? 0;
  return await store.transaction(async (tx) => {
    const timeOf = async (spanMs: number) =>
      (await tx.checks.summary({ monitorId, fromMs: nowMs - spanMs, toMs: nowMs, everyMs })).time;
    const down = new Map<number, number>([[LONGEST_MS, (await timeOf(LONGEST_MS)).downMs]]);
    // Without an outage in the longest of them there is none in the others.
    const anyDown = (down.get(LONGEST_MS) ?? 0) > 0;
    if (anyDown) for (const spanMs of SPANS_MS) down.set(spanMs, (await timeOf(spanMs)).downMs);
    const downWithin = (spanMs: number): number => down.get(spanMs) ?? 0;
    const status = sloStatus(slo, await timeOf(slo.windowMs), downWithin, nowMs);
    return { status, speed: burnSpeed(slo, downWithin) };
  });
}

async function begin(
  deps: ObjectivesDeps,
  { id: monitorId, spec }: Monitor,
  slo: Slo,
  speed: BurnSpeed,
  status: SloStatus,
): Promise<CommittedChanges> {
  const { store, kit } = deps;
  const atMs = kit.clock.now();
  return await store.transaction(async (tx) => {
    await tx.partitions.lock([partitionOf(monitorId)]);
    const open = await tx.incidents.list({ openOnly: true, monitorId, beforeId: 0, limit: 10 });
    if (spec === undefined || open.some(({ nature }) => nature === Nature.SLO)) {
      return { incidents: [], timeline: [], lines: [] };
    }
    const changes = createIncidentChanges(deps);
    const incidentId = await tx.incidents.nextId();
    const facts = { speed, slo, burn: speed === "fast" ? status.burn1h : status.burn6h, budgetLeft: status.budgetLeft };
    const command = { type: "OpenBurn", incidentId, monitorId, spec, ...facts, atMs } as const;
    changes.apply(initialIncidentState, command, { traceparent: "" });
    return await changes.commit(tx);
  });
}

async function end(deps: ObjectivesDeps, { id, monitorId }: Incident): Promise<CommittedChanges> {
  const { store, kit } = deps;
  return await store.transaction(async (tx) => {
    await tx.partitions.lock([partitionOf(monitorId)]);
    const before = (await tx.incidents.lock([id])).get(id);
    const changes = createIncidentChanges(deps);
    if (before !== undefined) changes.apply(before, { type: "EndBurn", atMs: kit.clock.now() }, { traceparent: "" });
    return await changes.commit(tx);
  });
}
