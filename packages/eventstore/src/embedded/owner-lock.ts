import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { isAlive, startTimeOf } from "./processes.ts";

/** Held while a data folder is ours. */
export interface OwnerLock {
  release(): Promise<void>;
}

/**
 * Takes the folder for this process. A lock whose process is gone is taken over; a process is told from a later one
 * of the same number by its start time.
 * @throws SentinelError `data_dir_in_use` {dir, pid}
 */
export async function takeOwnerLock(dir: string): Promise<OwnerLock> {
  const path = join(dir, "owner");
  const mine = `${process.pid} ${await startTimeOf(process.pid)} ${randomBytes(8).toString("hex")}\n`;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, mine);
  try {
    // A link appears whole or not at all, so nobody reads half a lock.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const taken = await link(draft, path).then(
        () => true,
        () => false,
      );
      if (taken) return { release: () => releaseIfMine(path, mine) };
      await removeIfStale(dir, path);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new SentinelError("data_dir_in_use", { dir, pid: "?" });
}

async function removeIfStale(dir: string, path: string): Promise<void> {
  const found = await readFile(path, "utf8").catch(() => undefined);
  if (found === undefined) return;
  const [pid = "", startTime = ""] = found.trim().split(" ");
  if (isAlive(Number(pid)) && (await startTimeOf(Number(pid))) === startTime) {
    throw new SentinelError("data_dir_in_use", { dir, pid });
  }
  // Two may find it stale at once: only the content that was judged is taken away.
  const aside = `${path}.stale-${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, "utf8").catch(() => undefined);
  if (moved !== undefined && moved !== found) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function releaseIfMine(path: string, mine: string): Promise<void> {
  const found = await readFile(path, "utf8").catch(() => undefined);
  if (found === mine) await rm(path, { force: true });
}
