import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SentinelError } from "@sentinel/contracts/errors";
import { type OwnerLock, takeOwnerLock } from "@sentinel/eventstore/embedded";

const POLL_MS = 200;

/** The last in line of this process, by folder: the lock is one of processes. */
const lines = new Map<string, Promise<unknown>>();

/**
 * One build at a time in a checkout: two at once would tear each other's files. A lock whose process is gone is taken
 * over. The folder holds nothing but the lock; a build must not empty it.
 */
export async function withBuildLock<T>(folder: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const before = lines.get(folder) ?? Promise.resolve();
  const mine = before.then(() => locked(folder, work, signal));
  lines.set(
    folder,
    mine.catch(() => undefined),
  );
  return await mine;
}

async function locked<T>(folder: string, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  await mkdir(folder, { recursive: true });
  const lock = await wait(folder, signal);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function wait(folder: string, signal: AbortSignal | undefined): Promise<OwnerLock> {
  for (;;) {
    try {
      return await takeOwnerLock(folder);
    } catch (thrown) {
      if (!(thrown instanceof SentinelError && thrown.code === "data_dir_in_use")) throw thrown;
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}
