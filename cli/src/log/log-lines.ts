import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { SentinelError } from "@sentinel/contracts/errors";

/** The lines of a file, read as they are asked for. @throws SentinelError `file_unreadable` {file, reason} */
export async function withLinesOf<T>(file: string, use: (lines: AsyncIterable<string>) => Promise<T>): Promise<T> {
  const handle = await open(file, "r").catch((cause: unknown): never => {
    throw new SentinelError("file_unreadable", { file, reason: codeOf(cause) }, { cause });
  });
  try {
    return await use(linesOf(handle));
  } finally {
    await handle.close();
  }
}

/** Begins to read only when the first line is asked for; readline would not wait with its lines. */
async function* linesOf(handle: FileHandle): AsyncIterable<string> {
  const input = handle.createReadStream({ encoding: "utf8", autoClose: false });
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/**
 * Writes a file that gets its name only when it is whole and on disk, so that half an export is never taken for one.
 * @throws SentinelError `file_not_writable` {file, reason}, and what `write` throws
 */
export async function writeWholeFile<T>(
  file: string,
  write: (to: (lines: readonly string[]) => Promise<void>) => Promise<T>,
): Promise<T> {
  const partial = `${file}.partial`;
  const asFileError = (cause: unknown): never => {
    throw new SentinelError("file_not_writable", { file, reason: codeOf(cause) }, { cause });
  };
  const handle = await open(partial, "w", 0o600).catch(asFileError);
  try {
    const result = await write(async (lines) => {
      await handle.writeFile(`${lines.join("\n")}\n`).catch(asFileError);
    });
    await handle.sync().catch(asFileError);
    await handle.close();
    await rename(partial, file).catch(asFileError);
    return result;
  } catch (thrown) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw thrown;
  }
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
