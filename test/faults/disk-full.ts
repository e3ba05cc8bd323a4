import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { STREAM_CHECKS } from "@sentinel/contracts";
import { openDatabase } from "@sentinel/eventstore/postgres";
import { seededRandom } from "@sentinel/testkit";
import type { Finding } from "./auditor.ts";
import { settle, type Verdict } from "./settle.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";
import type { DistributedStage, ServiceName } from "./stage-distributed.ts";

/** Whose disk is full; the second way to fill the database's makes it want a new file of its log at once. */
const WHOSE = ["postgres", "spool", "postgres-log", "broker"] as const;
type Whose = (typeof WHOSE)[number];

type Holder = "postgres" | "broker" | "spool";

/** Where each of them is in the folder of a stage, and how much room it gets. */
const DISKS: Readonly<Record<Holder, { readonly place: string; readonly megabytes: number }>> = {
  postgres: { place: "postgres", megabytes: 400 },
  broker: { place: "nats", megabytes: 6000 },
  spool: { place: "data/spool", megabytes: 32 },
};

/** A folder for a stage in which each of the three has a small disk of its own. */
export interface SmallDisks {
  readonly folder: string;
  readonly of: Readonly<Record<Holder, SmallDisk>>;
  remove(): Promise<void>;
}

export async function openSmallDisks(): Promise<SmallDisks | { readonly reason: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-fault-"));
  const mounted: SmallDisk[] = [];
  const remove = async (): Promise<void> => {
    for (const disk of mounted) await disk.remove();
    await rm(folder, { recursive: true, force: true });
  };
  const mount = async (holder: Holder): Promise<SmallDisk> => {
    const { place, megabytes } = DISKS[holder];
    const disk = await mountSmallDisk(join(folder, place), megabytes);
    if ("reason" in disk) throw new Error(disk.reason);
    mounted.push(disk);
    return disk;
  };
  try {
    const [postgres, broker, spool] = [await mount("postgres"), await mount("broker"), await mount("spool")];
    return { folder, of: { postgres, broker, spool }, remove };
  } catch (error) {
    await remove();
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Which service has to say that a disk is full, for the operator who has to make room. */
const SAYS: Readonly<Record<Holder, ServiceName>> = { postgres: "incidents", broker: "prober", spool: "prober" };

interface DiskFullOptions {
  readonly seed: number;
  readonly count: number;
  readonly onEach?: (line: string) => void;
}

/** Fills one disk after the other while targets fall asleep, and makes room again; nobody starts anything by hand. */
export async function runDiskFull(
  stage: DistributedStage,
  disks: SmallDisks,
  { seed, count, onEach }: DiskFullOptions,
): Promise<Verdict> {
  const random = seededRandom(seed);
  const { world } = stage;
  const silent: Finding[] = [];
  const over = new AbortController();
  const supervised = superviseBroker(stage, over.signal, onEach);
  for (let index = 0; index < count; index += 1) {
    const whose: Whose = WHOSE[((seed - 1) * count + index) % WHOSE.length] ?? "postgres";
    const holder: Holder = whose === "postgres-log" ? "postgres" : whose;
    const target = world.targets[Math.floor(random.next() * world.targets.length)];
    const fullMs = Math.round(2500 + random.next() * 4500);
    onEach?.(`${index + 1}: the disk of ${whose} is full for ${fullMs} ms`);
    if (random.next() < 0.5) target?.fallAsleep();
    const said = timesSaid(stage, SAYS[holder]);
    await disks.of[holder].fill();
    try {
      if (whose === "postgres-log") await switchLog(stage);
      await sleep(fullMs / 2);
      target?.fallAsleep();
      await sleep(fullMs / 2);
    } finally {
      await disks.of[holder].free();
    }
    if (timesSaid(stage, SAYS[holder]) === said && whose !== "postgres-log") {
      silent.push({ rule: "full-disk-not-said", detail: `${SAYS[holder]} wrote nothing of the full disk of ${whose}` });
    }
    await sleep(Math.round(1000 + random.next() * 2000));
  }
  const verdict = await settle(stage).finally(() => over.abort());
  await supervised;
  return { ...verdict, findings: [...silent, ...verdict.findings] };
}

function timesSaid(stage: DistributedStage, service: ServiceName): number {
  return (
    stage
      .child(service)
      ?.output()
      .match(/disk_full|no space left|insufficient (storage )?resources/gi) ?? []
  ).length;
}

/** The server needs a whole new file now; it ends with an error when there is no room for it, and comes back by itself. */
async function switchLog(stage: DistributedStage): Promise<void> {
  const database = await openDatabase(await stage.databaseUrl(), { max: 1, connectTimeoutMs: 2000 });
  try {
    for (let times = 0; times < 6; times += 1) {
      await database.sql`SELECT pg_logical_emit_message(false, 'ballast', 'x'), pg_switch_wal()`;
    }
  } catch {
    // That is what it is for.
  } finally {
    await database.close();
  }
}

/**
 * After one write without room nats-server takes nothing into that stream any more, also when there is room again, and
 * runs on; somebody who sees that has to start it again, as an orchestrator does.
 */
async function superviseBroker(
  stage: DistributedStage,
  over: AbortSignal,
  onEach: DiskFullOptions["onEach"],
): Promise<void> {
  let last = { seq: 0, atMs: performance.now() };
  while (!over.aborted) {
    const seq = await lastSeq(stage.natsUrl());
    if (seq !== undefined && seq !== last.seq) last = { seq, atMs: performance.now() };
    if (performance.now() - last.atMs > TAKES_WITHIN_MS) {
      onEach?.("   the broker takes nothing any more, and is started again");
      await stage.kill("nats");
      await stage.restart("nats").catch(() => undefined);
      last = { seq: 0, atMs: performance.now() };
    }
    await sleep(HEALTH_EVERY_MS);
  }
}

/** Results come each second, so it takes some in less. */
const TAKES_WITHIN_MS = 10_000;
const HEALTH_EVERY_MS = 1000;

/** The newest place in the stream of results; undefined when the broker does not tell. */
async function lastSeq(servers: string): Promise<number | undefined> {
  try {
    const connection = await connect({ servers, reconnect: false, timeout: 1000 });
    try {
      const { streams } = await jetstreamManager(connection, { timeout: 1000 });
      return (await streams.info(STREAM_CHECKS)).state.last_seq;
    } finally {
      await connection.close();
    }
  } catch {
    return undefined;
  }
}
