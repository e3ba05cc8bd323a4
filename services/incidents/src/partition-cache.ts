import { type Beat, type CheckResult, type Monitor, partitionOf } from "@sentinel/contracts";
import { initialMonitorState } from "./core/detection.ts";
import type { MonitorState } from "./core/types.ts";
import type { FoldTx, Partition } from "./store/port.ts";

const BEATS = 60;

export interface Known {
  readonly monitor: Monitor;
  readonly state: MonitorState;
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
    inserted?: readonly CheckResult[],
  ): Promise<Map<string, Known>>;
  /** After the commit. */
  remember(partitions: readonly Partition[], states: ReadonlyMap<string, Known>): void;
  clear(): void;
}

export function createPartitionCache(): PartitionCache {
  const entries = new Map<number, Entry>();
  const fresh = (partitions: readonly Partition[]): void => {
    for (const { part, revision } of partitions) {
      if (entries.get(part)?.revision !== revision) entries.set(part, { revision, known: new Map() });
    }
  };
  return {
    load: async (tx, partitions, ids, inserted = []) => {
      fresh(partitions);
      const found = new Map<string, Known>();
      const missing: string[] = [];
      for (const id of ids) {
        const known = entries.get(partitionOf(id))?.known.get(id);
        if (known === undefined) missing.push(id);
        else found.set(id, known);
      }
      if (missing.length > 0) for (const [id, known] of await read(tx, missing, inserted)) found.set(id, known);
      return found;
    },
    remember: (partitions, states) => {
      fresh(partitions);
      for (const [id, known] of states) entries.get(partitionOf(id))?.known.set(id, known);
    },
    clear: () => entries.clear(),
  };
}

async function read(tx: FoldTx, ids: readonly string[], inserted: readonly CheckResult[]): Promise<Map<string, Known>> {
  const unfolded = new Set(inserted.map(({ monitorId, slotMs }) => `${monitorId} ${slotMs}`));
  const monitors = await tx.monitors.load(ids);
  const states = await tx.states.load(ids);
  const beats = await tx.checks.beats(ids, BEATS);
  return new Map(
    monitors.map((monitor) => {
      const state = states.get(monitor.id) ?? initialMonitorState;
      const strip: readonly Beat[] = beats.get(monitor.id) ?? [];
      const folded = strip.filter(({ slotMs }) => !unfolded.has(`${monitor.id} ${slotMs}`));
      return [monitor.id, { monitor, state: { ...state, beats: folded } }];
    }),
  );
}
