import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@sentinel/testkit";
import { ensureDebianFile } from "./debian-tool.ts";
import { settle, type Verdict } from "./settle.ts";
import type { DistributedStage, ServiceName } from "./stage-distributed.ts";

/** The clocks of single processes, set from outside; what measures how long something takes is left alone. */
export interface Clocks {
  readonly envOf: (service: ServiceName) => Readonly<Record<string, string>>;
  /** From now on this process believes it to be this much later, or earlier. */
  set(service: ServiceName, offsetMs: number): Promise<void>;
  remove(): Promise<void>;
}

// As Debian lays out libraries.
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "x86_64", arm64: "aarch64" };

/** The clocks, or why this machine cannot have them. */
export async function openClocks(): Promise<Clocks | { readonly reason: string }> {
  const machine = process.platform === "linux" ? MACHINES[process.arch] : undefined;
  if (machine === undefined) return { reason: `no library that sets clocks for ${process.platform} ${process.arch}` };
  const library = `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`;
  const reason = ensureDebianFile(library, "faketime");
  if (reason !== undefined) return { reason };
  const folder = await mkdtemp(join(tmpdir(), "sentinel-clocks-"));
  const fileOf = (service: ServiceName): string => join(folder, service);
  const set = async (service: ServiceName, offsetMs: number): Promise<void> => {
    const file = fileOf(service);
    // Moved into place, so that it is never read half written.
    await writeFile(`${file}.new`, `${offsetMs < 0 ? "" : "+"}${(offsetMs / 1000).toFixed(3)}\n`);
    await rename(`${file}.new`, file);
  };
  await mkdir(folder, { recursive: true });
  for (const service of CLOCKED) await set(service, 0);
  return {
    envOf: (service) => ({
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: fileOf(service),
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    }),
    set,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const CLOCKED = ["prober", "incidents", "gateway"] as const satisfies readonly ServiceName[];
const WRONG = ["ahead", "behind", "slow"] as const;
const HOUR_MS = 3_600_000;
/** A slow clock falls behind by a fifth. */
const STEP_MS = 250;
const LOST_IN_STEP_MS = 50;

interface ClocksOptions {
  readonly seed: number;
  readonly count: number;
  readonly onEach?: (line: string) => void;
}

/** Sets the clock of one process after the other wrong and right again, while targets fall asleep. */
export async function runClocks(stage: DistributedStage, clocks: Clocks, options: ClocksOptions): Promise<Verdict> {
  const { seed, count, onEach } = options;
  const random = seededRandom(seed);
  const { world } = stage;
  const pause = async (leastMs: number, mostMs: number): Promise<void> => {
    await sleep(Math.round(leastMs + random.next() * (mostMs - leastMs)));
  };
  for (let index = 0; index < count; index += 1) {
    const place = (seed - 1) * count + index;
    const service = CLOCKED[Math.floor(place / WRONG.length) % CLOCKED.length] ?? "prober";
    const wrong = WRONG[place % WRONG.length] ?? "ahead";
    if (random.next() < 0.8) world.targets[Math.floor(random.next() * world.targets.length)]?.fallAsleep();
    await pause(0, 2500);
    onEach?.(`${index + 1}: the clock of ${service} is ${wrong}`);
    const shifted = shifter(stage, clocks, service);
    if (wrong === "slow") await slowDown(shifted, 3000 + random.next() * 4000);
    else {
      await shifted(wrong === "ahead" ? HOUR_MS : -HOUR_MS);
      await pause(2500, 6000);
    }
    await shifted(0);
    await pause(1000, 2500);
  }
  return await settle(stage);
}

/** Sets the clock, and notes in the ledger when it stood how. */
function shifter(stage: DistributedStage, clocks: Clocks, service: ServiceName): (offsetMs: number) => Promise<void> {
  let before = { offsetMs: 0, fromMs: Date.now() };
  return async (offsetMs) => {
    const aboutMs = Date.now();
    await clocks.set(service, offsetMs);
    const nowMs = Date.now();
    if (before.offsetMs !== 0) stage.world.noteShift({ ...before, service, untilMs: nowMs });
    before = { offsetMs, fromMs: aboutMs };
  };
}

async function slowDown(shifted: (offsetMs: number) => Promise<void>, forMs: number): Promise<void> {
  const steps = Math.round(forMs / STEP_MS);
  for (let step = 1; step <= steps; step += 1) {
    await shifted(-step * LOST_IN_STEP_MS);
    await sleep(STEP_MS);
  }
}
