import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckResult, type Monitor, MonitorSource, subjects, Verdict } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import {
  bytes,
  type Database,
  eventstoreMigrations,
  numbers,
  migrate,
  openDatabase,
  texts,
} from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, incidentsMigrations } from "@sentinel/incidents";
import type { Message } from "@sentinel/messaging";
import { createServiceKit, silentLog } from "@sentinel/service-kit";
import { foldBatch } from "../../services/incidents/src/fold.ts";
import { createPartitionCache } from "../../services/incidents/src/partition-cache.ts";
import { type Places, whereTimeGoes } from "./profile.ts";
import { type Bench, type Figure, times, treeCpuMs } from "./report.ts";

const MONITORS = 1000;
const OWNER = "bench";

interface Spent {
  readonly perSecond: number;
  /** Per 1,000 results. */
  readonly nodeCpuMs: number;
  readonly postgresCpuMs: number;
}

/** Rounds in one batch: where one more or less keeps up, and as many as are taken at once when results wait. */
const FEW = 1;
const MANY = 4;

const PLACES: Places = [
  ["native code and the kernel", /\(program\)/],
  ["garbage collection", /\(garbage collector\)/],
  ["encoding segments", /checklog\/(segment|codes|columns)|node:zlib/],
  ["messages made and decoded", /generated\/|@bufbuild/],
  ["measuring", /test\/bench/],
  ["writing monitor states", /store\/(json-text|postgres\/monitors)/],
  [
    "reading and writing the database's socket, driver",
    /node_modules\/postgres|node:(net|internal\/stream|buffer|internal\/buffer)|writeUtf8String|writev|Latin1/,
  ],
  ["array literals", /array-literals/],
  ["deciding", /services\/incidents\/src\/(core|fold|partition-cache|incident-changes)/],
];

/**
 * Results folded per second: `foldBatch` on a durable PostgreSQL, one or four results of each of 1,000 monitors per batch,
 * one in a hundred of them down. The limit is a bare insert of the same bytes, one transaction per batch, on the same
 * server.
 */
