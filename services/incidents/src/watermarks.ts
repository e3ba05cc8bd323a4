import { STREAM_WATERMARKS, subjects, Watermark } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { createKick } from "./kick.ts";
import type { FoldStore, Partition } from "./store/port.ts";

const GATHER_MS = 50;
const RETRY_MS = 1000;

type End = Pick<Partition, "part" | "streamEpoch" | "lastSeq" | "generation">;

/** Tells the probers how far each partition is safe in the store, a few times a second at most. */
export function createWatermarks(
  kit: ServiceKit,
  bus: Bus,
  store: FoldStore,
): { moved(ends: readonly End[]): void; run(signal: AbortSignal): Promise<void> } {
  const dirty = new Map<number, End>();
  const kick = createKick();
  const moved = (ends: readonly End[]): void => {
    for (const end of ends) dirty.set(end.part, end);
    kick.now();
  };
  const publish = async (): Promise<void> => {
    const ends = [...dirty.values()];
    dirty.clear();
    try {
      await Promise.all(
        ends.map(({ part, streamEpoch, lastSeq, generation }) =>
          bus.publish(
            subjects.watermark(part),
            Watermark.encode({ part, streamEpoch, seq: lastSeq, generation }).finish(),
          ),
        ),
      );
    } catch (error) {
      // Only the newest matters: what moved meanwhile wins.
      for (const end of ends) if (!dirty.has(end.part)) dirty.set(end.part, end);
      throw error;
    }
  };
  return {
    moved,
    run: async (signal) => {
      // The bus may have forgotten the marks; the store has not.
      const partitions = await store.transaction((tx) => tx.partitions.all());
      moved(partitions.filter((partition) => partition.streamEpoch !== ""));
      while (!signal.aborted) {
        await kick.wait(kit.clock, 60_000, signal);
        await kit.clock.sleep(GATHER_MS, signal);
        if (dirty.size === 0 || signal.aborted) continue;
        try {
          await publish();
        } catch (error) {
          kit.log.warn("incidents.watermark_failed", { error, stream: STREAM_WATERMARKS });
          await kit.clock.sleep(RETRY_MS, signal);
          kick.now();
        }
      }
    },
  };
}
