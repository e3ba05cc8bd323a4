import { decodeIncidentEvent } from "@sentinel/contracts/events";
import type { EventContent, ProjectionDefinition } from "@sentinel/eventstore";
import type { ServiceKit } from "@sentinel/service-kit";
import { addKpis, countKpis, type KpiRun, noKpis } from "./core/kpis.ts";
import type { IncidentsMetrics } from "./metrics.ts";
import { KPI_PROJECTION, type KpiDay } from "./store/kpi-table.ts";
import type { FoldStore, FoldTx } from "./store/port.ts";

/** Incident figures per monitor and day, from the events of incidents. */
export const kpiProjection: ProjectionDefinition<FoldTx> = {
  name: KPI_PROJECTION,
  version: 1,
  apply: async (tx, events) => {
    const due = events.flatMap((stored) => {
      const incidentId = incidentOf(stored);
      return incidentId === undefined ? [] : [{ incidentId, stored }];
    });
    if (due.length === 0) return;
    const { version } = kpiProjection;
    const runs = new Map(await tx.kpis.runs(version, [...new Set(due.map(({ incidentId }) => incidentId))]));
    const changed = new Map<number, KpiRun>();
    const days = new Map<string, KpiDay>();
    for (const { incidentId, stored } of due) {
      const step = countKpis(runs.get(incidentId), { event: decodeIncidentEvent(stored), atMs: stored.atMs });
      if (step === undefined) continue;
      runs.set(incidentId, step.run);
      changed.set(incidentId, step.run);
      const { monitorId, monitorName, dayMs } = step.run;
      const key = `${dayMs} ${monitorId}`;
      days.set(key, { monitorId, monitorName, dayMs, kpis: addKpis(days.get(key)?.kpis ?? noKpis, step.added) });
    }
    await tx.kpis.saveRuns(version, [...changed.values()]);
    await tx.kpis.add(version, [...days.values()]);
  },
  drop: (tx, version) => tx.kpis.drop(version),
};

function incidentOf({ stream }: EventContent): number | undefined {
  const id = /^incident-(\d{1,9})$/.exec(stream)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** Longer than others wait: it is woken by each append, and only hints that were lost are waited for. */
const POLL_MS = 30_000;

/** Keeps the figures up to date until the signal ends; streams that cannot be used are logged and counted. */
export async function projectKpis(
  { kit, store, metrics }: { readonly kit: ServiceKit; readonly store: FoldStore; readonly metrics: IncidentsMetrics },
  signal: AbortSignal,
): Promise<void> {
  const projection = KPI_PROJECTION;
  const level = async (): Promise<void> => {
    const parked = await store.transaction((tx) => tx.kpis.parkedStreams(kpiProjection.version));
    metrics.projectionParked.set({ projection }, parked);
  };
  const readLevel = (): void => {
    level().catch((error: unknown) => {
      if (!signal.aborted) kit.log.warn("incidents.levels_not_read", { error });
    });
  };
  const ended = await store.project(
    kpiProjection,
    { clock: kit.clock, signal, pollMs: POLL_MS },
    {
      onApplied: (events) => metrics.projected.inc({ projection, outcome: "applied" }, events),
      onSkipped: (events) => metrics.projected.inc({ projection, outcome: "skipped" }, events),
      onParked: ({ stream, version, reason }) => {
        kit.log.error("projection.stream_parked", { projection, stream, version, reason });
        readLevel();
      },
      onUnparked: (stream) => {
        kit.log.info("projection.stream_unparked", { projection, stream });
        readLevel();
      },
      onServing: (version) => kit.log.info("projection.serving", { projection, version }),
      onStarted: readLevel,
      onTrouble: (error) => {
        if (!signal.aborted) kit.log.warn("projection.interrupted", { projection, error });
      },
    },
  );
  if (ended === "superseded") kit.log.warn("projection.superseded", { projection, version: kpiProjection.version });
}
