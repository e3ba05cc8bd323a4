import { spawnSync } from "node:child_process";
import { type FileHandle, mkdir, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own with little room. */
export interface SmallDisk {
  /** Leaves room for nothing more, not even for root. */
  fill(): Promise<void>;
  /** Gives the room back. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

const BLOCK = 4096;

/** Mounts a file as a file system, or tells why this machine cannot. */
export async function mountSmallDisk(
  mountPoint: string,
  megabytes: number,
): Promise<SmallDisk | { readonly reason: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-small-disk-"));
  const image = join(folder, "image");
  await mkdir(mountPoint, { recursive: true });
  const failed =
    run("truncate", "-s", `${megabytes}M`, image) ??
    // Nothing kept back for root, as which some of the processes may run.
    run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0", image) ??
    run("mount", "-o", "loop,noatime", image, mountPoint) ??
    run("chmod", "711", mountPoint);
  if (failed !== undefined) {
    await rm(folder, { recursive: true, force: true });
    return { reason: `a file system in a file cannot be mounted here: ${failed}` };
  }
  const ballast = join(mountPoint, "ballast");
  return {
    fill: async () => await fill(ballast, mountPoint),
    free: async () => await rm(ballast, { force: true }),
    remove: async () => {
      run("umount", "-l", mountPoint);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Takes what is said to be free at once, then block by block what is left or comes free meanwhile. */
async function fill(ballast: string, mountPoint: string): Promise<void> {
  const { bavail, bsize } = await statfs(mountPoint);
  run("fallocate", "-l", String(Math.max(BLOCK, bavail * bsize - 64 * BLOCK)), ballast);
  const file = await open(ballast, "a");
  try {
    // The last blocks may be smaller than what is written first.
    for (const bytes of [BLOCK, 256]) while (await takes(file, bytes));
  } finally {
    await file.close();
  }
}

async function takes(file: FileHandle, bytes: number): Promise<boolean> {
  try {
    await file.write(Buffer.alloc(bytes));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}

function run(command: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
