import { setTimeout as sleep } from "node:timers/promises";
import { type Database, openDatabase } from "@sentinel/eventstore/postgres";
import { seededRandom } from "@sentinel/testkit";
import { settle, type Verdict } from "./settle.ts";
import type { DistributedStage } from "./stage-distributed.ts";

/** More than any server of ours gives. */
const MOST = 100;

interface ConnectionsOptions {
  readonly seed: number;
  readonly count: number;
  readonly onEach?: (line: string) => void;
}

/**
 * Takes every connection that the database gives for some seconds, each second time also those that Sentinel had,
 * while targets fall asleep.
 */
export async function runOutOfConnections(stage: DistributedStage, options: ConnectionsOptions): Promise<Verdict> {
  const random = seededRandom(options.seed);
  const { world } = stage;
  for (let index = 1; index <= options.count; index += 1) {
    const target = world.targets[Math.floor(random.next() * world.targets.length)];
    if (random.next() < 0.5) target?.fallAsleep();
    await sleep(Math.round(random.next() * 2000));
    const forMs = Math.round(1500 + random.next() ** 2 * 8000);
    await world.disturb(async () => {
      const taken = await takeAll(await stage.databaseUrl(), (index + options.seed) % 2 === 0);
      options.onEach?.(
        `${index}: ${taken.databases.length} connections taken for ${forMs} ms, ${taken.ended} of them ended`,
      );
      try {
        target?.fallAsleep();
        await sleep(forMs);
      } finally {
        await Promise.all(taken.databases.map((each) => each.close()));
      }
    });
    await sleep(Math.round(500 + random.next() * 1500));
  }
  return await settle(stage);
}

interface Taken {
  readonly databases: readonly Database[];
  /** Connections of Sentinel that were ended to be taken. */
  readonly ended: number;
}

async function takeAll(url: string, theirs: boolean): Promise<Taken> {
  const databases: Database[] = [];
  const takeFree = async (): Promise<void> => {
    while (databases.length < MOST) {
      const database = await openDatabase(url, { max: 1, applicationName: "taker" }).catch(() => undefined);
      if (database === undefined) return;
      databases.push(database);
    }
  };
  await takeFree();
  const first = databases[0];
  if (first === undefined) throw new Error("not one connection was to be had");
  if (!theirs) return { databases, ended: 0 };
  const ended = await first.sql<{ ended: boolean }[]>`
    SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name <> 'taker'`;
  await takeFree();
  return { databases, ended: ended.length };
}
