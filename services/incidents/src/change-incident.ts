import { SentinelError } from "@sentinel/contracts/errors";
import type { IncidentCommand, IncidentState } from "./core/types.ts";
import { type CommandContext, type CommittedChanges, createIncidentChanges } from "./incident-changes.ts";
import type { IncidentChangesDeps } from "./incident-changes.ts";
import type { FoldStore, FoldTx } from "./store/port.ts";

export { repairKey } from "./incident-changes.ts";

/**
 * One command on one incident in a transaction of its own; `also` runs in the same transaction, after it.
 * @throws SentinelError `incident_not_found` {id}, `version_mismatch` {expected, actual}, and what the command refuses
 */
export type ChangeIncident = (
  id: number,
  command: IncidentCommand,
  context: CommandContext & { readonly expectedVersion?: number },
  also?: (tx: FoldTx, after: IncidentState) => Promise<void>,
) => Promise<IncidentState>;

export function createChangeIncident(
  deps: IncidentChangesDeps & { readonly store: FoldStore },
  onCommitted: (changes: CommittedChanges) => void,
): ChangeIncident {
  return async (id, command, context, also) => {
    const { after, committed } = await deps.store.transaction(async (tx) => {
      const before = (await tx.incidents.lock([id])).get(id);
      if (before === undefined) throw new SentinelError("incident_not_found", { id: String(id) });
      checkVersion(before, context.expectedVersion ?? 0);
      // Another member may have changed the monitor.
      const [monitor] = await tx.monitors.load([before.monitorId]);
      const channelsOf = (monitorId: string) => deps.channelsOf(monitorId, monitor);
      const changes = createIncidentChanges({ ...deps, channelsOf });
      const state = changes.apply(before, command, context);
      const done = await changes.commit(tx);
      await also?.(tx, state);
      return { after: state, committed: done };
    });
    onCommitted(committed);
    return after;
  };
}

/** @throws SentinelError `version_mismatch` {expected, actual} unless 0, for any, is expected */
export function checkVersion(state: IncidentState, expected: number): void {
  if (expected === 0 || expected === state.version) return;
  throw new SentinelError("version_mismatch", { expected: String(expected), actual: String(state.version) });
}
