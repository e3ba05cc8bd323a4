import { STREAM_WATERMARKS, subjects, Watermark } from "@sentinel/contracts";
import { type Bus, packFingerprints } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { FoldedEnd } from "./fold.ts";
import { createKick } from "./kick.ts";

const GATHER_MS = 50;
const RETRY_MS = 1000;
/** Told again with each mark, for a prober that missed the one before: the bus keeps the newest of each partition. */
const TOLD_AGAIN = 64;
/** While the bus takes no marks; what is not told comes again, and is told then. */
const MOST_TOLD = 20_000;

type End = Pick<FoldedEnd, "part" | "streamEpoch" | "lastSeq" | "generation" | "prints">;

export interface Watermarks {
  /** Also to be told where partitions stand that are new to this process: the bus may have forgotten their marks. */
  moved(ends: readonly End[]): void;
  run(signal: AbortSignal): Promise<void>;
}

/** Tells the probers which results are safe in the store, and how far each partition is, a few times a second at most. */
export function createWatermarks(kit: ServiceKit, bus: Bus): Watermarks {
  const dirty = new Map<number, End>();
  const told = new Map<number, readonly string[]>();
  const kick = createKick();
  const later = (ends: readonly End[], isNewer: boolean): void => {
    for (const end of ends) {
      const waiting = dirty.get(end.part);
      const [first, second] = isNewer ? [waiting, end] : [end, waiting];
      const prints = [...(first?.prints ?? []), ...(second?.prints ?? [])].slice(-MOST_TOLD);
      dirty.set(end.part, { ...(second ?? end), prints });
    }
  };
  const publish = async (): Promise<void> => {
    const ends = [...dirty.values()];
    dirty.clear();
    const results = await Promise.allSettled(ends.map(publishOne));
    // Of places only the newest matters; what moved meanwhile wins.
    later(
      ends.filter((_, index) => results[index]?.status === "rejected"),
      false,
    );
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  const publishOne = async ({ part, streamEpoch, lastSeq, generation, prints }: End): Promise<void> => {
    const folded = packFingerprints([...(told.get(part) ?? []), ...prints]);
    const mark = Watermark.fromPartial({
      part,
      streamEpoch,
      seq: lastSeq,
      generation,
      folded,
      atMs: kit.clock.now(),
    });
    await bus.publish(subjects.watermark(part), Watermark.encode(mark).finish());
    told.set(part, [...(told.get(part) ?? []), ...prints].slice(-TOLD_AGAIN));
  };
  return {
    moved: (ends) => {
      later(ends, true);
      kick.now();
    },
    run: async (signal) => {
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
