import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { STREAM_CHECKS, STREAM_COMMANDS } from "@sentinel/contracts";
import { seededRandom } from "@sentinel/testkit";
import { settle, type Verdict } from "./settle.ts";
import type { DistributedStage } from "./stage-distributed.ts";

export const AMNESIAS = ["restored", "restored-while-fold-is-away", "emptied", "deleted", "purged"] as const;
type Amnesia = (typeof AMNESIAS)[number];

/** Makes the broker forget in several ways, one after the other, while targets fall asleep, and audits at the end. */
export async function runAmnesias(
  stage: DistributedStage,
  { seed, count, onEach }: { readonly seed: number; readonly count: number; readonly onEach?: (line: string) => void },
): Promise<Verdict> {
  const random = seededRandom(seed);
  for (let index = 0; index < count; index += 1) {
    const kind = AMNESIAS[(index + seed) % AMNESIAS.length] ?? "deleted";
    const target = stage.world.targets[Math.floor(random.next() * stage.world.targets.length)];
    const calmMs = Math.round(500 + random.next() * 2500);
    onEach?.(`${index + 1}: ${kind}, ${calmMs} ms of work forgotten`);
    await forget(stage, kind, async () => {
      target?.fallAsleep();
      await sleep(calmMs);
    });
    await sleep(Math.round(random.next() * 2000));
    target?.wake();
  }
  return await settle(stage, { late: true });
}

async function forget(stage: DistributedStage, kind: Amnesia, work: () => Promise<void>): Promise<void> {
  switch (kind) {
    case "restored":
    case "restored-while-fold-is-away":
      return await restoreOlder(stage, kind === "restored-while-fold-is-away", work);
    case "emptied":
      await work();
      await stage.kill("nats");
      await rm(stage.natsDir, { recursive: true, force: true });
      return await stage.restart("nats");
    case "deleted":
    case "purged":
      await work();
      return await stage.world.disturb(() => tamper(stage.natsUrl(), kind));
  }
}

/** The store as it was before the work: a broker restored from a backup, or one whose disk lied. */
async function restoreOlder(stage: DistributedStage, foldAway: boolean, work: () => Promise<void>): Promise<void> {
  const backup = await mkdtemp(join(tmpdir(), "sentinel-broker-"));
  try {
    await stage.kill("nats");
    await cp(stage.natsDir, backup, { recursive: true });
    await stage.restart("nats");
    await work();
    if (foldAway) await stage.kill("incidents");
    await stage.kill("nats");
    await rm(stage.natsDir, { recursive: true, force: true });
    await cp(backup, stage.natsDir, { recursive: true });
    await stage.restart("nats");
    if (foldAway) await stage.restart("incidents");
  } finally {
    await rm(backup, { recursive: true, force: true });
  }
}

async function tamper(servers: string, kind: "deleted" | "purged"): Promise<void> {
  const connection = await connect({ servers });
  try {
    const { streams } = await jetstreamManager(connection);
    for (const name of [STREAM_CHECKS, STREAM_COMMANDS]) {
      await (kind === "deleted" ? streams.delete(name) : streams.purge(name));
    }
  } finally {
    await connection.close();
  }
}
