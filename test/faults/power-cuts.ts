import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@sentinel/eventstore/postgres";
import { seededRandom } from "@sentinel/testkit";
import { descendants } from "./processes.ts";
import { settle, type Verdict } from "./settle.ts";
import { until } from "../harness/sentinel.ts";
import type { AllInOneStage } from "./stage-all-in-one.ts";

const IMAGE_MB = 700;

/** A file system of its own in a file: what is not synced when its file is copied is gone, as after a power cut. */
export interface Disk {
  readonly mountPoint: string;
  /** Copies what is on the disk this very moment, whatever caches hold. */
  copy(): void;
  /** Takes the file system away and brings back the one that was copied. */
  replaceByCopy(): Promise<void>;
  remove(): Promise<void>;
}

function run(command: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** The disk, or why this machine cannot have one. */
export async function openDisk(): Promise<Disk | { readonly reason: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-disk-"));
  const image = join(folder, "image");
  const copied = join(folder, "copy");
  const mountPoint = join(folder, "mounted");
  await mkdir(mountPoint);
  // Without a delay of its own the journal is written on sync only.
  const mount = (file: string): string | undefined =>
    run("mount", "-o", "loop,noatime,commit=300", file, mountPoint) ?? run("chmod", "711", folder, mountPoint);
  const failed =
    run("truncate", "-s", `${IMAGE_MB}M`, image) ??
    run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", image) ??
    mount(image);
  if (failed !== undefined) {
    await rm(folder, { recursive: true, force: true });
    return { reason: `a file system in a file cannot be mounted here: ${failed}` };
  }
  const sparseCopy = (from: string, to: string): void => demand(run("cp", "--sparse=always", from, to));
  const demand = (problem: string | undefined): void => {
    if (problem !== undefined) throw new Error(problem);
  };
  return {
    mountPoint,
    copy: () => sparseCopy(image, copied),
    replaceByCopy: async () => {
      demand(run("umount", mountPoint));
      sparseCopy(copied, image);
      // The journal is replayed by the mount, as at the next boot.
      demand(mount(image));
    },
    remove: async () => {
      run("umount", mountPoint);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface PowerCutsOptions {
  readonly seed: number;
  readonly count: number;
  readonly onEach?: (line: string) => void;
  /** Commits do not wait for the disk: the audit has to find what that loses. */
  readonly unsafe?: boolean;
}

const UNSAFE_SETTLE_MS = 8000;

/**
 * Cuts the power while targets fall asleep and wake, half of the time right when a message has arrived: all processes
 * are stopped where they stand, the disk is copied, and the next start has that copy. What was not synced is gone.
 */
export async function runPowerCuts(stage: AllInOneStage, disk: Disk, options: PowerCutsOptions): Promise<Verdict> {
  const random = seededRandom(options.seed);
  const { world } = stage;
  if (options.unsafe === true) await commitWithoutDisk(stage);
  for (let index = 1; index <= options.count; index += 1) {
    world.targets[Math.floor(random.next() * world.targets.length)]?.fallAsleep();
    const calmMs = Math.round(200 + random.next() * 3500);
    const told = world.ledgers.deliveries.length;
    const arrived = (): true | undefined => (told < world.ledgers.deliveries.length ? true : undefined);
    const onMessage = index % 2 === 1 && (await until("a message", arrived, 2 * calmMs + 4000).catch(() => false));
    if (!onMessage) await sleep(calmMs);
    options.onEach?.(`${index}: the power goes ${onMessage ? "right after a message" : `after ${calmMs} ms`}`);
    const pids = await descendants(stage.pid());
    signal(pids, "SIGSTOP");
    disk.copy();
    signal(pids, "SIGKILL");
    await stage.gone("power");
    await disk.replaceByCopy();
    await world.noteSpool(stage.spoolDir);
    await stage.restart("sentinel");
    await stage.ready();
  }
  return await settle(stage, options.unsafe === true ? { withinMs: UNSAFE_SETTLE_MS } : {});
}

async function commitWithoutDisk(stage: AllInOneStage): Promise<void> {
  const database = await openDatabase(await stage.databaseUrl(), { max: 1 });
  await database.sql`ALTER DATABASE postgres SET synchronous_commit = off`;
  await database.close();
  await stage.kill("sentinel");
  await stage.restart("sentinel");
  await stage.ready();
}

function signal(pids: readonly number[], name: "SIGSTOP" | "SIGKILL"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It ended by itself a moment ago.
    }
  }
}
