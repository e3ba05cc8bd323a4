import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@sentinel/testkit";
import { until } from "../harness/sentinel.ts";
import { ensureDebianFile } from "./debian-tool.ts";
import { descendants } from "./processes.ts";
import { settle, type Verdict } from "./settle.ts";
import type { DistributedStage } from "./stage-distributed.ts";

const STRACE = "/usr/bin/strace";
const WHOSE = ["postgres", "nats", "prober"] as const;
const SYNCS = "fsync,fdatasync,sync_file_range";

/** Why this machine cannot slow down the disk of a process. */
export async function slowFsyncMissing(): Promise<string | undefined> {
  const missing = ensureDebianFile(STRACE, "strace");
  if (missing !== undefined) return missing;
  const child = spawn("/bin/sleep", ["30"], { stdio: "ignore" });
  try {
    const slow = await slowDown([child.pid ?? 0], 1000);
    await slow.stop();
    return undefined;
  } catch (error) {
    return `processes cannot be traced here: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    child.kill("SIGKILL");
  }
}

interface SlowFsyncOptions {
  readonly seed: number;
  readonly count: number;
  readonly onEach?: (line: string) => void;
}

/** Makes each sync of one server, or of the prober's spool, take 0.3 to 1 s longer, while targets fall asleep. */
export async function runSlowFsync(stage: DistributedStage, options: SlowFsyncOptions): Promise<Verdict> {
  const random = seededRandom(options.seed);
  const { world } = stage;
  for (let index = 0; index < options.count; index += 1) {
    const whose = WHOSE[(index + options.seed - 1) % WHOSE.length] ?? "postgres";
    const delayMs = Math.round(300 + random.next() * 700);
    const forMs = Math.round(2500 + random.next() * 5000);
    options.onEach?.(`${index + 1}: each sync of ${whose} takes ${delayMs} ms longer for ${forMs} ms`);
    await world.disturb(async () => {
      const slow = await slowDown(await descendants(stage.pidOf(whose)), delayMs);
      try {
        await sleep(Math.round(random.next() * 1000));
        world.targets[Math.floor(random.next() * world.targets.length)]?.fallAsleep();
        await sleep(forMs);
      } finally {
        await slow.stop();
      }
    });
    await sleep(Math.round(500 + random.next() * 1000));
  }
  return await settle(stage);
}

/** Traces the processes and what they start, and holds each of their syncs back before it returns. */
async function slowDown(pids: readonly number[], delayMs: number): Promise<{ stop(): Promise<void> }> {
  const attach = pids.flatMap((pid) => ["-p", String(pid)]);
  const inject = `inject=${SYNCS}:delay_exit=${delayMs * 1000}`;
  const child = spawn(STRACE, ["-f", "-e", `trace=${SYNCS}`, "-e", inject, "-o", "/dev/null", ...attach], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const attached = (): true | undefined => {
    if (ended(child)) throw new Error(said.trim());
    return said.includes("attached") ? true : undefined;
  };
  await until(`strace of ${pids.join(", ")}: ${said}`, attached, 5000);
  return {
    stop: async () => {
      if (ended(child)) return;
      const gone = once(child, "exit");
      // It lets go of the processes before it ends.
      child.kill("SIGTERM");
      await gone;
    },
  };
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
