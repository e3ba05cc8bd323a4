import { CheckResult, STREAM_WATERMARKS, Watermark } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus, PublishAck } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { smallerResult } from "./core/smaller-result.ts";
import { missedInstead } from "./core/spool-full.ts";
import { type Overflow, type Spool, type Spooled, toSpooled } from "./spool/spool.ts";

const IN_FLIGHT = 64;
const MARKS_MS = 3000;
const RETRY_MS = [250, 500, 1000, 2000, 5000] as const;
/** Results that may wait in memory while the disk takes none; beyond it they become records of missed slots. */
const MOST_UNSAVED = 20_000;
/** Segments of the spool begin at 1. */
const NO_SEGMENT = 0;

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
 * harmless.
 * While the disk takes nothing, results wait in memory and leave all the same.
 */
export function createPublisher(kit: ServiceKit, bus: Bus, spool: Spool): Publisher {
  const stopping = new AbortController();
  const begun = new AbortController();
  const byPart = new Map<number, Map<string, Spooled>>();
  let queue: Spooled[] = [];
  const queued = new Set<string>();
  const marks = new Map<number, Watermark>();
  /** How often the bus has refused a result for its size, by id. */
  const refusals = new Map<string, number>();
  const unsaved = new Map<string, Spooled>();
  const lost = kit.metrics.counter(
    "sentinel_prober_spool_dropped_total",
    "Results dropped because the spool was full, each recorded as missed.",
  );
  let unsafe: string | null = null;
  let releasing = Promise.resolve();
  let saving: Promise<void> | undefined;
  /** Places mean something only against the watermarks there were before: those are read first. */
  let marksRead = false;
  let inFlight = 0;
  let failures = 0;

  const current = (entry: Spooled): Spooled | undefined => byPart.get(entry.part)?.get(entry.id);
  const track = (entry: Spooled): void => {
    const part = byPart.get(entry.part) ?? new Map<string, Spooled>();
    byPart.set(entry.part, part);
    part.set(entry.id, entry);
  };
  const untrack = (entry: Spooled): void => {
    if (current(entry) !== entry) return;
    byPart.get(entry.part)?.delete(entry.id);
    refusals.delete(entry.id);
    unsaved.delete(entry.id);
  };
  const enqueue = (entry: Spooled): void => {
    if (queued.has(entry.id)) return;
    queued.add(entry.id);
    queue.push(entry);
    pump();
  };
  const pump = (): void => {
    while (marksRead && inFlight < IN_FLIGHT && queue.length > 0 && !stopping.signal.aborted) {
      const entry = queue.shift();
      if (entry === undefined) return;
      if (entry.dropped) {
        queued.delete(entry.id);
        continue;
      }
      inFlight += 1;
      void publish(entry);
    }
  };
  const publish = async (entry: Spooled): Promise<void> => {
    const before = marks.get(entry.part);
    try {
      entry.sent = true;
      const ack = await bus.publish(entry.subject, bytesOf(entry), { id: entry.id });
      kit.failpoint("prober.after-publish");
      failures = 0;
      queued.delete(entry.id);
      // What became of the entry meanwhile has the same id, so it is at the same place.
      const now = current(entry) ?? entry;
      now.ack = { epoch: ack.epoch, seq: ack.seq, generation: generationOf(ack, before) };
      // The fold may be faster than the broker's answer.
      const mark = marks.get(entry.part);
      if (mark !== undefined && passed(now, mark)) await release([now]);
    } catch (error) {
      await publishLater(entry, error);
    } finally {
      inFlight -= 1;
      pump();
    }
  };
  /** The course of the stream that the place is of, as far as is known when the result leaves. */
  const generationOf = ({ epoch, seq, duplicate }: PublishAck, before: Watermark | undefined): number => {
    const known = before ?? [...marks.values()].find((mark) => mark.streamEpoch === epoch);
    if (known?.streamEpoch !== epoch) return 0;
    // What was folded before it left cannot come after it: the broker numbers again, and the fold has yet to find out.
    const again = before !== undefined && !duplicate && seq <= before.seq;
    return again ? known.generation + 1 : known.generation;
  };
  const publishLater = async (entry: Spooled, error: unknown): Promise<void> => {
    if (SentinelError.from(error).code === "bus_message_too_large") {
      const count = (refusals.get(entry.id) ?? 0) + 1;
      refusals.set(entry.id, count);
      kit.log.warn("prober.result_too_large", { id: entry.id, bytes: entry.bytes.length, refusals: count });
      // The smallest form is refused as well: nothing is smaller, so it waits like any other failure.
      if (count <= 2) {
        queued.delete(entry.id);
        return enqueue(entry);
      }
    }
    const delayMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 5000;
    failures += 1;
    if (failures === 1) kit.log.warn("prober.publish_failed", { error });
    await kit.clock.sleep(delayMs, stopping.signal);
    queued.delete(entry.id);
    const now = current(entry);
    if (!stopping.signal.aborted && now !== undefined) enqueue(now);
  };
  const bytesOf = ({ id, bytes }: Spooled): Uint8Array => {
    const count = refusals.get(id);
    return count === undefined ? bytes : CheckResult.encode(smallerResult(CheckResult.decode(bytes), count)).finish();
  };
  /** One after the other: the spool writes its list of slots each time. */
  const release = (entries: readonly Spooled[]): Promise<void> => {
    for (const entry of entries) untrack(entry);
    releasing = releasing
      .then(() => spool.release(entries))
      .catch((error: unknown) => kit.log.warn("prober.spool_release_failed", { error }));
    return releasing;
  };
  const onWatermark = async (mark: Watermark): Promise<void> => {
    marks.set(mark.part, mark);
    const entries = [...(byPart.get(mark.part)?.values() ?? [])];
    for (const entry of entries) {
      if (entry.ack !== undefined && isPast(entry.ack, mark)) publishAgain(entry);
    }
    await release(entries.filter((entry) => passed(entry, mark)));
  };
  const begin = (): void => {
    if (marksRead) return;
    marksRead = true;
    begun.abort();
    pump();
  };
  /** Nothing waits for long where the watermarks cannot be read. */
  const beginAnyway = async (): Promise<void> => {
    const done = AbortSignal.any([stopping.signal, begun.signal]);
    await kit.clock.sleep(MARKS_MS, done);
    begin();
  };
  const followWatermarks = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const { lastSeq } = await bus.state(STREAM_WATERMARKS);
        if (lastSeq === 0) begin();
        for await (const message of bus.read(STREAM_WATERMARKS, { afterSeq: 0, signal: stopping.signal })) {
          await onWatermark(Watermark.decode(message.data));
          if (message.seq >= lastSeq) begin();
        }
      } catch (error) {
        kit.log.warn("prober.watermarks_lost", { error });
        await kit.clock.sleep(1000, stopping.signal);
      }
    }
  };
  /** A broker that was away may have lost its tail within the same epoch: everything unconfirmed goes out again. */
  const followConnection = async (): Promise<void> => {
    let was = bus.connected();
    while (!stopping.signal.aborted) {
      await kit.clock.sleep(1000, stopping.signal);
      const is = bus.connected();
      if (is && !was) for (const part of byPart.values()) for (const entry of part.values()) publishAgain(entry);
      was = is;
    }
  };
  /** Its old place may be another's by now, so a watermark says nothing of it until it has a new one. */
  const publishAgain = (entry: Spooled): void => {
    entry.ack = undefined;
    enqueue(entry);
  };
  const onOverflow = ({ dropped, missed }: Overflow): void => {
    for (const entry of dropped) {
      untrack(entry);
      queued.delete(entry.id);
    }
    queue = queue.filter((entry) => !entry.dropped);
    for (const entry of missed) {
      track(entry);
      enqueue(entry);
    }
    lost.inc({}, dropped.length);
    kit.log.error("prober.spool_full", { dropped: dropped.length, missed: missed.length, bytes: spool.bytes?.() ?? 0 });
  };
  const keepUnsaved = (result: CheckResult): void => {
    const entry = toSpooled(result, CheckResult.encode(result).finish(), NO_SEGMENT);
    unsaved.set(entry.id, entry);
    track(entry);
    enqueue(entry);
    if (unsaved.size <= MOST_UNSAVED) return;
    const dropped = [...unsaved.values()];
    const instead = missedInstead(dropped.map(({ bytes, sent }) => ({ result: CheckResult.decode(bytes), sent })));
    for (const each of dropped) each.dropped = true;
    const missed = instead.map((each) => toSpooled(each, CheckResult.encode(each).finish(), NO_SEGMENT));
    onOverflow({ dropped, missed });
    for (const each of missed) unsaved.set(each.id, each);
  };
  /** What had to wait in memory goes to disk when the disk takes results again. */
  const saveUnsaved = async (): Promise<void> => {
    for (const entry of unsaved.values()) {
      if (current(entry) !== entry) continue;
      const saved = await spool.append(CheckResult.decode(entry.bytes));
      unsaved.delete(entry.id);
      if (current(entry) !== entry) {
        await release([saved]);
        continue;
      }
      Object.assign(saved, { ack: entry.ack, sent: entry.sent });
      track(saved);
    }
  };
  const append = async (result: CheckResult): Promise<void> => {
    let entry: Spooled;
    try {
      entry = await spool.append(result);
    } catch (error) {
      if (unsafe === null) kit.log.error("prober.spool_failed", { error });
      unsafe = isFull(error) ? "disk_full" : "spool_failed";
      return keepUnsaved(result);
    }
    kit.failpoint("prober.after-spool");
    if (!entry.dropped) {
      track(entry);
      enqueue(entry);
    }
    if (unsafe !== null) kit.log.info("prober.spool_works_again", { waiting: unsaved.size });
    unsafe = null;
    if (unsaved.size > 0) {
      saving ??= saveUnsaved()
        .catch((error: unknown) => kit.log.warn("prober.spool_failed", { error }))
        .finally(() => {
          saving = undefined;
        });
    }
  };

  spool.onOverflow?.(onOverflow);
  for (const entry of spool.left) {
    track(entry);
    enqueue(entry);
  }
  const following = Promise.all([followWatermarks(), beginAnyway(), followConnection()]);
  return {
    submit: append,
    trouble: () => unsafe,
    stop: async () => {
      stopping.abort();
      await following;
      await saving;
      await releasing;
    },
  };
}

const isFull = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  (error.code === "ENOSPC" || error.code === "EDQUOT");

type Place = NonNullable<Spooled["ack"]>;

/** True when a place is of a course of the stream that has ended: what was there may be lost. */
const isPast = (ack: Place, mark: Watermark): boolean =>
  ack.epoch !== mark.streamEpoch || ack.generation < mark.generation;

/** True when the fold has the result: its watermark is of the same course of the stream, and at or beyond it. */
const passed = ({ ack }: Spooled, mark: Watermark): boolean =>
  ack !== undefined && ack.epoch === mark.streamEpoch && ack.generation === mark.generation && ack.seq <= mark.seq;
