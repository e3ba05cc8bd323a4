import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckResult, type Monitor, MonitorSource, subjects, Verdict } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { type Database, eventstoreMigrations, migrate, openDatabase } from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, incidentsMigrations } from "@sentinel/incidents";
import type { Message } from "@sentinel/messaging";
import { createServiceKit, silentLog } from "@sentinel/service-kit";
import { foldBatch } from "../../services/incidents/src/fold.ts";
import { createPartitionCache } from "../../services/incidents/src/partition-cache.ts";
import { type Bench, type Figure, times, treeCpuMs } from "./report.ts";

const MONITORS = 1000;
const OWNER = "bench";

interface Round {
  readonly slotMs: number;
  readonly messages: readonly Message[];
}

interface Spent {
  readonly perSecond: number;
  /** Per 1,000 results. */
  readonly nodeCpuMs: number;
  readonly postgresCpuMs: number;
}

/**
 * Results folded per second: `foldBatch` on a durable PostgreSQL, one result of each of 1,000 monitors per batch, one
 * in a hundred of them down. The limit is a bare insert of the same bytes, one transaction per batch, on the same server.
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
    const rounds = roundsOf(fold.ids, fold.nowMs - (batches + 6) * 1000);
    // The caches of both sides fill in the first rounds.
    await measured(server.pid, 5, rounds, fold.run);
    const ours = await measured(server.pid, batches, rounds, fold.run);
    const bare = await measured(server.pid, batches, roundsOf(fold.ids, fold.nowMs), insert);
    await demandFolded(database, (batches + 5) * MONITORS);
    return figures(ours, bare);
  } finally {
    await database.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

function figures(ours: Spent, bare: Spent): readonly Figure[] {
  const cpu = ours.nodeCpuMs + ours.postgresCpuMs;
  const bareCpu = bare.nodeCpuMs + bare.postgresCpuMs;
  return [
    {
      what: "results folded per second, batches of 1,000 over 1,000 monitors, 1 % down, fsync on",
      value: `${ours.perSecond.toFixed(0)}/s`,
      against: `bare INSERT and COMMIT of the same bytes: ${bare.perSecond.toFixed(0)}/s`,
      ratio: times(ours.perSecond / bare.perSecond),
    },
    {
      what: "CPU-ms per 1,000 results folded",
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
  readonly run: (round: Round) => Promise<void>;
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
    run: async ({ messages }) => {
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
function* roundsOf(ids: readonly string[], fromMs: number): Generator<Round, never> {
  for (let seq = 1, slotMs = fromMs; ; slotMs += 1000) {
    const messages = ids.map((id, index): Message => {
      const data = CheckResult.encode(resultOf(id, index, slotMs)).finish();
      return { stream: "bench", epoch: "1", seq: seq++, subject: subjects.check(id, "local"), data, headers: {} };
    });
    yield { slotMs, messages };
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
async function bareInsert(database: Database): Promise<(round: Round) => Promise<void>> {
  await database.sql`CREATE TABLE bare (monitor_id text, slot_ms bigint, payload bytea, PRIMARY KEY (monitor_id, slot_ms))`;
  return async ({ slotMs, messages }) => {
    await database.transaction(async (tx) => {
      const payloads = tx.array(
        messages.map(({ data }) => data),
        17,
      );
      await tx`
        INSERT INTO bare SELECT id, ${slotMs}, payload
        FROM unnest(${messages.map(({ subject }) => subject)}::text[], ${payloads}::bytea[]) AS n (id, payload)`;
    });
  };
}

/** Making the messages is not counted: in life others do that. */
async function measured(
  postgresPid: number,
  batches: number,
  rounds: Generator<Round, never>,
  run: (round: Round) => Promise<void>,
): Promise<Spent> {
  let wallMs = 0;
  let nodeMicros = 0;
  const postgresBefore = treeCpuMs(postgresPid);
  for (let batch = 0; batch < batches; batch += 1) {
    const round = rounds.next().value;
    const cpu = process.cpuUsage();
    const from = performance.now();
    await run(round);
    wallMs += performance.now() - from;
    const { user, system } = process.cpuUsage(cpu);
    nodeMicros += user + system;
  }
  return {
    perSecond: (batches * MONITORS * 1000) / wallMs,
    nodeCpuMs: nodeMicros / 1000 / batches,
    postgresCpuMs: (treeCpuMs(postgresPid) - postgresBefore) / batches,
  };
}

/** A figure of work that was not done would be worth nothing. */
async function demandFolded(database: Database, results: number): Promise<void> {
  const [row] = await database.sql<{ checks: number; opened: number }[]>`
    SELECT (SELECT count(*) FROM checks)::int AS checks, (SELECT count(*) FROM incidents)::int AS opened`;
  if (row?.checks !== results || row.opened !== MONITORS / 100) {
    throw new Error(`expected ${results} checks and ${MONITORS / 100} incidents, found ${JSON.stringify(row)}`);
  }
}
