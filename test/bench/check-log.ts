import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckResult, type Monitor, MonitorSource, subjects, Verdict } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { type Database, eventstoreMigrations, migrate, openDatabase } from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, type FoldStore, incidentsMigrations } from "@sentinel/incidents";
import type { Message } from "@sentinel/messaging";
import { createServiceKit, type ServiceKit, silentLog } from "@sentinel/service-kit";
import { compactOnce } from "../../services/incidents/src/checklog/compact.ts";
import { percentileOf, samplesIn } from "../../services/incidents/src/checklog/histogram.ts";
import { type FoldDeps, foldBatch } from "../../services/incidents/src/fold.ts";
import { createPartitionCache } from "../../services/incidents/src/partition-cache.ts";
import { type Bench, type Figure, mib, percentile, times } from "./report.ts";

const OWNER = "bench";
const EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROUNDS_A_DAY = DAY_MS / EVERY_MS;
const GIB = 2 ** 30;

interface Sizes {
  readonly monitors: number;
  /** Rounds of each in the first part, which is folded as in life. */
  readonly folded: number;
}

interface World {
  readonly database: Database;
  readonly store: FoldStore;
  readonly kit: ServiceKit;
  readonly monitors: readonly Monitor[];
  readonly deps: FoldDeps;
  /** The first slot: a midnight. */
  readonly fromMs: number;
}

/**
 * The check log in PostgreSQL with fsync on, filled by real folding of results as the prober encodes them, every 30 s, one
 * in two hundred down, response times with the noise of life.
 */
