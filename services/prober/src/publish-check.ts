import { type CheckResult, STREAM_WATERMARKS, Watermark } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { isCovered, isPast, patienceMs } from "./core/publish-again.ts";
import { createKeeper } from "./keep-result.ts";
import { createOutgoing } from "./outgoing.ts";
import type { Overflow, Spool, Spooled } from "./spool/spool.ts";
import { createUnconfirmed } from "./unconfirmed.ts";

/** Where the watermarks cannot be read, results wait for them no longer than this. */
const MARKS_MS = 3000;
const LOOK_EVERY_MS = 1000;

/** The clock of the fold showed `atMs` at some moment after `sentMs`, which is of the monotonic clock here. */
export type OnConfirmed = (sentMs: number, atMs: number) => void;

export interface Publisher {
  /** Spools the result, then sees to it that it reaches the fold, however often the bus forgets. */
  submit(result: CheckResult): Promise<void>;
  /** Why results are not safe on disk at the moment, as an error code; null when they are. */
  trouble(): string | null;
  stop(): Promise<void>;
}

/**
 * Every result is on disk before it leaves and stays there until the fold tells that this very result is safe in the
 * store; how far the fold has come in the stream confirms nothing, because a broker that forgot gives numbers twice.
 * What is not confirmed in time, or after the bus was away, is published again, at last as a new message. While the disk
 * takes nothing, results wait in memory and leave all the same.
 */
export function createPublisher(
  kit: ServiceKit,
  bus: Bus,
  spool: Spool,
  onConfirmed: OnConfirmed = () => undefined,
): Publisher {
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
  const marks = new Map<number, Watermark>();
  const waitsFrom = (entry: Spooled, covered: boolean): number =>
    kit.clock.monotonic() + patienceMs(covered, entry.again);
  const onPublished = (entry: Spooled): void => {
    const covered = entry.ack !== undefined && isCovered(entry.ack, marks.get(entry.part));
    entry.againAtMs = waitsFrom(entry, covered);
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
  /** Its id keeps the bus from storing it twice. */
  const publishAgain = (entry: Spooled): void => {
    entry.ack = undefined;
    entry.againAtMs = Number.POSITIVE_INFINITY;
    outgoing.add(entry);
  };
  const onWatermark = async (mark: Watermark): Promise<void> => {
    const before = marks.get(mark.part);
    marks.set(mark.part, mark);
    const confirmed = unconfirmed.confirmedBy(mark);
    const sent = confirmed.flatMap(({ sentAtMs }) => sentAtMs ?? []);
    if (sent.length > 0 && mark.atMs > 0) onConfirmed(Math.max(...sent), mark.atMs);
    await release(confirmed);
    for (const entry of unconfirmed.ofPart(mark.part)) {
      if (entry.ack === undefined) continue;
      if (isPast(entry.ack, mark, before)) publishAgain(entry);
      else if (isCovered(entry.ack, mark)) entry.againAtMs = Math.min(entry.againAtMs, waitsFrom(entry, true));
    }
  };
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      await kit.clock.sleep(LOOK_EVERY_MS, signal);
      const nowMs = kit.clock.monotonic();
      for (const entry of unconfirmed.all()) {
        if (entry.ack === undefined || entry.againAtMs > nowMs) continue;
        // The fold has come past it without having it, so the bus must not take it for one that it has.
        if (isCovered(entry.ack, marks.get(entry.part))) entry.renewed += 1;
        entry.again += 1;
        publishAgain(entry);
      }
    }
  };

  spool.onOverflow?.(onOverflow);
  for (const entry of spool.left) {
    unconfirmed.add(entry);
    outgoing.add(entry);
  }
  const following = Promise.all([
    followWatermarks({ kit, bus, onWatermark, onRead: outgoing.begin }, signal),
    kit.clock.sleep(MARKS_MS, signal).then(outgoing.begin),
    look(),
  ]);
  // It may have lost its newest messages, and would not say so.
  const stopListening = bus.onBack(() => unconfirmed.all().forEach(publishAgain));
  return {
    submit: async (result) => {
      const entry = await keeper.keep(result);
      if (entry !== undefined) outgoing.add(entry);
    },
    trouble: keeper.trouble,
    stop: async () => {
      stopping.abort();
      stopListening();
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
