import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** From this size on a segment whose results are all confirmed is left for a new one, so that it can go. */
const SPENT_BYTES = 256_000;

/** After a write those that come gather for so long: the first of a quiet time is written at once. */
const GATHER_MS = 10;

export const segmentFile = (segment: number): string => `${String(segment).padStart(10, "0")}.spool`;

export interface SegmentWriter {
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

/** Appends records to segments from number `first` on; those of some milliseconds share one write and one sync. */
export function createSegmentWriter(
  folder: string,
  first: number,
  { segmentBytes, spent }: { readonly segmentBytes: number; readonly spent: (segment: number) => boolean },
): SegmentWriter {
  let number = first;
  let file: FileHandle | undefined;
  let written = 0;
  let torn = false;
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let closing = false;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const full = written > segmentBytes || (written > SPENT_BYTES && spent(number));
        if (file !== undefined && (full || torn)) {
          await file.close();
          file = undefined;
          number += 1;
          written = 0;
          torn = false;
        }
        file ??= await open(join(folder, segmentFile(number)), "a", 0o600);
        const bytes = Buffer.concat(batch.map((each) => each.record));
        await writeAll(file, bytes);
        await file.datasync();
        written += bytes.length;
        for (const each of batch) each.resolve(number);
      } catch (error) {
        // Half a record may be in the file, and nothing after it would be found again.
        torn = true;
        for (const each of batch) each.reject(error);
      }
      if (!closing) await sleep(GATHER_MS);
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
      closing = true;
      await flushing;
      await file?.close();
      file = undefined;
    },
  };
}

/** In one call as a rule: the file was opened for appending, so what is left over goes to its end. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) from += (await file.write(bytes, from)).bytesWritten;
}
