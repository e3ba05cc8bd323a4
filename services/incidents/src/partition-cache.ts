import { type CheckResult, type Monitor, partitionOf } from "@sentinel/contracts";
import { initialMonitorState } from "./core/detection.ts";
import type { MonitorState } from "./core/types.ts";
import { loadStates } from "./load-states.ts";
import type { FoldTx, Partition } from "./store/port.ts";

export interface Known {
  readonly monitor: Monitor;
  readonly state: MonitorState;
}

/** Of each monitor and region, an instant that none of its rounds is later than. */
interface NewestSlots {
  readonly isNewer: (result: CheckResult) => boolean;
  note(results: readonly CheckResult[]): void;
}

interface Slots {
  /** While it lasts nobody else adds rounds to the partition. */
  readonly epoch: number;
  /** Of all that were not seen since. */
  readonly floorMs: number;
  readonly byKey: Map<string, number>;
}

interface Entry {
  readonly revision: number;
  readonly known: Map<string, Known>;
}

/** Monitors and their states as the last batches left them; a partition whose revision grew is read again. */
export interface PartitionCache {
  /**
   * Those of the ids that live, from memory where that is still true, else from the store. Rounds inserted before in
   * the same transaction are to be folded yet, so they are not part of the states.
   */
  load(
    tx: FoldTx,
    partitions: readonly Partition[],
    ids: readonly string[],
    nowMs: number,
    inserted?: readonly CheckResult[],
  ): Promise<Map<string, Known>>;
  /** What is known of the newest rounds of these partitions, which must be locked. */
  newest(tx: FoldTx, partitions: readonly Partition[]): Promise<NewestSlots>;
  /** After the commit. */
  remember(partitions: readonly Partition[], states: ReadonlyMap<string, Known>): void;
  clear(): void;
}

export function createPartitionCache(): PartitionCache {
  const entries = new Map<number, Entry>();
  const slots = new Map<number, Slots>();
  const fresh = (partitions: readonly Partition[]): void => {
    for (const { part, revision } of partitions) {
      if (entries.get(part)?.revision !== revision) entries.set(part, { revision, known: new Map() });
    }
  };
  return {
    load: async (tx, partitions, ids, nowMs, inserted = []) => {
      fresh(partitions);
      const found = new Map<string, Known>();
      const missing: string[] = [];
      for (const id of ids) {
        const known = entries.get(partitionOf(id))?.known.get(id);
        if (known === undefined) missing.push(id);
        else found.set(id, known);
      }
      if (missing.length > 0) for (const [id, known] of await read(tx, missing, nowMs, inserted)) found.set(id, known);
      return found;
    },
    remember: (partitions, states) => {
      fresh(partitions);
      for (const [id, known] of states) entries.get(partitionOf(id))?.known.set(id, known);
    },
    newest: async (tx, partitions) => {
      const unknown = partitions.filter(({ part, epoch }) => slots.get(part)?.epoch !== epoch);
      if (unknown.length > 0) {
        const floorMs = await tx.checks.newestSlotMs();
        for (const { part, epoch } of unknown) slots.set(part, { epoch, floorMs, byKey: new Map() });
      }
      return newestOf(slots);
    },
    clear: () => {
      entries.clear();
      slots.clear();
    },
  };
}

function newestOf(slots: ReadonlyMap<number, Slots>): NewestSlots {
  const keyOf = ({ monitorId, region }: CheckResult): string => `${monitorId} ${region}`;
  const newestMs = (result: CheckResult): number => {
    const known = slots.get(partitionOf(result.monitorId));
    return known === undefined ? Infinity : (known.byKey.get(keyOf(result)) ?? known.floorMs);
  };
  return {
    isNewer: (result) => result.slotMs > newestMs(result),
    note: (results) => {
      for (const result of results) {
        const mine = slots.get(partitionOf(result.monitorId))?.byKey;
        mine?.set(keyOf(result), Math.max(newestMs(result), result.slotMs));
      }
    },
  };
}

async function read(
  tx: FoldTx,
  ids: readonly string[],
  nowMs: number,
  inserted: readonly CheckResult[],
): Promise<Map<string, Known>> {
  const unfolded = new Set(inserted.map(({ monitorId, slotMs }) => `${monitorId} ${slotMs}`));
  const monitors = await tx.monitors.load(ids);
  const states = await loadStates(tx, ids, nowMs, (id, slotMs) => !unfolded.has(`${id} ${slotMs}`));
  return new Map(
    monitors.map((monitor) => [monitor.id, { monitor, state: states.get(monitor.id) ?? initialMonitorState }]),
  );
}
