import type { IncidentKpis, KpiRun } from "../core/kpis.ts";

export const KPI_PROJECTION = "incident_kpis";

/** The figures of one monitor for the incidents that began on one day. */
export interface KpiDay {
  readonly monitorId: string;
  /** As the monitor was called last. */
  readonly monitorName: string;
  /** Start of the day, UTC. */
  readonly dayMs: number;
  readonly kpis: IncidentKpis;
}

/** The read model of incident figures, by generation, and what must be remembered to make it. */
export interface KpiTable {
  runs(generation: number, incidentIds: readonly number[]): Promise<ReadonlyMap<number, KpiRun>>;
  saveRuns(generation: number, runs: readonly KpiRun[]): Promise<void>;
  /** Adds to the days' figures; one row per monitor and day. */
  add(generation: number, days: readonly KpiDay[]): Promise<void>;
  drop(generation: number): Promise<void>;
  /** Of the generation that serves, by day and monitor; undefined while there is none. */
  since(dayMs: number): Promise<{ readonly days: readonly KpiDay[]; readonly parkedStreams: number } | undefined>;
  parkedStreams(generation: number): Promise<number>;
}
