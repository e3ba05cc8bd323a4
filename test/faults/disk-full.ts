import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
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
import type { AllInOneStage } from "./stage-all-in-one.ts";
import type { DistributedStage, ServiceName } from "./stage-distributed.ts";
import type { Stage } from "./stage.ts";

/** Whose disk is full; the second way to fill the database's makes it want a new file of its log at once. */
type Whose = "postgres" | "spool" | "postgres-log" | "broker";
const WHOSE: Readonly<Record<Stage["mode"], readonly Whose[]>> = {
  distributed: ["postgres", "broker", "spool", "postgres-log"],
  // One process ends with its database, and somebody starts it again.
  "all-in-one": ["postgres", "spool"],
};

type Holder = "postgres" | "broker" | "spool";

interface Place {
  readonly holder: Holder;
  /** In the folder of a stage. */
  readonly place: string;
  readonly megabytes: number;
}

const SPOOL: Place = { holder: "spool", place: "data/spool", megabytes: 32 };
/** One process has its broker in memory. */
const DISKS: Readonly<Record<Stage["mode"], readonly Place[]>> = {
  distributed: [
    { holder: "postgres", place: "postgres", megabytes: 400 },
    { holder: "broker", place: "nats", megabytes: 6000 },
    SPOOL,
  ],
  "all-in-one": [{ holder: "postgres", place: "data/postgres", megabytes: 400 }, SPOOL],
};

/** A folder for a stage in which each that writes has a small disk of its own. */
export interface SmallDisks {
  readonly folder: string;
  readonly of: ReadonlyMap<Holder, SmallDisk>;
  remove(): Promise<void>;
}

export async function openSmallDisks(mode: Stage["mode"]): Promise<SmallDisks | { readonly reason: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-fault-"));
  const of = new Map<Holder, SmallDisk>();
  const remove = async (): Promise<void> => {
    for (const disk of of.values()) await disk.remove();
    await rm(folder, { recursive: true, force: true });
  };
  for (const { holder, place, megabytes } of DISKS[mode]) {
    const disk = await mountSmallDisk(join(folder, place), megabytes);
    if ("reason" in disk) {
      await remove();
      return disk;
    }
    of.set(holder, disk);
  }
  return { folder, of, remove };
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
  stage: DistributedStage | AllInOneStage,
  disks: SmallDisks,
  { seed, count, onEach }: DiskFullOptions,
): Promise<Verdict> {
  const random = seededRandom(seed);
  const found: Finding[] = [];
  const over = new AbortController();
  const supervised = "natsUrl" in stage ? superviseBroker(stage, over.signal, onEach) : undefined;
  const which = WHOSE[stage.mode];
  for (let index = 0; index < count; index += 1) {
    const whose: Whose = which[((seed - 1) * count + index) % which.length] ?? "postgres";
    const target = stage.world.targets[Math.floor(random.next() * stage.world.targets.length)];
    const fullMs = Math.round(2500 + random.next() * 4500);
    onEach?.(`${index + 1}: the disk of ${whose} is full for ${fullMs} ms`);
    if (random.next() < 0.5) target?.fallAsleep();
    const full = { stage, disks, whose, fullMs };
    found.push(...(await stage.world.disturb(() => whileFull(full, () => target?.fallAsleep()))));
    await sleep(Math.round(1000 + random.next() * 2000));
  }
  const verdict = await settle(stage).finally(() => over.abort());
  await supervised;
  return { ...verdict, findings: [...found, ...verdict.findings] };
}

interface Full {
  readonly stage: DistributedStage | AllInOneStage;
  readonly disks: SmallDisks;
  readonly whose: Whose;
  readonly fullMs: number;
}

/** Has the disk full for this long, and longer while nobody has told the operator; gives who has not in the end. */
async function whileFull({ stage, disks, whose, fullMs }: Full, halfway: () => void): Promise<readonly Finding[]> {
  const holder: Holder = whose === "postgres-log" ? "postgres" : whose;
  const disk = disks.of.get(holder);
  const said = await timesSaid({ stage }, SAYS[holder]);
  const silent: Finding[] = [];
  await disk?.fill();
  try {
    if (whose === "postgres-log") await switchLog(stage);
    await sleep(fullMs / 2);
    halfway();
    await sleep(fullMs / 2);
    // A database that ends and is back at once has nothing to say.
    if (whose === "postgres-log") return [];
    if (!(await comesTrue(async () => (await timesSaid({ stage }, SAYS[holder])) > said))) {
      silent.push({ rule: "full-disk-not-said", detail: `${SAYS[holder]} wrote nothing of the full disk of ${whose}` });
    }
    if (holder !== "spool" && !(await comesTrue(() => isStanding(stage.url)))) {
      silent.push({ rule: "stand-not-shown", detail: `nobody is told that nothing is recorded: disk of ${whose}` });
    }
    return silent;
  } finally {
    await disk?.free();
  }
}

const TOLD_WITHIN_MS = 30_000;

async function comesTrue(condition: () => Promise<boolean>): Promise<boolean> {
  const from = performance.now();
  while (performance.now() - from < TOLD_WITHIN_MS) {
    if (await condition().catch(() => false)) return true;
    await sleep(HEALTH_EVERY_MS / 4);
  }
  return false;
}

/** Whether people are told that nothing is recorded, as the dashboard shows it. */
async function isStanding(url: string): Promise<boolean> {
  const response = await fetch(`${url}/api/v1/status`, { signal: AbortSignal.timeout(5000) });
  const status: unknown = await response.json();
  return typeof status === "object" && status !== null && "notFoldedSince" in status && status.notFoldedSince !== null;
}

async function timesSaid({ stage }: Pick<Full, "stage">, service: ServiceName): Promise<number> {
  const output = "child" in stage ? (stage.child(service)?.output() ?? "") : await logOf(stage);
  return (output.match(/disk_full|no space left|bus_takes_no_results/gi) ?? []).length;
}

/** One process writes its log into files. */
async function logOf({ folder }: Stage): Promise<string> {
  const logs = join(folder, "data/logs");
  const texts = (await readdir(logs)).map((name) => readFile(join(logs, name), "utf8"));
  return (await Promise.all(texts)).join("");
}

/** The server needs a whole new file now; it ends with an error when there is no room for it, and comes back by itself. */
async function switchLog(stage: Stage): Promise<void> {
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