export const checklog: Bench = async ({ smoke }) => {
  const sizes: Sizes = smoke ? { monitors: 20, folded: 240 } : { monitors: 200, folded: ROUNDS_A_DAY };
  const folder = await mkdtemp(join(tmpdir(), "sentinel-checklog-"));
  // The database's own account passes through to its cluster.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dir: join(folder, "postgres"), log: silentLog, durable: true });
  const database = await openDatabase(server.url);
  try {
    await migrate(database, [...eventstoreMigrations, ...incidentsMigrations]);
    const world = await worldOf(database, sizes.monitors);
    return [
      ...(await writtenAndKept(world, sizes)),
      ...(await foldingBeside(world, sizes)),
      ...(await aYear(world, smoke)),
    ];
  } finally {
    await database.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

async function worldOf(database: Database, count: number): Promise<World> {
  const kit = createServiceKit({ service: "bench", env: { SENTINEL_LOG_LEVEL: "error" } });
  const store = createPostgresFoldStore(database);
  const fromMs = Math.floor(kit.clock.now() / DAY_MS - 3) * DAY_MS;
  const monitors = Array.from({ length: count }, (_, index) => monitorOf(index, fromMs));
  const epochs = await store.transaction(async (tx) => {
    for (const monitor of monitors) await tx.monitors.save(monitor);
    const held = await tx.partitions.hold(OWNER, 24 * HOUR_MS, true);
    return new Map(held.map(({ part, epoch }) => [part, epoch]));
  });
  const deps = { kit, store, cache: createPartitionCache(), epochs, owner: OWNER, channelsOf: () => ["ops"] };
  return { database, store, kit, monitors, deps, fromMs };
}

function monitorOf(index: number, nowMs: number): Monitor {
  const input = {
    name: `m${index}`,
    endpoints: [`https://service-${index}.example.org/health`],
    repair: { action: "wake-up", mode: "off" },
  };
  const parsed = parseMonitorInput(input);
  if (!parsed.ok) throw new Error(`not a monitor: ${JSON.stringify(parsed.problems)}`);
  const id = `mon_${String(index).padStart(26, "0")}`;
  return { id, spec: parsed.spec, source: MonitorSource.FILE, version: 1, createdAtMs: nowMs, changedAtMs: nowMs };
}

/** The same numbers in every run; xorshift32, then the sum of uniforms for noise like that of a network. */
let state = 2_463_534_242;
function uniform(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}
const around = (mean: number, deviation: number): number =>
  Math.max(0.01, mean + deviation * (uniform() + uniform() + uniform() - 1.5) * 2);

function resultOf(monitorId: string, index: number, slotMs: number): CheckResult {
  const down = uniform() < 1 / 200;
  const verdict = down ? Verdict.DOWN : Verdict.HEALTHY;
  const reason = down ? "http_status" : "";
  const base = 20 + (index % 50) * 4;
  const phases = {
    dnsMs: around(0.8, 0.2),
    connectMs: around(base / 10, base / 100),
    tlsMs: around(base / 5, base / 50),
    firstByteMs: around(base, base / 10) + (uniform() < 0.02 ? base * uniform() * 5 : 0),
    transferMs: around(0.4, 0.1),
  };
  const endpointMs = Object.values(phases).reduce((a, b) => a + b, 0) + 0.1;
  const params = { expected: "200", actual: "503" };
  return CheckResult.fromPartial({
    monitorId,
    region: "local",
    prober: "prober-1",
    slotMs,
    startedAtMs: slotMs + Math.floor(uniform() * 6),
    durationMs: endpointMs + 0.3,
    verdict,
    reason,
    monitorVersion: 1,
    traceparent: `00-${hex(32)}-${hex(16)}-01`,
    endpoints: [
      {
        url: `https://service-${index}.example.org/health`,
        verdict,
        reason,
        status: down ? 503 : 200,
        durationMs: endpointMs,
        phases,
        evidence: down ? { requestLine: "GET /health HTTP/1.1", status: 503, params } : undefined,
      },
    ],
  });
}

const hex = (digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(uniform() * 16).toString(16)).join("");

let seq = 1;
function messagesOf({ monitors }: World, slotMs: number): Message[] {
  return monitors.map(({ id }, index): Message => {
    const data = CheckResult.encode(resultOf(id, index, slotMs)).finish();
    return { stream: "bench", epoch: "1", seq: seq++, subject: subjects.check(id, "local"), data, headers: {} };
  });
}

/** Folds batches of one or more results of each monitor; what making them costs is not counted. Gives results per second. */
async function fold(world: World, fromMs: number, rounds: number, perBatch = 1): Promise<number> {
  let tookMs = 0;
  for (let round = 0; round < rounds; round += perBatch) {
    const some = Array.from({ length: Math.min(perBatch, rounds - round) }, (_, n) => round + n);
    const messages = some.flatMap((n) => messagesOf(world, fromMs + n * EVERY_MS));
    const startMs = performance.now();
    await foldBatch(world.deps, messages);
    tookMs += performance.now() - startMs;
  }
  return (rounds * world.monitors.length * 1000) / tookMs;
}

const lsn = async ({ database }: World): Promise<string> =>
  (await database.sql<{ lsn: string }[]>`SELECT pg_current_wal_insert_lsn()::text AS lsn`)[0]?.lsn ?? "0/0";

async function walSince({ database }: World, since: string): Promise<number> {
  const [row] = await database.sql<{ bytes: number }[]>`
    SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), ${since}::pg_lsn)::bigint AS bytes`;
  return row?.bytes ?? Number.NaN;
}

/** Bytes of the database's log by table or index, per check, the largest first; whole pages after a checkpoint apart. */
async function walByTable({ database }: World, since: string, checks: number): Promise<string> {
  await database.sql`CREATE EXTENSION IF NOT EXISTS pg_walinspect`;
  const rows = await database.sql<{ name: string; bytes: number; pages: number }[]>`
    SELECT coalesce(regexp_replace(coalesce(own.relname, c.relname), '_\\d{6,8}', ''), 'other') AS name,
      sum(b.record_length - b.block_fpi_length)::bigint AS bytes, sum(b.block_fpi_length)::bigint AS pages
    FROM pg_get_wal_block_info(${since}::pg_lsn, pg_current_wal_flush_lsn(), false) b
    LEFT JOIN pg_class c ON c.relfilenode = b.relfilenode
    LEFT JOIN pg_class own ON own.reltoastrelid = c.oid
    WHERE b.block_id = 0 GROUP BY 1 ORDER BY 2 DESC`;
  const each = rows
    .filter(({ bytes }) => bytes / checks >= 0.5)
    .map(({ name, bytes }) => `${name} ${(bytes / checks).toFixed(1)}`);
  const pages = rows.reduce((sum, row) => sum + row.pages, 0);
  return `${each.join(", ")}, whole pages ${(pages / checks).toFixed(1)}`;
}

/** Of tables by pattern, indexes and overflow tables included. */
async function tableBytes({ database }: World, pattern: string): Promise<number> {
  const [row] = await database.sql<{ bytes: number }[]>`
    SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint AS bytes FROM pg_class
    WHERE relkind = 'r' AND relname ~ ${pattern}`;
  return row?.bytes ?? Number.NaN;
}

/** Written at all: the log of the database, and the tables and indexes that its checkpoints write once. */
async function writtenAndKept(world: World, { monitors, folded }: Sizes): Promise<readonly Figure[]> {
  const checks = monitors * folded;
  const lonely = await aloneBytes(world);
  await world.database.sql`CHECKPOINT`;
  const before = await lsn(world);
  // One result of each monitor per batch, as they come in life; the rest of the day in batches of thousands.
  const first = Math.min(folded, 360);
  await fold(world, world.fromMs, first);
  const written = monitors * first;
  const walBytes = await walSince(world, before);
  const where = await walByTable(world, before, written);
  const hotBytes = await tableBytes(world, "^(check_segments_|check_evidence)");
  await fold(world, world.fromMs + first * EVERY_MS, folded - first, 10);
  const beforePacking = await lsn(world);
  const startMs = performance.now();
  const packed = await compactOnce(compaction(world), new AbortController().signal);
  const packingMs = performance.now() - startMs;
  const packingBytes = await walSince(world, beforePacking);
  if (packed !== checks) throw new Error(`expected ${checks} rows to be packed, ${packed} were`);
  await world.database.sql`VACUUM (FULL) check_days`;
  const parts = await Promise.all(
    ["^check_chunks_", "^check_days", "^uptime_hourly", "^check_evidence"].map((each) => tableBytes(world, each)),
  );
  const [chunks = 0, days = 0, counts = 0, evidence = 0] = parts;
  const kept = (chunks + days) / checks;
  return [
    {
      what: `bytes written per check folded (${written} checks, one in 200 down with evidence)`,
      value: `${((walBytes + hotBytes) / written).toFixed(0)} B (log ${(walBytes / written).toFixed(0)}, tables and indexes ${(hotBytes / written).toFixed(0)}); packing writes ${((packingBytes + chunks + days) / checks).toFixed(0)} B more`,
      against: "goal: ≤ 300 B",
      ratio: times((walBytes + hotBytes) / written / 300),
    },
    {
      what: "bytes that one check alone in its batch writes to the database's log",
      value: `${lonely.toFixed(0)} B`,
      against: `in batches of ${monitors}: ${(walBytes / written).toFixed(0)} B`,
      ratio: times((lonely * written) / walBytes),
    },
    {
      what: "of which the database's log, by table and index, bytes per check",
      value: where,
      against: "–",
      ratio: "–",
    },
    {
      what: "bytes kept per check once packed, indexes included",
      value: `${kept.toFixed(1)} B (chunks ${(chunks / checks).toFixed(1)}, sums of days ${(days / checks).toFixed(1)}); apart with times of their own: hourly counts ${(counts / checks).toFixed(1)}, evidence ${(evidence / checks).toFixed(1)}`,
      against: `goal: ≤ 10 B; not packed: ${(hotBytes / written).toFixed(0)} B`,
      ratio: times(kept / 10),
    },
    {
      what: "10,000 monitors every 30 s, 30 days, packed",
      value: `${((kept * 10_000 * ROUNDS_A_DAY * 30) / GIB).toFixed(2)} GiB, and ${mib((counts / monitors) * 10_000)} of counts a day for 3 days; ${monitors} monitors were folded for ${(folded / ROUNDS_A_DAY).toFixed(2)} days, the rest is ×${10_000 / monitors} monitors ×${((30 * ROUNDS_A_DAY) / folded).toFixed(0)} in time`,
      against: "goal: ≤ 8 GiB",
      ratio: times((kept * 10_000 * ROUNDS_A_DAY * 30) / GIB / 8),
    },
    {
      what: "checks packed per second",
      value: `${((checks * 1000) / packingMs).toFixed(0)}/s`,
      against: "10,000 monitors every 30 s make 333/s",
      ratio: times((checks * 1000) / packingMs / 333),
    },
  ];
}

/** One monitor, one result per batch, on days that nothing else is measured on. */
async function aloneBytes(world: World): Promise<number> {
  const alone = { ...world, monitors: world.monitors.slice(0, 1) };
  const fromMs = world.fromMs - 5 * DAY_MS;
  await fold(alone, fromMs, 10);
  const before = await lsn(world);
  await fold(alone, fromMs + 10 * EVERY_MS, 100);
  const bytes = await walSince(world, before);
  const packed = await compactOnce(compaction(world), new AbortController().signal);
  if (packed !== 110) throw new Error(`expected 110 rounds to be packed, ${packed} were`);
  return bytes / 100;
}

const compaction = ({ kit, store }: World) => ({ kit, store, everyMsOf: () => EVERY_MS });

/** The next day folded beside the packing of it, against the day after without. */
async function foldingBeside(world: World, { folded }: Sizes): Promise<readonly Figure[]> {
  const rounds = Math.min(folded, 720);
  const alone = await fold(world, world.fromMs + DAY_MS, rounds);
  const stop = new AbortController();
  let packed = 0;
  const packing = (async () => {
    while (!stop.signal.aborted) packed += await compactOnce(compaction(world), stop.signal);
  })();
  const beside = await fold(world, world.fromMs + DAY_MS + rounds * EVERY_MS, rounds);
  stop.abort();
  await packing;
  if (packed === 0) throw new Error("nothing was packed beside the folding");
  packed += await compactOnce(compaction(world), new AbortController().signal);
  if (packed !== 2 * rounds * world.monitors.length) throw new Error(`rows were lost or packed twice: ${packed}`);
  return [
    {
      what: `results folded per second while ${packed} rows are packed without a pause, two cores for all`,
      value: `${beside.toFixed(0)}/s`,
      against: `without packing, same run: ${alone.toFixed(0)}/s`,
      ratio: times(beside / alone),
    },
  ];
}

/** A year of sums of days for all monitors, then reads of one; the log's own last days are its end. */
async function aYear(world: World, smoke: boolean): Promise<readonly Figure[]> {
  const { database, monitors, store, fromMs } = world;
  // Their months, without the other days of rounds that nobody has any more.
  await store.prepareChecks(Array.from({ length: 27 }, (_, n) => fromMs - Math.min(n * 14, 364) * DAY_MS));
  await database.sql`
    INSERT INTO check_days SELECT monitor_id, day_ms - n * ${DAY_MS}::bigint, region, up_ms, down_ms, unknown_ms, missed_ms,
      latency FROM check_days, generate_series(1, 364) n WHERE day_ms = ${fromMs} ON CONFLICT DO NOTHING`;
  await database.sql`VACUUM ANALYZE check_days`;
  const toMs = fromMs + 2 * DAY_MS - 17 * 60_000;
  const took: number[] = [];
  let found = { p95: 0, samples: 0 };
  for (let n = 0; n < (smoke ? 5 : 100); n += 1) {
    const monitorId = monitors[n % monitors.length]?.id ?? "";
    const startMs = performance.now();
    const span = { monitorId, fromMs: toMs - 365 * DAY_MS, toMs, everyMs: EVERY_MS };
    const { latency } = await store.transaction((tx) => tx.checks.summary(span));
    found = { p95: percentileOf(latency, 95) ?? Number.NaN, samples: samplesIn(latency) };
    took.push(performance.now() - startMs);
  }
  return [
    {
      what: "one year's p95 and uptime of one monitor, read",
      value: `p50 ${percentile(took, 50).toFixed(0)} ms, p99 ${percentile(took, 99).toFixed(0)} ms (${found.samples} rounds, p95 ${found.p95.toFixed(1)} ms)`,
      against: "goal: ≤ 200 ms",
      ratio: times(percentile(took, 99) / 200),
    },
  ];
}
