import { postgresProjections, type Tx } from "@sentinel/eventstore/postgres";
import type { IncidentKpis, KpiRun } from "../../core/kpis.ts";
import { KPI_PROJECTION as name, type KpiDay, type KpiTable } from "../kpi-table.ts";
import { integers, texts } from "./arrays.ts";

export function postgresKpis(tx: Tx): KpiTable {
  const parkedStreams = async (generation: number): Promise<number> => {
    const [row] = await tx<{ count: number }[]>`
      SELECT count(*) FROM projection_parked WHERE name = ${name} AND generation = ${generation}`;
    return row?.count ?? 0;
  };
  return {
    runs: async (generation, ids) => {
      const rows = await tx<RunRow[]>`
        SELECT * FROM incident_kpi_runs
        WHERE generation = ${generation} AND incident_id = ANY(${integers(tx, ids)}::bigint[])`;
      return new Map(rows.map((row) => [row.incident_id, toRun(row)]));
    },
    saveRuns: (generation, runs) => saveRuns(tx, generation, runs),
    add: (generation, days) => add(tx, generation, days),
    drop: async (generation) => {
      await tx`DELETE FROM incident_kpi_runs WHERE generation = ${generation}`;
      await tx`DELETE FROM incident_kpis WHERE generation = ${generation}`;
    },
    since: async (dayMs) => {
      const generation = await postgresProjections.serving(tx, name);
      if (generation === 0) return undefined;
      const rows = await tx<DayRow[]>`
        SELECT * FROM incident_kpis WHERE generation = ${generation} AND day_ms >= ${dayMs}
        ORDER BY day_ms, monitor_id`;
      return { days: rows.map(toDay), parkedStreams: await parkedStreams(generation) };
    },
    parkedStreams,
  };
}

async function saveRuns(tx: Tx, generation: number, runs: readonly KpiRun[]): Promise<void> {
  if (runs.length === 0) return;
  const column = (value: (run: KpiRun) => number) => integers(tx, runs.map(value));
  await tx`
    INSERT INTO incident_kpi_runs
      (generation, incident_id, monitor_id, monitor_name, day_ms, started_at_ms, detected_at_ms, acknowledged)
    SELECT ${generation}::integer, n.* FROM unnest(
      ${column((run) => run.incidentId)}::bigint[], ${texts(runs.map((run) => run.monitorId))}::text[],
      ${texts(runs.map((run) => run.monitorName))}::text[], ${column((run) => run.dayMs)}::bigint[],
      ${column((run) => run.startedAtMs)}::bigint[], ${column((run) => run.detectedAtMs)}::bigint[],
      ${texts(runs.map((run) => String(run.acknowledged)))}::text[]::boolean[]
    ) AS n
    ON CONFLICT (generation, incident_id) DO UPDATE SET
      started_at_ms = excluded.started_at_ms, detected_at_ms = excluded.detected_at_ms,
      acknowledged = excluded.acknowledged`;
}

async function add(tx: Tx, generation: number, days: readonly KpiDay[]): Promise<void> {
  if (days.length === 0) return;
  // In one order for everybody, so that two who add cannot wait for each other.
  const sorted = days.toSorted((a, b) => a.dayMs - b.dayMs || (a.monitorId < b.monitorId ? -1 : 1));
  const column = (name: keyof IncidentKpis) =>
    integers(
      tx,
      sorted.map(({ kpis }) => kpis[name]),
    );
  const dayMs = integers(
    tx,
    sorted.map((day) => day.dayMs),
  );
  await tx`
    INSERT INTO incident_kpis AS k
      (generation, day_ms, monitor_id, monitor_name, incidents, auto_fixes, downtime_ms, detections, detection_ms,
        acknowledgements, acknowledgement_ms, resolutions, resolution_ms)
    SELECT ${generation}::integer, n.* FROM unnest(
      ${dayMs}::bigint[], ${texts(sorted.map((day) => day.monitorId))}::text[],
      ${texts(sorted.map((day) => day.monitorName))}::text[], ${column("incidents")}::bigint[],
      ${column("autoFixes")}::bigint[], ${column("downtimeMs")}::bigint[], ${column("detections")}::bigint[],
      ${column("detectionMs")}::bigint[], ${column("acknowledgements")}::bigint[],
      ${column("acknowledgementMs")}::bigint[], ${column("resolutions")}::bigint[],
      ${column("resolutionMs")}::bigint[]
    ) AS n
    ON CONFLICT (generation, day_ms, monitor_id) DO UPDATE SET
      monitor_name = excluded.monitor_name,
      incidents = k.incidents + excluded.incidents, auto_fixes = k.auto_fixes + excluded.auto_fixes,
      downtime_ms = k.downtime_ms + excluded.downtime_ms, detections = k.detections + excluded.detections,
      detection_ms = k.detection_ms + excluded.detection_ms,
      acknowledgements = k.acknowledgements + excluded.acknowledgements,
      acknowledgement_ms = k.acknowledgement_ms + excluded.acknowledgement_ms,
      resolutions = k.resolutions + excluded.resolutions, resolution_ms = k.resolution_ms + excluded.resolution_ms`;
}

interface RunRow {
  readonly incident_id: number;
  readonly monitor_id: string;
  readonly monitor_name: string;
  readonly day_ms: number;
  readonly started_at_ms: number;
  readonly detected_at_ms: number;
  readonly acknowledged: boolean;
}

const toRun = (row: RunRow): KpiRun => ({
  incidentId: row.incident_id,
  monitorId: row.monitor_id,
  monitorName: row.monitor_name,
  dayMs: row.day_ms,
  startedAtMs: row.started_at_ms,
  detectedAtMs: row.detected_at_ms,
  acknowledged: row.acknowledged,
});

interface DayRow {
  readonly monitor_id: string;
  readonly monitor_name: string;
  readonly day_ms: number;
  readonly incidents: number;
  readonly auto_fixes: number;
  readonly downtime_ms: number;
  readonly detections: number;
  readonly detection_ms: number;
  readonly acknowledgements: number;
  readonly acknowledgement_ms: number;
  readonly resolutions: number;
  readonly resolution_ms: number;
}

const toDay = (row: DayRow): KpiDay => ({
  monitorId: row.monitor_id,
  monitorName: row.monitor_name,
  dayMs: row.day_ms,
  kpis: {
    incidents: row.incidents,
    autoFixes: row.auto_fixes,
    downtimeMs: row.downtime_ms,
    detections: row.detections,
    detectionMs: row.detection_ms,
    acknowledgements: row.acknowledgements,
    acknowledgementMs: row.acknowledgement_ms,
    resolutions: row.resolutions,
    resolutionMs: row.resolution_ms,
  },
});
