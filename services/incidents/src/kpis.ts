import type { SentinelApi } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { ServiceKit } from "@sentinel/service-kit";
import { addKpis, DAY_MS, type IncidentKpis, noKpis } from "./core/kpis.ts";
import { kpiProjection } from "./project-kpis.ts";
import type { KpiDay } from "./store/kpi-table.ts";
import type { FoldStore, FoldTx } from "./store/port.ts";

const USUAL_DAYS = 30;
const MOST_DAYS = 400;

/** Figures of the incidents that began in the last days. @throws SentinelError `kpis_not_ready` */
export function createKpiOperations({
  kit,
  store,
}: {
  readonly kit: Pick<ServiceKit, "clock">;
  readonly store: FoldStore;
}): Pick<SentinelApi, "getKpis"> {
  return {
    getKpis: async (request) => {
      const days = request.days === 0 ? USUAL_DAYS : Math.min(request.days, MOST_DAYS);
      const toMs = kit.clock.now();
      const fromMs = (Math.floor(toMs / DAY_MS) + 1 - days) * DAY_MS;
      const found = await store.transaction(async (tx) => {
        const counted = await tx.kpis.since(fromMs);
        return counted && { ...counted, open: await openDowntime(tx, fromMs, toMs) };
      });
      if (found === undefined) throw new SentinelError("kpis_not_ready");
      const counted = [...found.days, ...found.open];
      const byDay = sumBy(counted, ({ dayMs }) => dayMs);
      return {
        fromMs,
        toMs,
        total: counted.reduce((sum, { kpis }) => addKpis(sum, kpis), noKpis),
        monitors: byMonitor(counted),
        days: Array.from({ length: days }, (_, index) => {
          const dayMs = fromMs + index * DAY_MS;
          return { dayMs, kpis: byDay.get(dayMs) ?? noKpis };
        }),
        parkedStreams: found.parkedStreams,
      };
    },
  };
}

const ALL = 1_000_000;

/** What the read model cannot hold, as it grows while nothing happens: the downtime of open incidents until now. */
async function openDowntime(tx: FoldTx, fromMs: number, nowMs: number): Promise<readonly KpiDay[]> {
  // After the figures: an incident resolved in between is left out for a moment, and never counted twice.
  const open = await tx.incidents.list({ openOnly: true, monitorId: "", beforeId: 0, limit: ALL });
  const ids = open.map(({ id }) => id);
  const runs = await tx.kpis.runs(kpiProjection.version, ids);
  return [...runs.values()]
    .filter(({ dayMs }) => dayMs >= fromMs)
    .map(({ monitorId, monitorName, dayMs, startedAtMs }) => {
      return { monitorId, monitorName, dayMs, kpis: { ...noKpis, downtimeMs: Math.max(0, nowMs - startedAtMs) } };
    });
}

function sumBy<K>(days: readonly KpiDay[], keyOf: (day: KpiDay) => K): Map<K, IncidentKpis> {
  const sums = new Map<K, IncidentKpis>();
  for (const day of days) sums.set(keyOf(day), addKpis(sums.get(keyOf(day)) ?? noKpis, day.kpis));
  return sums;
}

function byMonitor(days: readonly KpiDay[]) {
  const names = new Map(days.toSorted((a, b) => a.dayMs - b.dayMs).map((day) => [day.monitorId, day.monitorName]));
  return [...sumBy(days, ({ monitorId }) => monitorId)]
    .map(([monitorId, kpis]) => ({ monitorId, monitorName: names.get(monitorId) ?? "", kpis }))
    .toSorted((a, b) => b.kpis.incidents - a.kpis.incidents || b.kpis.downtimeMs - a.kpis.downtimeMs);
}
