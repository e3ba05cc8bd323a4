import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckResult, partitionOf, subjects } from "@sentinel/contracts";
import type { PublishAck } from "@sentinel/messaging";
import { frame, records } from "./segment.ts";

const SEGMENT_BYTES = 4_000_000;
/** From this size on a segment whose results are all confirmed is left for a new one, so that it can go. */
const SPENT_BYTES = 256_000;

/** A result that the fold has not confirmed yet. */
export interface Spooled {
  readonly id: string;
  readonly part: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly segment: number;
  /** Where the bus put it; undefined while not published. */
  ack: Pick<PublishAck, "epoch" | "seq"> | undefined;
}

export interface Spool {
  /** What a former life of this prober left unconfirmed. */
  readonly left: readonly Spooled[];
  /** Newest slot ever spooled per monitor, also of confirmed results. */
  readonly lastSlots: ReadonlyMap<string, number>;
  /** Resolves when the result is on disk, synced. */
  append(result: CheckResult): Promise<Spooled>;
  /** The fold has it: its segment goes when all of it may. */
  release(entries: readonly Spooled[]): Promise<void>;
  /** Results not confirmed yet. */
  size(): number;
  close(): Promise<void>;
}

export const spoolId = (result: CheckResult): string => `${result.monitorId}:${result.region}:${result.slotMs}`;

/** Opens the spool folder, reading what is there; whoever is given the spool closes it. Appends of one moment share one write and one sync. */
export async function openSpool(folder: string): Promise<Spool> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.endsWith(".spool")).toSorted();
  const lastSlots = await readLastSlots(folder);
  const entries = new Map<string, Spooled>();
  const open_ = new Map<number, number>();
  let size = 0;
  const remove = (id: string): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    open_.set(entry.segment, (open_.get(entry.segment) ?? 1) - 1);
    size -= entry.bytes.length;
  };
  const add = (entry: Spooled): void => {
    remove(entry.id);
    entries.set(entry.id, entry);
    open_.set(entry.segment, (open_.get(entry.segment) ?? 0) + 1);
    size += entry.bytes.length;
  };
  const noteSlot = (result: CheckResult): void => {
    const last = Math.max(result.slotMs, result.missedUntilMs);
    if (last > (lastSlots.get(result.monitorId) ?? 0)) lastSlots.set(result.monitorId, last);
  };
  let segment = 0;
  for (const name of names) {
    segment = Number.parseInt(name, 10);
    for (const bytes of records(await readFile(join(folder, name)))) {
      const result = CheckResult.decode(bytes);
      noteSlot(result);
      add(toSpooled(result, bytes, segment));
    }
    if (!open_.has(segment)) await rm(join(folder, name));
  }
  const left = [...entries.values()];
  const writer = createWriter(folder, segment + 1, (number) => open_.get(number) === 0);

  const dropSegments = async (done: readonly number[]): Promise<void> => {
    if (done.length === 0) return;
    // Written before the segments go, so that the newest slot of a monitor is always on disk somewhere.
    await writeLastSlots(folder, lastSlots);
    for (const number of done) await rm(join(folder, fileName(number)), { force: true });
  };

  return {
    left,
    lastSlots,
    append: async (result) => {
      const bytes = CheckResult.encode(result).finish();
      noteSlot(result);
      const entry = toSpooled(result, bytes, await writer.write(frame(bytes)));
      add(entry);
      return entry;
    },
    release: async (released) => {
      for (const entry of released) remove(entry.id);
      const done = [...open_].filter(([number, left]) => left === 0 && number !== writer.current());
      for (const [number] of done) open_.delete(number);
      await dropSegments(done.map(([number]) => number));
    },
    size: () => entries.size,
    close: async () => {
      await writer.close();
      await writeLastSlots(folder, lastSlots);
      // More than a segment takes too long to write again while somebody waits; what is confirmed in it just comes twice.
      if (size <= SEGMENT_BYTES) await compact(folder, writer.current() + 1, [...entries.values()]);
    },
  };
}

/** Leaves one segment with these results, or none; the old ones go when the new one is on disk. */
async function compact(folder: string, segment: number, entries: readonly Spooled[]): Promise<void> {
  const old = (await readdir(folder)).filter((name) => name.endsWith(".spool"));
  if (entries.length > 0) {
    const file = await open(join(folder, fileName(segment)), "w", 0o600);
    await file.writeFile(Buffer.concat(entries.map((entry) => frame(entry.bytes))));
    await file.datasync();
    await file.close();
  }
  for (const name of old) await rm(join(folder, name));
}

const fileName = (segment: number): string => `${String(segment).padStart(10, "0")}.spool`;

export function toSpooled(result: CheckResult, bytes: Uint8Array, segment: number): Spooled {
  return {
    id: spoolId(result),
    part: partitionOf(result.monitorId),
    subject: subjects.check(result.monitorId, result.region),
    bytes,
    segment,
    ack: undefined,
  };
}

interface Writer {
  /** Resolves with the segment's number when the record is synced. */
  write(record: Uint8Array): Promise<number>;
  current(): number;
  close(): Promise<void>;
}

interface Waiting {
  readonly record: Uint8Array;
  readonly resolve: (segment: number) => void;
  readonly reject: (error: unknown) => void;
}

function createWriter(folder: string, first: number, spent: (segment: number) => boolean): Writer {
  let number = first;
  let file: FileHandle | undefined;
  let written = 0;
  let torn = false;
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const full = written > SEGMENT_BYTES || (written > SPENT_BYTES && spent(number));
        if (file !== undefined && (full || torn)) {
          await file.close();
          file = undefined;
          number += 1;
          written = 0;
          torn = false;
        }
        file ??= await open(join(folder, fileName(number)), "a", 0o600);
        const bytes = Buffer.concat(batch.map((each) => each.record));
        await file.appendFile(bytes);
        await file.datasync();
        written += bytes.length;
        for (const each of batch) each.resolve(number);
      } catch (error) {
        // Half a record may be in the file, and nothing after it would be found again.
        torn = true;
        for (const each of batch) each.reject(error);
      }
    }
    flushing = undefined;
  };

  return {
    write: (record) =>
      new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject });
        flushing ??= flush();
      }),
    current: () => number,
    close: async () => {
      await flushing;
      await file?.close();
      file = undefined;
    },
  };
}

const SLOTS_FILE = "last-slots.json";

async function readLastSlots(folder: string): Promise<Map<string, number>> {
  const text = await readFile(join(folder, SLOTS_FILE), "utf8").catch(() => "{}");
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return new Map(entries.flatMap(([id, slot]) => (typeof slot === "number" ? [[id, slot] as const] : [])));
  } catch {
    // A damaged file costs the record of a gap, never a result.
    return new Map();
  }
}

async function writeLastSlots(folder: string, lastSlots: ReadonlyMap<string, number>): Promise<void> {
  const file = join(folder, SLOTS_FILE);
  await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(lastSlots)), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
