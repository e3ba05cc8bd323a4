import { mkdir } from "node:fs/promises";
import { SentinelError } from "@sentinel/contracts/errors";

/** @throws SentinelError `data_dir_not_writable` {dir, reason}, `disk_full` {dir} */
export async function makeDataDir(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o711 });
  } catch (thrown) {
    throw dataDirError(thrown, dir);
  }
}

/** What the file system refused in the data folder, by its name; anything else stays what it was. */
export function dataDirError(thrown: unknown, dir: string): unknown {
  if (!(thrown instanceof Error) || !("path" in thrown) || !("code" in thrown)) return thrown;
  if (thrown instanceof SentinelError || !String(thrown.path).startsWith(dir)) return thrown;
  const reason = String(thrown.code);
  if (reason === "ENOSPC" || reason === "EDQUOT") return new SentinelError("disk_full", { dir }, { cause: thrown });
  return new SentinelError("data_dir_not_writable", { dir, reason }, { cause: thrown });
}
