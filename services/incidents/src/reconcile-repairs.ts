import { partitionOf } from "@sentinel/contracts";
import type { ServiceKit } from "@sentinel/service-kit";
import type { ChangeIncident } from "./change-incident.ts";
import type { FoldStore } from "./store/port.ts";

const EVERY_MS = 5000;
const GRACE_MS = 10_000;

export interface ReconcileDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly owner: string;
  /** No other process can be running a repair. */
  readonly exclusive: boolean;
  readonly change: ChangeIncident;
  /** Whether this process settles repairs of that partition. */
  readonly owns: (part: number) => boolean;
}

/**
 * Settles repairs whose executor is gone: what they did is unknown, so they are not repeated; a check is asked for and
 * its result decides.
 */
export async function settleLostRepairs({ kit, store, owner, exclusive, change, owns }: ReconcileDeps): Promise<void> {
  const claims = await store.transaction((tx) => tx.claims.unfinished());
  for (const claim of claims) {
    const gone = (exclusive && claim.executor !== owner) || claim.overdueMs > GRACE_MS;
    if (!gone || !owns(partitionOf(claim.monitorId))) continue;
    const { incidentId, attempt } = claim;
    const atMs = kit.clock.now();
    await change(incidentId, { type: "LoseRepair", attempt, atMs }, { traceparent: "" }, (tx) =>
      tx.claims.finish(claim, atMs, "unknown"),
    );
    kit.log.info("incidents.repair_settled_by_check", { incident: incidentId, attempt });
  }
}

export async function reconcileRepairs(deps: ReconcileDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps.kit;
  while (!signal.aborted) {
    await clock.sleep(EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      await settleLostRepairs(deps);
    } catch (error) {
      log.warn("incidents.reconcile_failed", { error });
    }
  }
}