export const foldRate: Bench = async ({ smoke }) => {
  const batches = smoke ? 5 : 100;
  const folder = await mkdtemp(join(tmpdir(), "sentinel-fold-"));
  // The database's own account passes through to its cluster.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dir: join(folder, "postgres"), log: silentLog, durable: true });
  const database = await openDatabase(server.url);
  try {
    await migrate(database, [...eventstoreMigrations, ...incidentsMigrations]);
    const fold = await folder1000(database);
    const insert = await bareInsert(database);
    const rounds = roundsOf(fold.ids, fold.nowMs - (4 * batches + 6) * 1000);
    // The caches of both sides fill in the first rounds.
    await measured(server.pid, 5, FEW, rounds, fold.run);
    const few = await measured(server.pid, batches, FEW, rounds, fold.run);
    const many = await measured(server.pid, batches, MANY, rounds, fold.run);
    const bare = roundsOf(fold.ids, fold.nowMs);
    const bareFew = await measured(server.pid, batches, FEW, bare, insert);
    const bareMany = await measured(server.pid, batches, MANY, bare, insert);
    const profiled = async (perBatch: number): Promise<Figure> => ({
      what: `of Node's CPU time for folding, batches of ${perBatch},000`,
      value: await whereTimeGoes(PLACES, async () => {
        await measured(server.pid, batches, perBatch, rounds, fold.run);
      }),
      against: "–",
      ratio: "–",
    });
    const where = [await profiled(FEW), await profiled(MANY)];
    await demandFolded(database, (4 * batches + 5) * MONITORS);
    return [...figures("1,000", few, bareFew), ...figures("4,000", many, bareMany), ...where];
  } finally {
    await database.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

function figures(size: string, ours: Spent, bare: Spent): readonly Figure[] {
  const cpu = ours.nodeCpuMs + ours.postgresCpuMs;
  const bareCpu = bare.nodeCpuMs + bare.postgresCpuMs;
  return [
    {
      what: `results folded per second, batches of ${size} over 1,000 monitors, 1 % down, fsync on`,
      value: `${ours.perSecond.toFixed(0)}/s`,
      against: `bare INSERT and COMMIT of the same bytes: ${bare.perSecond.toFixed(0)}/s`,
      ratio: times(ours.perSecond / bare.perSecond),
    },
    {
      what: `CPU-ms per 1,000 results folded, batches of ${size}`,
      value: `${cpu.toFixed(0)} (Node ${ours.nodeCpuMs.toFixed(0)}, PostgreSQL ${ours.postgresCpuMs.toFixed(0)})`,
      against: `bare INSERT: ${bareCpu.toFixed(0)} (Node ${bare.nodeCpuMs.toFixed(0)}, PostgreSQL ${bare.postgresCpuMs.toFixed(0)})`,
      ratio: times(cpu / bareCpu),
    },
  ];
}

/** Makes the monitors, takes the partitions and gives what folds one round. */
async function folder1000(database: Database): Promise<{
  readonly ids: readonly string[];
  readonly nowMs: number;
  readonly run: (messages: readonly Message[]) => Promise<void>;
}> {
  const kit = createServiceKit({ service: "bench", env: { SENTINEL_LOG_LEVEL: "error" } });
  const store = createPostgresFoldStore(database);
  const nowMs = kit.clock.now();
  const monitors = Array.from({ length: MONITORS }, (_, index) => monitorOf(index, nowMs));
  const epochs = await store.transaction(async (tx) => {
    for (const monitor of monitors) await tx.monitors.save(monitor);
    const held = await tx.partitions.hold(OWNER, 3_600_000, true);
    return new Map(held.map(({ part, epoch }) => [part, epoch]));
  });
  const deps = { kit, store, cache: createPartitionCache(), epochs, owner: OWNER, channelsOf: () => ["ops"] };
  return {
    ids: monitors.map((monitor) => monitor.id),
    nowMs,
    run: async (messages) => {
      await foldBatch(deps, messages);
    },
  };
}

function monitorOf(index: number, nowMs: number): Monitor {
  const input = {
    name: `m${index}`,
    endpoints: [`http://127.0.0.1:8080/${index}`],
    repair: { action: "wake-up", mode: "off" },
  };
  const parsed = parseMonitorInput(input);
  if (!parsed.ok) throw new Error(`not a monitor: ${JSON.stringify(parsed.problems)}`);
  const id = `mon_${String(index).padStart(26, "0")}`;
  return { id, spec: parsed.spec, source: MonitorSource.FILE, version: 1, createdAtMs: nowMs, changedAtMs: nowMs };
}

/** Endless: one round of all monitors per second of their own time, encoded as the prober encodes it. */
function* roundsOf(ids: readonly string[], fromMs: number): Generator<Message[], never> {
  for (let seq = 1, slotMs = fromMs; ; slotMs += 1000) {
    const messages = ids.map((id, index): Message => {
      const data = CheckResult.encode(resultOf(id, index, slotMs)).finish();
      return { stream: "bench", epoch: "1", seq: seq++, subject: subjects.check(id, "local"), data, headers: {} };
    });
    yield messages;
  }
}

function resultOf(monitorId: string, index: number, slotMs: number): CheckResult {
  const down = index % 100 === 0;
  const verdict = down ? Verdict.DOWN : Verdict.HEALTHY;
  const reason = down ? "status_unexpected" : "";
  const params = { expected: "200", actual: "500" };
  return CheckResult.fromPartial({
    monitorId,
    region: "local",
    prober: "local",
    slotMs,
    startedAtMs: slotMs + 3,
    durationMs: 12.25,
    verdict,
    reason,
    monitorVersion: 1,
    endpoints: [
      {
        url: `http://127.0.0.1:8080/${index}`,
        verdict,
        reason,
        status: down ? 500 : 200,
        durationMs: 12.25,
        phases: { dnsMs: 0, connectMs: 0.5, tlsMs: 0, firstByteMs: 11.5, transferMs: 0.25 },
        evidence: down ? { requestLine: `GET /${index} HTTP/1.1`, status: 500, params } : undefined,
      },
    ],
  });
}

/** The least that any store of these results does: one row each, one durable transaction per batch. */
async function bareInsert(database: Database): Promise<(messages: readonly Message[]) => Promise<void>> {
  await database.sql`CREATE TABLE bare (monitor_id text, seq bigint, payload bytea, PRIMARY KEY (monitor_id, seq))`;
  return async (messages) => {
    await database.transaction(async (tx) => {
      await tx`
        INSERT INTO bare SELECT * FROM unnest(
          ${texts(messages.map(({ subject }) => subject))}::text[], ${numbers(messages.map(({ seq }) => seq))}::bigint[],
          ${bytes(messages.map(({ data }) => data))}::bytea[])`;
    });
  };
}

/** As many rounds, some in each batch. Making the messages is not counted: in life others do that. */
async function measured(
  postgresPid: number,
  rounds: number,
  perBatch: number,
  source: Generator<Message[], never>,
  run: (messages: readonly Message[]) => Promise<void>,
): Promise<Spent> {
  let wallMs = 0;
  let nodeMicros = 0;
  let postgresCpuMs = 0;
  for (let done = 0; done < rounds; done += perBatch) {
    const messages = Array.from({ length: Math.min(perBatch, rounds - done) }, () => source.next().value).flat();
    const postgresBefore = treeCpuMs(postgresPid);
    const cpu = process.cpuUsage();
    const from = performance.now();
    await run(messages);
    wallMs += performance.now() - from;
    const { user, system } = process.cpuUsage(cpu);
    nodeMicros += user + system;
    postgresCpuMs += treeCpuMs(postgresPid) - postgresBefore;
  }
  return {
    perSecond: (rounds * MONITORS * 1000) / wallMs,
    nodeCpuMs: nodeMicros / 1000 / rounds,
    postgresCpuMs: postgresCpuMs / rounds,
  };
}

/** A figure of work that was not done would be worth nothing. */
async function demandFolded(database: Database, results: number): Promise<void> {
  const [row] = await database.sql<{ checks: number; opened: number }[]>`
    SELECT (SELECT sum(rounds) FROM check_segments)::int AS checks, (SELECT count(*) FROM incidents)::int AS opened`;
  if (row?.checks !== results || row.opened !== MONITORS / 100) {
    throw new Error(`expected ${results} checks and ${MONITORS / 100} incidents, found ${JSON.stringify(row)}`);
  }
}
