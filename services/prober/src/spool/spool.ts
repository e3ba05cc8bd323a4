import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CheckResult, partitionOf, subjects } from "@sentinel/contracts";
import type { PublishAck } from "@sentinel/messaging";
import { missedInstead } from "../core/spool-full.ts";
import { type LastSlots, openLastSlots } from "./last-slots.ts";
import { frame, records } from "./segment.ts";
import { createSegmentWriter, segmentFile } from "./segment-writer.ts";

const MAX_BYTES = 256_000_000;
const SEGMENT_BYTES = 4_000_000;

/** A result that the fold has not confirmed yet. */
export interface Spooled {
  readonly id: string;
  readonly part: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly segment: number;
  /** Where the bus put it; undefined while not published. */
  ack: Pick<PublishAck, "epoch" | "seq"> | undefined;
  /** When it is published once more unless it is confirmed before, on the monotonic clock. */
  againAtMs: number;
  /** How often it was published once more because its time had come. */
  again: number;
  /** How often it was published as another message, for a broker that remembers its id but may not have it. */
  renewed: number;
  /** The bus was given it once, in this life of the prober or maybe in a former one. */
  sent: boolean;
  /** When this life of the prober gave it to the bus for the first time, on the monotonic clock. */
  sentAtMs: number | undefined;
  /** It had to go, so it must not be sent any more: a record of a missed slot stands for it. */
  dropped: boolean;
}

/** What a full spool gave up, and the records of missed slots that stand for it, which are on disk. */
export interface Overflow {
  readonly dropped: readonly Spooled[];
  readonly missed: readonly Spooled[];
}

export interface SpoolOptions {
  /** How much may be on disk; the oldest results go when it is more. 256 MB when absent. */
  readonly maxBytes?: number;
}

export interface Spool {
  /** What a former life of this prober left unconfirmed. */
  readonly left: readonly Spooled[];
  /** How far each monitor had come on this disk when it was opened, results that are gone since included. */
  readonly lastSlots: ReadonlyMap<string, LastSlots>;
  /** Resolves when the result is on disk, synced. */
  append(result: CheckResult): Promise<Spooled>;
  /** The fold has it: its segment goes when all of it may. */
  release(entries: readonly Spooled[]): Promise<void>;
  /** Results not confirmed yet. */
  size(): number;
  /** Bytes on disk; absent where nothing is kept there. */
  bytes?(): number;
  /** Told what is dropped for want of room; absent where nothing ever is. */
  onOverflow?(listener: (overflow: Overflow) => void): void;
  close(): Promise<void>;
}

export const spoolId = (result: CheckResult): string => `${result.monitorId}:${result.region}:${result.slotMs}`;

/**
 * Opens the spool folder, reading what is there; whoever is given the spool closes it. Appends of some milliseconds share one
 * write and one sync. When more than `maxBytes` are on disk the oldest segment goes; what is lost with it is recorded
 * as missed first.
 */
