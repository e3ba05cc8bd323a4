import { setTimeout as delay } from "node:timers/promises";
import { subjects } from "@sentinel/contracts";
import type { Message } from "@sentinel/messaging";
import { compactOnce } from "../../services/incidents/src/checklog/compact.ts";
import { percentileOf, samplesIn } from "../../services/incidents/src/checklog/histogram.ts";
import { foldBatch } from "../../services/incidents/src/fold.ts";
import { encodedResult } from "./check-results.ts";
import { type FoldWorld, withFoldWorld } from "./fold-world.ts";
import { type Bench, type Figure, mib, percentile, times, treeCpuMs } from "./report.ts";

const EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROUNDS_A_DAY = DAY_MS / EVERY_MS;
/** What gathers in 40 ms. */
const USUAL_BATCH = 20;
const GIB = 2 ** 30;

interface Sizes {
  readonly monitors: number;
  /** Rounds of each in the first part, which is folded as in life. */
  readonly folded: number;
}

interface World extends FoldWorld {
  /** The first slot: a midnight. */
  readonly fromMs: number;
}

/**
 * The check log in PostgreSQL with fsync on, filled by real folding of results as the prober encodes them, every 30 s, one
 * in two hundred down, response times with the noise of life.
 */
export const checklog: Bench = async ({ smoke }) => {
  const sizes: Sizes = smoke ? { monitors: 20, folded: 240 } : { monitors: 200, folded: ROUNDS_A_DAY };
  return await withFoldWorld(sizes.monitors, async (made) => {
    const world = { ...made, fromMs: Math.floor(made.kit.clock.now() / DAY_MS - 3) * DAY_MS };
    return [
      ...(await writtenAndKept(world, sizes)),
      ...(await foldingBeside(world, smoke)),
      ...(await aYear(world, smoke)),
    ];
  });
};

let seq = 1;
function messagesOf({ monitors }: World, slotMs: number): Message[] {
  return monitors.map(({ id }, index): Message => {
    const data = encodedResult(id, index, slotMs);
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
  const lonely = await bytesInBatchesOf(world, 1, 9);
  const usual = await bytesInBatchesOf(world, USUAL_BATCH, 5);
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
      what: `bytes written to the database's log per check in batches of ${USUAL_BATCH}, as 500 checks/s make them`,
      value: `${usual.toFixed(0)} B; one check alone in its batch ${lonely.toFixed(0)} B`,
      against: "goal: ≤ 300 B",
      ratio: times(usual / 300),
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

/**
 * What the database's log takes for each check in batches of some monitors, one result each, on days that nothing else is
 * measured on.
 */
async function bytesInBatchesOf(world: World, count: number, daysBefore: number): Promise<number> {
  const few = { ...world, monitors: world.monitors.slice(0, count) };
  const fromMs = world.fromMs - daysBefore * DAY_MS;
  await fold(few, fromMs, 10);
  await world.database.sql`CHECKPOINT`;
  // The first change of each page after that is written as a whole page, which is no cost of a batch.
  await fold(few, fromMs + 10 * EVERY_MS, 10);
  const before = await lsn(world);
  await fold(few, fromMs + 20 * EVERY_MS, 100);
  const bytes = await walSince(world, before);
  const packed = await compactOnce(compaction(world), new AbortController().signal);
  if (packed !== 120 * count) throw new Error(`expected ${120 * count} rounds to be packed, ${packed} were`);
  return bytes / 100 / count;
}

const compaction = ({ kit, store }: World) => ({ kit, store, everyMsOf: () => EVERY_MS });

/** Turns without and with packing beside it, so that what else the machine does meets both alike. */
const TURNS = 6;

interface Turn {
  readonly perSecond: number;
  readonly nodeShare: number;
  readonly postgresShare: number;
  readonly packed: number;
}

async function turnOf(world: World, fromMs: number, rounds: number, packs: boolean): Promise<Turn> {
  const stop = new AbortController();
  let packed = 0;
  const packing = (async () => {
    if (!packs) return;
    while (!stop.signal.aborted) packed += await compactOnce(compaction(world), stop.signal);
  })();
  const postgresBefore = treeCpuMs(world.postgresPid);
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const perSecond = await fold(world, fromMs, rounds);
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  const postgresCpuMs = treeCpuMs(world.postgresPid) - postgresBefore;
  stop.abort();
  await packing;
  return { perSecond, nodeShare: (user + system) / 1000 / tookMs, postgresShare: postgresCpuMs / tookMs, packed };
}

/** A day to pack, and folding of the days after it in turns, with and without packing beside it. */
async function foldingBeside(world: World, smoke: boolean): Promise<readonly Figure[]> {
  const rounds = smoke ? 60 : 150;
  const material = smoke ? 240 : ROUNDS_A_DAY;
  await fold(world, world.fromMs - 3 * DAY_MS, material, 10);
  const turns: Turn[] = [];
  const waits = countLockWaits(world);
  for (let n = 0; n < TURNS; n += 1) {
    turns.push(await turnOf(world, world.fromMs + DAY_MS + n * rounds * EVERY_MS, rounds, n % 2 === 1));
  }
  const { samples, waiting } = await waits.stop();
  const [without, beside] = [turns.filter((_, n) => n % 2 === 0), turns.filter((_, n) => n % 2 === 1)];
  if (beside.some(({ packed }) => packed === 0)) throw new Error("nothing was packed beside the folding");
  const inTurns = turns.reduce((sum, { packed }) => sum + packed, 0);
  const rest = await compactOnce(compaction(world), new AbortController().signal);
  const wanted = (material + TURNS * rounds) * world.monitors.length;
  if (inTurns + rest !== wanted)
    throw new Error(`${wanted} rounds were to be packed once each, ${inTurns + rest} were`);
  const rate = (some: readonly Turn[]): number =>
    percentile(
      some.map(({ perSecond }) => perSecond),
      50,
    );
  const share = (some: readonly Turn[]): string => {
    const of = (value: (turn: Turn) => number): string =>
      `${((100 * some.reduce((sum, turn) => sum + value(turn), 0)) / some.length).toFixed(0)} %`;
    return `of a core Node ${of((turn) => turn.nodeShare)}, PostgreSQL ${of((turn) => turn.postgresShare)}`;
  };
  return [
    {
      what: `results folded per second while ${inTurns} rounds are packed, in ${TURNS} turns with and without, median`,
      value: `${rate(beside).toFixed(0)}/s (${share(beside)})`,
      against: `without packing, same run: ${rate(without).toFixed(0)}/s (${share(without)})`,
      ratio: times(rate(beside) / rate(without)),
    },
    {
      what: "looks at the database, every 5 ms while turns were folded, that found a statement waiting for a lock of another",
      value: `${waiting} of ${samples}`,
      against: "goal: 0",
      ratio: "–",
    },
  ];
}

function countLockWaits({ database }: World): { stop(): Promise<{ samples: number; waiting: number }> } {
  const done = new AbortController();
  let [samples, waiting] = [0, 0];
  const looking = (async () => {
    while (!done.signal.aborted) {
      const [row] = await database.sql<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted`;
      samples += 1;
      if ((row?.count ?? 0) > 0) waiting += 1;
      await delay(5);
    }
  })();
  return {
    stop: async () => {
      done.abort();
      await looking;
      return { samples, waiting };
    },
  };
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
