import { type CheckResult, Verdict } from "@sentinel/contracts";
import {
  type Database,
  eventstoreMigrations,
  openDatabase,
  prepareApplicationRole,
} from "@sentinel/eventstore/postgres";
import { createServiceKit } from "@sentinel/service-kit";
import { startTestPostgres, type TestPostgres, VirtualClock } from "@sentinel/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { aRound, T0 } from "../core/fixtures.ts";
import type { FoldStore } from "../store/port.ts";
import { incidentsMigrations } from "../store/postgres/migrations.ts";
import { createPostgresFoldStore } from "../store/postgres/postgres-fold-store.ts";
import { compactOnce } from "./compact.ts";
import { HOUR_MS } from "./spans.ts";

let server: TestPostgres;
let owner: Database;
let app: Database;
let store: FoldStore;
/** One whose statements fail when they wait for a lock. */
let impatient: FoldStore;
let hurried: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  const { url } = await server.createDatabase([...eventstoreMigrations, ...incidentsMigrations]);
  owner = await openDatabase(url, { max: 1 });
  const role = await prepareApplicationRole(owner, url);
  app = await openDatabase(role, { max: 6 });
  store = createPostgresFoldStore(app);
  hurried = await openDatabase(`${role}?lock_timeout=250`, { max: 2 });
  impatient = createPostgresFoldStore(hurried);
}, 60_000);
afterAll(async () => {
  await hurried.close();
  await app.close();
  await owner.close();
  await server.stop();
});

const MONITORS = Array.from({ length: 12 }, (_, n) => `mon_${String(n).padStart(2, "0")}`);
const EVERY_MS = 60_000;
const ROUNDS = (2 * HOUR_MS) / EVERY_MS;

function rowsOf(round: number): CheckResult[] {
  return MONITORS.map((monitorId) => aRound(T0 + round * EVERY_MS, Verdict.HEALTHY, "", { monitorId }));
}

test("rounds that are inserted, and inserted again, while their hours are packed are kept once each", async () => {
  const clock = new VirtualClock({ startMs: T0 + 4 * HOUR_MS });
  const kit = { ...createServiceKit({ service: "test", env: { SENTINEL_LOG_LEVEL: "silent" } }), clock };
  const never = new AbortController().signal;
  await store.prepareChecks([T0]);
  let isNew = 0;
  const insert = async (round: number): Promise<void> => {
    const flags = await store.transaction((tx) => tx.checks.insert(rowsOf(round)));
    isNew += flags.filter(Boolean).length;
  };
  const inserted = new AbortController();
  let packed = 0;
  const packing = (async () => {
    while (!inserted.signal.aborted) packed += await compactOnce({ kit, store, everyMsOf: () => EVERY_MS }, never);
    packed += await compactOnce({ kit, store, everyMsOf: () => EVERY_MS }, never);
  })();
  for (let round = 0; round < ROUNDS; round += 1) {
    await insert(round);
    await insert(Math.floor((round * 7919) % (round + 1)));
    await insert(Math.max(0, round - 1));
  }
  inserted.abort();
  await packing;
  expect(isNew).toBe(MONITORS.length * ROUNDS);
  expect(packed).toBe(MONITORS.length * ROUNDS);
  const slots = Array.from({ length: ROUNDS }, (_, round) => T0 + round * EVERY_MS);
  for (const monitorId of MONITORS) {
    const query = { monitorId, beforeMs: T0 + 4 * HOUR_MS, afterMs: 0, limit: 10_000, oldestFirst: true };
    const listed = await store.transaction((tx) => tx.checks.list(query));
    expect(listed.map(({ slotMs }) => slotMs)).toEqual(slots);
    const span = { monitorId, fromMs: T0, toMs: T0 + 24 * HOUR_MS, everyMs: EVERY_MS };
    const { time } = await store.transaction((tx) => tx.checks.summary(span));
    expect(time).toEqual({ upMs: 2 * HOUR_MS, downMs: 0, unknownMs: 0, missedMs: 0 });
  }
}, 60_000);

test("the impatient store does not wait for a lock", async () => {
  const locked = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const holding = store.transaction(async (tx) => {
    await tx.partitions.lock([0]);
    locked.resolve();
    await done.promise;
  });
  await locked.promise;
  const refused = impatient.transaction((tx) => tx.partitions.lock([0]));
  await expect(refused).rejects.toMatchObject({ code: "database_timeout" });
  done.resolve();
  await holding;
});

test("what folds waits for nothing that packing has locked, however long its transaction lasts", async () => {
  const hourMs = T0 + 48 * HOUR_MS;
  const id = "mon_packed";
  const round = (n: number) => aRound(hourMs + n * EVERY_MS, Verdict.DOWN, "http_status", { monitorId: id });
  await store.prepareChecks([hourMs]);
  await store.transaction((tx) => tx.checks.insert([0, 1, 3].map(round)));
  const folded = Promise.withResolvers<void>();
  const packed = Promise.withResolvers<void>();
  const packing = store.transaction(async (tx) => {
    const segments = await tx.checks.segments(hourMs);
    const rounds = segments.flatMap(({ counted, results }) =>
      results(() => true).map((result) => ({ result, counted })),
    );
    await tx.checks.pack([{ monitorId: id, region: "local", hourMs, everyMs: EVERY_MS, rounds }]);
    await tx.checks.forget(hourMs, segments);
    packed.resolve();
    await folded.promise;
  });
  try {
    await packed.promise;
    // One that comes again, one that is late, a new one of the hour, and the first of the next.
    const batch = [round(1), round(2), round(4), round(60)];
    await impatient.prepareChecks(batch.map(({ slotMs }) => slotMs));
    const flags = await impatient.transaction((tx) => tx.checks.insert(batch));
    expect(flags).toEqual([false, true, true, true]);
  } finally {
    folded.resolve();
    await packing;
  }
  const query = { monitorId: id, beforeMs: Number.MAX_SAFE_INTEGER, afterMs: hourMs, limit: 100, oldestFirst: true };
  const listed = await store.transaction((tx) => tx.checks.list(query));
  expect(listed.map(({ slotMs }) => (slotMs - hourMs) / EVERY_MS)).toEqual([0, 1, 2, 3, 4, 60]);
});

test("a segment that cannot be read stays as it is and does not hold up the others", async () => {
  const clock = new VirtualClock({ startMs: T0 + 30 * HOUR_MS });
  const kit = { ...createServiceKit({ service: "test", env: { SENTINEL_LOG_LEVEL: "silent" } }), clock };
  const hourMs = T0 + 24 * HOUR_MS;
  await store.prepareChecks([hourMs]);
  for (const [n, monitorId] of ["mon_damaged", "mon_whole"].entries()) {
    await store.transaction((tx) => tx.checks.insert([aRound(hourMs + n, Verdict.HEALTHY, "", { monitorId })]));
  }
  await app.sql`
    UPDATE check_segments SET data = '\\x01ff'::bytea
    WHERE hour_ms = ${hourMs} AND from_ms = ${hourMs}`;
  const deps = { kit, store, everyMsOf: () => EVERY_MS };
  const never = new AbortController().signal;
  expect(await compactOnce(deps, never)).toBe(1);
  expect(await compactOnce(deps, never)).toBe(0);
  const left = await store.transaction((tx) => tx.checks.segments(hourMs));
  expect(left).toHaveLength(1);
  expect(() => left[0]?.results(() => true)).toThrow(RangeError);
});