export async function openSpool(folder: string, options: SpoolOptions = {}): Promise<Spool> {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  // A few segments at least, so that dropping one leaves most of what is there.
  const segmentBytes = Math.min(SEGMENT_BYTES, maxBytes / 8);
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.endsWith(".spool")).toSorted();
  const lastSlots = await openLastSlots(folder);
  const kept = createKept();
  let segment = 0;
  for (const name of names) {
    segment = Number.parseInt(name, 10);
    const content = await readFile(join(folder, name));
    for (const bytes of records(content)) {
      const result = CheckResult.decode(bytes);
      lastSlots.note(result);
      kept.add({ ...toSpooled(result, bytes, segment), sent: true });
    }
    if (kept.has(segment)) kept.wrote(segment, content.length);
    else await rm(join(folder, name));
  }
  const left = kept.all();
  const writer = createSegmentWriter(folder, segment + 1, { segmentBytes, spent: (number) => kept.isSpent(number) });
  let overflowing: Promise<void> | undefined;
  let listener: (overflow: Overflow) => void = () => undefined;

  const write = async (result: CheckResult): Promise<Spooled> => {
    const bytes = CheckResult.encode(result).finish();
    const framed = frame(bytes);
    const entry = toSpooled(result, bytes, await writer.write(framed));
    kept.wrote(entry.segment, framed.length);
    kept.add(entry);
    return entry;
  };
  const dropSegments = async (done: readonly number[]): Promise<void> => {
    if (done.length === 0) return;
    // Written before the segments go, so that the newest slot of a monitor is always on disk somewhere.
    await lastSlots.save();
    for (const number of done) {
      kept.forget(number);
      await rm(join(folder, segmentFile(number)), { force: true });
    }
  };
  const dropOldest = async (oldest: number): Promise<void> => {
    const dropped = kept.all().filter((entry) => entry.segment === oldest);
    const instead = missedInstead(dropped.map(({ bytes, sent }) => ({ result: CheckResult.decode(bytes), sent })));
    for (const entry of dropped) entry.dropped = true;
    try {
      const missed = await Promise.all(instead.map(write));
      for (const entry of dropped) kept.remove(entry);
      listener({ dropped, missed });
    } catch (error) {
      for (const entry of dropped) entry.dropped = false;
      throw error;
    }
    await dropSegments([oldest]);
  };
  const makeRoom = async (): Promise<void> => {
    // Each segment there is now goes once at most: the records of what was dropped need room as well.
    for (let rounds = kept.segments().length; rounds > 0 && kept.bytes() > maxBytes; rounds -= 1) {
      const oldest = kept.segments()[0];
      if (oldest === undefined || oldest === writer.current()) return;
      await dropOldest(oldest);
    }
  };
  return {
    left,
    lastSlots: lastSlots.byMonitor,
    append: async (result) => {
      const entry = await write(result);
      // Not before it is on disk: the list of slots may be written at any moment, and must not know of more than is.
      lastSlots.note(result);
      if (kept.bytes() > maxBytes) {
        // The result is safe in any case; where no room could be made the next one tries again.
        overflowing ??= makeRoom()
          .catch(() => undefined)
          .finally(() => {
            overflowing = undefined;
          });
        await overflowing;
      }
      return entry;
    },
    release: async (released) => {
      for (const entry of released) kept.remove(entry);
      // What is being dropped goes with its records.
      await overflowing;
      await dropSegments(kept.segments().filter((number) => kept.isSpent(number) && number !== writer.current()));
    },
    size: () => kept.size(),
    bytes: () => kept.bytes(),
    onOverflow: (told) => {
      listener = told;
    },
    close: async () => {
      await overflowing;
      await writer.close();
      await lastSlots.save();
      // More than a segment takes too long to write again while somebody waits; what is confirmed in it just comes twice.
      if (kept.unconfirmedBytes() <= SEGMENT_BYTES) await compact(folder, writer.current() + 1, kept.all());
    },
  };
}

/** What is in the spool, by id and by segment. */
function createKept() {
  const entries = new Map<string, Spooled>();
  const segments = new Map<number, { bytes: number; open: number }>();
  let unconfirmed = 0;
  const segmentOf = (number: number): { bytes: number; open: number } => {
    const found = segments.get(number) ?? { bytes: 0, open: 0 };
    segments.set(number, found);
    return found;
  };
  const remove = ({ id }: Pick<Spooled, "id">): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    segmentOf(entry.segment).open -= 1;
    unconfirmed -= entry.bytes.length;
  };
  return {
    all: (): readonly Spooled[] => [...entries.values()],
    has: (number: number): boolean => segments.has(number),
    isSpent: (number: number): boolean => segments.get(number)?.open === 0,
    segments: (): readonly number[] => [...segments.keys()].toSorted((a, b) => a - b),
    size: (): number => entries.size,
    bytes: (): number => [...segments.values()].reduce((sum, each) => sum + each.bytes, 0),
    unconfirmedBytes: (): number => unconfirmed,
    add: (entry: Spooled): void => {
      remove(entry);
      entries.set(entry.id, entry);
      segmentOf(entry.segment).open += 1;
      unconfirmed += entry.bytes.length;
    },
    wrote: (number: number, bytes: number): void => {
      segmentOf(number).bytes += bytes;
    },
    remove: (entry: Spooled): void => {
      // A record of a missed slot may have taken the place of what was dropped.
      if (entries.get(entry.id)?.segment === entry.segment) remove(entry);
    },
    forget: (number: number): void => void segments.delete(number),
  };
}

/** Leaves one segment with these results, or none; the old ones go when the new one is on disk. */
async function compact(folder: string, segment: number, entries: readonly Spooled[]): Promise<void> {
  const old = (await readdir(folder)).filter((name) => name.endsWith(".spool"));
  if (entries.length > 0) {
    const file = await open(join(folder, segmentFile(segment)), "w", 0o600);
    await file.writeFile(Buffer.concat(entries.map((entry) => frame(entry.bytes))));
    await file.datasync();
    await file.close();
  }
  for (const name of old) await rm(join(folder, name));
}

export function toSpooled(result: CheckResult, bytes: Uint8Array, segment: number): Spooled {
  return {
    id: spoolId(result),
    part: partitionOf(result.monitorId),
    subject: subjects.check(result.monitorId, result.region),
    bytes,
    segment,
    ack: undefined,
    againAtMs: Number.POSITIVE_INFINITY,
    again: 0,
    renewed: 0,
    sent: false,
    sentAtMs: undefined,
    dropped: false,
  };
}
