import { setImmediate as nextTurn } from "node:timers/promises";
import type { Beat, Monitor, SentinelApi } from "@sentinel/contracts";
import type { ServiceKit } from "@sentinel/service-kit";

const RETRY_MS = 1000;
/** Definitions taken before whatever else is due. */
const A_TURN = 50;

/** Calls `onMonitor` and `onRemoved` as definitions change; keeps the last known set while the service is away. */
export async function followMonitors(
  kit: ServiceKit,
  api: Pick<SentinelApi, "watch">,
  handlers: {
    /** With its last rounds, oldest first. */
    readonly onMonitor: (monitor: Monitor, rounds: readonly Beat[]) => void;
    readonly onRemoved: (id: string) => void;
  },
  signal: AbortSignal,
): Promise<void> {
  const known = new Set<string>();
  while (!signal.aborted) {
    const seen = new Set<string>();
    try {
      let taken = 0;
      for await (const { change } of api.watch({ topic: "monitors" }, { signal, traceparent: "" })) {
        // What comes from this very process comes without a pause, and rounds that are due must not wait for all of it.
        taken += 1;
        if (taken % A_TURN === 0) await nextTurn();
        if (change?.$case === "monitor" && change.value.monitor !== undefined) {
          known.add(change.value.monitor.id);
          seen.add(change.value.monitor.id);
          handlers.onMonitor(change.value.monitor, change.value.beats);
        } else if (change?.$case === "monitorRemoved") {
          known.delete(change.value);
          handlers.onRemoved(change.value);
        } else if (change?.$case === "snapshotComplete") {
          for (const id of known) {
            if (seen.has(id)) continue;
            known.delete(id);
            handlers.onRemoved(id);
          }
        }
      }
    } catch (error) {
      if (!signal.aborted) kit.log.warn("prober.monitors_lost", { error });
    }
    await kit.clock.sleep(RETRY_MS, signal);
  }
}
