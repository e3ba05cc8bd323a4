import { type CheckResult, STREAM_WATERMARKS, Watermark } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Spool, Spooled } from "./spool/spool.ts";

const IN_FLIGHT = 64;
const RETRY_MS = [250, 500, 1000, 2000, 5000] as const;

export interface Publisher {
  /** Spools the result, then sees to it that it reaches the fold, however often the bus forgets. */
  submit(result: CheckResult): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Every result is on disk before it leaves and stays there until the fold's watermark of its partition has passed it
 * in the same stream epoch. Another epoch, or a bus that comes back, means publishing again: the id makes that harmless.
 */
export function createPublisher(kit: ServiceKit, bus: Bus, spool: Spool): Publisher {
  const stopping = new AbortController();
  const byPart = new Map<number, Map<string, Spooled>>();
  const queue: Spooled[] = [];
  const queued = new Set<string>();
  const marks = new Map<number, Watermark>();
  let releasing = Promise.resolve();
  let inFlight = 0;
  let failures = 0;

  const track = (entry: Spooled): void => {
    const part = byPart.get(entry.part) ?? new Map<string, Spooled>();
    byPart.set(entry.part, part);
    part.set(entry.id, entry);
  };
  const enqueue = (entry: Spooled): void => {
    if (queued.has(entry.id)) return;
    queued.add(entry.id);
    queue.push(entry);
    pump();
  };
  const pump = (): void => {
    while (inFlight < IN_FLIGHT && queue.length > 0 && !stopping.signal.aborted) {
      const entry = queue.shift();
      if (entry === undefined) return;
      inFlight += 1;
      void publish(entry);
    }
  };
  const publish = async (entry: Spooled): Promise<void> => {
    try {
      const ack = await bus.publish(entry.subject, entry.bytes, { id: entry.id });
      kit.failpoint("prober.after-publish");
      entry.ack = { epoch: ack.epoch, seq: ack.seq };
      failures = 0;
      queued.delete(entry.id);
      // The fold may be faster than the broker's answer.
      const mark = marks.get(entry.part);
      if (mark !== undefined && passed(entry, mark)) await release([entry]);
    } catch (error) {
      const delayMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 5000;
      failures += 1;
      if (failures === 1) kit.log.warn("prober.publish_failed", { error });
      await kit.clock.sleep(delayMs, stopping.signal);
      queued.delete(entry.id);
      if (!stopping.signal.aborted) enqueue(entry);
    } finally {
      inFlight -= 1;
      pump();
    }
  };
  /** One after the other: the spool writes its list of slots each time. */
  const release = (entries: readonly Spooled[]): Promise<void> => {
    for (const entry of entries) {
      const part = byPart.get(entry.part);
      if (part?.get(entry.id) === entry) part.delete(entry.id);
    }
    releasing = releasing
      .then(() => spool.release(entries))
      .catch((error: unknown) => kit.log.warn("prober.spool_release_failed", { error }));
    return releasing;
  };
  const onWatermark = async (mark: Watermark): Promise<void> => {
    marks.set(mark.part, mark);
    const entries = [...(byPart.get(mark.part)?.values() ?? [])];
    for (const entry of entries) {
      if (entry.ack !== undefined && entry.ack.epoch !== mark.streamEpoch) enqueue(entry);
    }
    await release(entries.filter((entry) => passed(entry, mark)));
  };
  const followWatermarks = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        for await (const message of bus.read(STREAM_WATERMARKS, { afterSeq: 0, signal: stopping.signal })) {
          await onWatermark(Watermark.decode(message.data));
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

  for (const entry of spool.left) {
    track(entry);
    enqueue(entry);
  }
  const following = Promise.all([followWatermarks(), followConnection()]);
  return {
    submit: async (result) => {
      const entry = await spool.append(result);
      kit.failpoint("prober.after-spool");
      track(entry);
      enqueue(entry);
    },
    stop: async () => {
      stopping.abort();
      await following;
      await releasing;
    },
  };
}

/** True when the fold has the result: its watermark is of the same life of the stream, and at or beyond it. */
const passed = (entry: Spooled, mark: Watermark): boolean =>
  entry.ack !== undefined && entry.ack.epoch === mark.streamEpoch && entry.ack.seq <= mark.seq;
