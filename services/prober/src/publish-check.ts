import { type CheckResult, STREAM_WATERMARKS, Watermark } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { createKeeper } from "./keep-result.ts";
import { createOutgoing } from "./outgoing.ts";
import type { Overflow, Spool, Spooled } from "./spool/spool.ts";
import { createUnconfirmed, isPast, passed } from "./unconfirmed.ts";

/** Where the watermarks cannot be read, results wait for them no longer than this. */
const MARKS_MS = 3000;

export interface Publisher {
  /** Spools the result, then sees to it that it reaches the fold, however often the bus forgets. */
  submit(result: CheckResult): Promise<void>;
  /** Why results are not safe on disk at the moment, as an error code; null when they are. */
  trouble(): string | null;
  stop(): Promise<void>;
}

/**
 * Every result is on disk before it leaves and stays there until the fold's watermark of its partition has passed it
 * in the same course of the stream. Another course, or a bus that comes back, means publishing again: the id makes that
 * harmless. While the disk takes nothing, results wait in memory and leave all the same.
 */
export function createPublisher(kit: ServiceKit, bus: Bus, spool: Spool): Publisher {
  const stopping = new AbortController();
  const { signal } = stopping;
  const unconfirmed = createUnconfirmed();
  const lost = kit.metrics.counter(
    "sentinel_prober_spool_dropped_total",
    "Results dropped because the spool was full, each recorded as missed.",
  );
  let releasing = Promise.resolve();
  /** One after the other: the spool writes its list of slots each time. */
  const release = (entries: readonly Spooled[]): Promise<void> => {
    for (const entry of entries) {
      if (!unconfirmed.remove(entry)) continue;
      outgoing.forget(entry);
      keeper.forget(entry);
    }
    releasing = releasing
      .then(() => spool.release(entries))
      .catch((error: unknown) => kit.log.warn("prober.spool_release_failed", { error }));
    return releasing;
  };
  const onPublished = async (entry: Spooled): Promise<void> => {
    // The fold may be faster than the broker's answer.
    if (passed(entry, unconfirmed.markOf(entry.part))) await release([entry]);
  };
  const outgoing = createOutgoing({ kit, bus, unconfirmed, onPublished, stopping: signal });
  const onOverflow = ({ dropped, missed }: Overflow): void => {
    outgoing.sweep(dropped);
    for (const entry of dropped) {
      if (!unconfirmed.remove(entry)) continue;
      outgoing.forget(entry);
      keeper.forget(entry);
    }
    for (const entry of missed) {
      unconfirmed.add(entry);
      outgoing.add(entry);
    }
    lost.inc({}, dropped.length);
    kit.log.error("prober.spool_full", { dropped: dropped.length, missed: missed.length, bytes: spool.bytes?.() ?? 0 });
  };
  const keeper = createKeeper({ kit, spool, unconfirmed, onOverflow });
  /** Its old place may be another's by now, so a watermark says nothing of it until it has a new one. */
  const publishAgain = (entry: Spooled): void => {
    entry.ack = undefined;
    outgoing.add(entry);
  };
  const onWatermark = async (mark: Watermark): Promise<void> => {
    unconfirmed.setMark(mark);
    const entries = unconfirmed.ofPart(mark.part);
    for (const entry of entries) if (entry.ack !== undefined && isPast(entry.ack, mark)) publishAgain(entry);
    await release(entries.filter((entry) => passed(entry, mark)));
  };

  spool.onOverflow?.(onOverflow);
  for (const entry of spool.left) {
    unconfirmed.add(entry);
    outgoing.add(entry);
  }
  const following = Promise.all([
    followWatermarks({ kit, bus, onWatermark, onRead: outgoing.begin }, signal),
    kit.clock.sleep(MARKS_MS, signal).then(outgoing.begin),
    followConnection({ kit, bus, onBack: () => unconfirmed.all().forEach(publishAgain) }, signal),
  ]);
  return {
    submit: async (result) => {
      const entry = await keeper.keep(result);
      if (entry !== undefined) outgoing.add(entry);
    },
    trouble: keeper.trouble,
    stop: async () => {
      stopping.abort();
      await following;
      await keeper.settled();
      await releasing;
    },
  };
}

interface Following {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly onWatermark: (mark: Watermark) => Promise<void>;
  /** All there were at the start are read: a place means something only against those from before. */
  readonly onRead: () => void;
}

async function followWatermarks({ kit, bus, onWatermark, onRead }: Following, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { lastSeq } = await bus.state(STREAM_WATERMARKS);
      if (lastSeq === 0) onRead();
      for await (const message of bus.read(STREAM_WATERMARKS, { afterSeq: 0, signal })) {
        await onWatermark(Watermark.decode(message.data));
        if (message.seq >= lastSeq) onRead();
      }
    } catch (error) {
      kit.log.warn("prober.watermarks_lost", { error });
      await kit.clock.sleep(1000, signal);
    }
  }
}

/** A broker that was away may have lost its tail within the same epoch: everything unconfirmed goes out again. */
async function followConnection(
  { kit, bus, onBack }: { readonly kit: ServiceKit; readonly bus: Bus; readonly onBack: () => void },
  signal: AbortSignal,
): Promise<void> {
  let was = bus.connected();
  while (!signal.aborted) {
    await kit.clock.sleep(1000, signal);
    const is = bus.connected();
    if (is && !was) onBack();
    was = is;
  }
}
