import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@sentinel/testkit";
import type { Stage } from "./stage.ts";
import { settle, type Verdict } from "./settle.ts";

export interface KillsOptions {
  readonly seed: number;
  readonly kills: number;
  readonly onKill?: (line: string) => void;
}

const LONGEST_CALM_MS = 2800;
const LONGEST_GONE_MS = 900;

/** Kills parts at random moments while targets fall asleep and wake, then lets all come to rest and audits. */
export async function runKills(stage: Stage, { seed, kills, onKill }: KillsOptions): Promise<Verdict> {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random.next() * all.length)];
  const { world } = stage;
  for (let count = 1; count <= kills; count += 1) {
    if (random.next() < 0.6) pick(world.targets)?.fallAsleep();
    if (random.next() < 0.2) pick(world.targets)?.wake();
    if (random.next() < 0.2) world.refuseMessages(1 + Math.floor(random.next() * 2));
    const calmMs = Math.round(50 + random.next() ** 2 * LONGEST_CALM_MS);
    await sleep(calmMs);
    const part = pick(stage.parts) ?? "";
    const goneMs = Math.round(random.next() ** 3 * LONGEST_GONE_MS);
    onKill?.(`${count}: ${part} after ${calmMs} ms, gone for ${goneMs} ms`);
    await stage.kill(part);
    await sleep(goneMs);
    await stage.restart(part);
    // Some kills hit a start that is under way, most a system that works.
    if (random.next() < 0.7) await stage.ready();
  }
  return await settle(stage);
}
