import { createMemoryProjections, type MemoryTx } from "@sentinel/eventstore/memory";
import { addKpis, type KpiRun } from "../../core/kpis.ts";
import { KPI_PROJECTION as name, type KpiDay, type KpiTable } from "../kpi-table.ts";

/** They hold nothing themselves, so these do for all transactions. */
const projections = createMemoryProjections();

export function memoryKpis(tx: MemoryTx): KpiTable {
  const runs = tx.table<string, KpiRun>("incident_kpi_runs");
  const days = tx.table<string, KpiDay>("incident_kpis");
  const isOf = (generation: number) => (key: string) => key.startsWith(`${generation} `);
  return {
    runs: async (generation, ids) =>
      new Map(
        ids.flatMap((id) => {
          const run = runs.get(`${generation} ${id}`);
          return run === undefined ? [] : [[id, run] satisfies [number, KpiRun]];
        }),
      ),
    saveRuns: async (generation, changed) => {
      for (const run of changed) runs.set(`${generation} ${run.incidentId}`, run);
    },
    add: async (generation, added) => {
      for (const day of added) {
        const key = `${generation} ${day.dayMs} ${day.monitorId}`;
        const before = days.get(key);
        days.set(key, before === undefined ? day : { ...day, kpis: addKpis(before.kpis, day.kpis) });
      }
    },
    drop: async (generation) => {
      for (const table of [runs, days]) {
        for (const key of [...table.keys()].filter(isOf(generation))) table.delete(key);
      }
    },
    since: async (dayMs) => {
      const generation = await projections.serving(tx, name);
      if (generation === 0) return undefined;
      const found = [...days.entries()].filter(([key, day]) => isOf(generation)(key) && day.dayMs >= dayMs);
      return {
        days: found.map(([, day]) => day).toSorted((a, b) => a.dayMs - b.dayMs || (a.monitorId < b.monitorId ? -1 : 1)),
        parkedStreams: (await projections.parked(tx, { name, generation })).length,
      };
    },
    parkedStreams: async (generation) => (await projections.parked(tx, { name, generation })).length,
  };
}
