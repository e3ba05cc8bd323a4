import { type IncidentTimelineChange, Resolution } from "@sentinel/contracts";
import type { Metrics, ServiceKit } from "@sentinel/service-kit";
import type { Board } from "./board.ts";
import { kpiProjection } from "./project-kpis.ts";
import type { FoldStore } from "./store/port.ts";

const READ_EVERY_MS = 5000;
const FOLD_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type IncidentsMetrics = ReturnType<typeof createIncidentsMetrics>;

/** The instruments of this service; made once a process, whatever becomes of its tenures. */
export function createIncidentsMetrics(metrics: Metrics) {
  return {
    folded: metrics.counter("sentinel_incidents_folded_results_total", "New check results folded."),
    foldSeconds: metrics.histogram(
      "sentinel_incidents_fold_duration_seconds",
      "From the begin of a batch to its commit.",
      FOLD_BUCKETS,
    ),
    open: metrics.gauge("sentinel_incidents_open", "Incidents open now."),
    outboxPending: metrics.gauge("sentinel_outbox_pending", "Outbox rows not done yet, by kind.", ["kind"]),
    deadLetters: metrics.counter(
      "sentinel_dead_letters_total",
      "Messages that could not be used and were kept aside.",
      ["source"],
    ),
    projectionParked: metrics.gauge(
      "sentinel_projection_parked",
      "Streams that a read model has stopped following because an event could not be applied.",
      ["projection"],
    ),
    projected: metrics.counter("sentinel_projection_events_total", "Events that read models have passed.", [
      "projection",
      "outcome",
    ]),
    repairs: metrics.counter(
      "sentinel_repairs_total",
      "Repairs by outcome: succeeded once a check has verified it, failed, unknown, or withheld.",
      ["outcome"],
    ),
    notifications: metrics.counter("sentinel_notifications_total", "Tries to tell people, by channel and outcome.", [
      "channel",
      "outcome",
    ]),
  };
}

/** Counts how repairs ended, as these events say. */
export function countRepairs({ repairs }: IncidentsMetrics, timeline: readonly IncidentTimelineChange[]): void {
  for (const { entry } of timeline) {
    const event = entry?.event?.event;
    switch (event?.$case) {
      case "resolved":
        if (event.value.resolution === Resolution.AUTO_FIX) repairs.inc({ outcome: "succeeded" });
        break;
      case "repairFailed":
        repairs.inc({ outcome: "failed" });
        break;
      case "repairOutcomeUnknown":
        repairs.inc({ outcome: "unknown" });
        break;
      case "repairWithheld":
        repairs.inc({ outcome: "withheld" });
        break;
      default:
    }
  }
}

/** Reads every few seconds what is a level and not a count. */
export async function readLevels(
  { kit, store, board, metrics }: { kit: ServiceKit; store: FoldStore; board: Board; metrics: IncidentsMetrics },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    metrics.open.set(board.incidents().filter((incident) => incident.resolvedAtMs === 0).length);
    try {
      const { pending, parked } = await store.transaction(async (tx) => ({
        pending: await tx.outbox.pending(),
        parked: await tx.kpis.parkedStreams(kpiProjection.version),
      }));
      // Another process may have released one: `sentinel projections unpark`.
      metrics.projectionParked.set({ projection: kpiProjection.name }, parked);
      for (const kind of ["event", "command", "notification"] as const) {
        metrics.outboxPending.set({ kind }, pending[kind]);
      }
    } catch (error) {
      if (!signal.aborted) kit.log.warn("incidents.levels_not_read", { error });
    }
    await kit.clock.sleep(READ_EVERY_MS, signal);
  }
}
