import { readFile } from "node:fs/promises";
import { SentinelError } from "@sentinel/contracts/errors";

/** @throws SentinelError `file_unreadable` {file, reason} */
export async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new SentinelError("file_unreadable", { file, reason }, { cause });
  }
}
