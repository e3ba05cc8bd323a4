import { STREAM_CHECKS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus, Message } from "@sentinel/messaging";
import type { Partition } from "./store/port.ts";
import { batches } from "./batches.ts";
import { type FoldDeps, foldBatch, type Folded } from "./fold.ts";

const MAX_BATCH = 1000;
/** Between two batches: nobody notices it, and a transaction for five results costs little more than one for one. */
const GATHER_MS = 40;
/** Tries in a row that failed before it counts as trouble: a store that restarts is back within them. */
const TROUBLE_AFTER = 3;
const RETRY_MS = [100, 250, 500, 1000, 2000] as const;

export interface OnCheckDeps extends FoldDeps {
  readonly bus: Bus;
  /** Told `fold_failing` when batch after batch cannot be folded, null when one was again. */
  readonly onTrouble: (trouble: "fold_failing" | null) => void;
  /** Called for each try to fold a batch that failed. */
  readonly onFailed: () => void;
}

/** Reads check results from where the last batch ended and folds them in batches, until the signal ends. */
export async function onCheck(
  deps: OnCheckDeps,
  onFolded: (folded: Folded) => void,
  signal: AbortSignal,
): Promise<void> {
  const { kit, bus, store } = deps;
  let failures = 0;
  const onTry = (done: boolean): void => {
    failures = done ? 0 : failures + 1;
    if (!done) deps.onFailed();
    deps.onTrouble(failures < TROUBLE_AFTER ? null : "fold_failing");
  };
  while (!signal.aborted) {
    try {
      const partitions = await store.transaction((tx) => tx.partitions.all());
      const from = startOf(partitions);
      const stream = bus.read(STREAM_CHECKS, { ...from, filter: "chk.v1.>", signal });
      for await (const batch of batches(stream, MAX_BATCH)) {
        const folded = await foldUntilDone(deps, batch, onTry, signal);
        if (folded === undefined) return;
        onFolded(folded);
        if (batch.length < MAX_BATCH) await kit.clock.sleep(GATHER_MS, signal);
      }
    } catch (error) {
      if (error instanceof SentinelError && error.code === "lease_lost") throw error;
      if (!signal.aborted) kit.log.warn("incidents.fold_interrupted", { error });
      deps.cache.clear();
      await kit.clock.sleep(1000, signal);
    }
  }
}

/**
 * The furthest cursor in the newest life of the stream: one reader folds in order, so all before it is folded. Should
 * the stream have another life by now, the bus begins with its first message.
 */
function startOf(partitions: readonly Partition[]): { readonly afterSeq: number; readonly epoch?: string } {
  const epoch =
    partitions
      .map((partition) => partition.streamEpoch)
      .toSorted()
      .at(-1) ?? "";
  if (epoch === "") return { afterSeq: 0 };
  const seqs = partitions.filter((partition) => partition.streamEpoch === epoch).map((partition) => partition.lastSeq);
  return { afterSeq: Math.max(...seqs), epoch };
}

/** A store that is away is waited for: the batch is folded when it is back, or not at all. */
async function foldUntilDone(
  deps: FoldDeps,
  batch: readonly Message[],
  onTry: (done: boolean) => void,
  signal: AbortSignal,
): Promise<Folded | undefined> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const folded = await foldBatch(deps, batch);
      onTry(true);
      return folded;
    } catch (thrown) {
      const error = SentinelError.from(thrown);
      if (error.code === "lease_lost") throw error;
      deps.kit.log.warn("incidents.fold_failed", { error: thrown, attempt });
      onTry(false);
      deps.cache.clear();
      if (error.code === "internal" && attempt >= RETRY_MS.length) throw error;
      await deps.kit.clock.sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 2000, signal);
    }
  }
  return undefined;
}
