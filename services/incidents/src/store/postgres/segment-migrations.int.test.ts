import { CheckResult, Verdict } from "@sentinel/contracts";
import { type Database, eventstoreMigrations, migrate, openDatabase } from "@sentinel/eventstore/postgres";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { encodeChunk } from "../../checklog/chunk.ts";
import { encodeHistogram, histogramOf, samplesIn } from "../../checklog/histogram.ts";
import { asHot } from "../../checklog/segment.ts";
import { dayOf, HOUR_MS } from "../../checklog/spans.ts";
import { anEndpoint, aRound, EVERY_MS, T0 } from "../../core/fixtures.ts";
import { EVIDENCE } from "../contract/checks.ts";
import { keeping, packHours } from "../contract/open-fold-store.ts";
import { incidentsMigrations } from "./migrations.ts";
import { createPostgresFoldStore } from "./postgres-fold-store.ts";

let server: TestPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  const { url } = await server.createDatabase([]);
  database = await openDatabase(url, { max: 4 });
}, 60_000);
afterAll(async () => {
  await database.close();
  await server.stop();
});

const ID = `mon_é"\\${"0".repeat(20)}`;
const PACKED_MS = T0;
/** The hour that was not packed yet, over midnight into the next month. */
const HOT_MS = Date.UTC(2026, 0, 31, 23);
const rounds = (fromMs: number, count: number): CheckResult[] =>
  Array.from({ length: count }, (_, n) => {
    const down = n % 5 === 4;
    const evidence = down ? EVIDENCE : undefined;
    return aRound(fromMs + n * EVERY_MS, down ? Verdict.DOWN : Verdict.HEALTHY, down ? "http_status" : "", {
      monitorId: ID,
      durationMs: 10.1 + n,
      monitorVersion: 3,
      endpoints: [anEndpoint(down ? Verdict.DOWN : Verdict.HEALTHY, "", { status: 200, durationMs: 9.7, evidence })],
    });
  });
const missed = aRound(HOT_MS + 150 * EVERY_MS, Verdict.MISSED, "", { monitorId: ID, missedSlots: 7 });
const packed = rounds(PACKED_MS, 120);
const hot = [...rounds(HOT_MS, 130), missed];

/** As the version before wrote it. */
async function fillFormer(): Promise<void> {
  const { sql } = database;
  for (const [table, days] of [
    ["checks", [dayOf(HOT_MS), dayOf(HOT_MS) + 24 * HOUR_MS]],
    ["check_chunks", [dayOf(PACKED_MS)]],
  ] as const) {
    for (const dayMs of days) {
      const name = `${table}_${new Date(dayMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
      await sql.unsafe(
        `CREATE TABLE ${name} PARTITION OF ${table} FOR VALUES FROM (${dayMs}) TO (${dayMs + 24 * HOUR_MS})`,
      );
    }
  }
  for (const round of hot) {
    const { monitorId, region, slotMs, verdict, durationMs, reason } = round;
    const left = { monitorId: "", region: "", slotMs: 0, verdict: Verdict.UNSPECIFIED, durationMs: 0, reason: "" };
    const endpoints = round.endpoints.map((each) => ({ ...each, evidence: undefined }));
    const payload = CheckResult.encode({ ...round, ...left, endpoints }).finish();
    await sql`
      INSERT INTO checks (monitor_id, region, slot_ms, verdict, duration_ms, reason, payload)
      VALUES (${monitorId}, ${region}, ${slotMs}, ${verdict}, ${durationMs}, ${reason}, ${payload})`;
  }
  for (const round of [...packed, ...hot].filter(({ verdict }) => verdict === Verdict.DOWN)) {
    const result = CheckResult.encode(round).finish();
    await sql`INSERT INTO check_evidence VALUES (${ID}, ${round.region}, ${round.slotMs}, ${result})`;
  }
  await sql`INSERT INTO check_chunks VALUES (${ID}, ${PACKED_MS}, 'local', 120, ${encodeChunk(packed)})`;
  const latency = encodeHistogram(histogramOf([1, 2, 3]));
  for (const dayMs of [dayOf(PACKED_MS) - 40 * 24 * HOUR_MS, dayOf(PACKED_MS)]) {
    await sql`INSERT INTO check_days VALUES (${ID}, ${dayMs}, 'local', 1000, 200, 0, 0, ${latency})`;
  }
  await sql`UPDATE check_packing SET packed_until_ms = ${PACKED_MS + HOUR_MS}`;
  for (const [hourMs, healthy, down, missing] of [
    [HOT_MS, 96, 24, 0],
    [HOT_MS + HOUR_MS, 8, 2, 7],
  ] as const) {
    await sql`INSERT INTO uptime_hourly VALUES (${ID}, ${hourMs}, ${healthy}, 0, ${down}, 0, ${missing})`;
  }
}

test("a database of the version before comes over: rounds, evidence, sums and counts, and goes on", async () => {
  const former = incidentsMigrations.filter(({ id }) => id < 130);
  await migrate(database, [...eventstoreMigrations, ...former]);
  await fillFormer();
  await migrate(database, [...eventstoreMigrations, ...incidentsMigrations]);
  const store = createPostgresFoldStore(database);
  await store.prepareChecks([HOT_MS, HOT_MS + HOUR_MS]);
  const list = () =>
    store.transaction((tx) =>
      tx.checks.list({ monitorId: ID, beforeMs: T0 * 2, afterMs: 0, limit: 1000, oldestFirst: true }),
    );
  const wanted = [...packed, ...hot];
  const keyed = (all: readonly CheckResult[]) => all.map(({ slotMs, verdict }) => [slotMs, verdict]);
  const listed = await list();
  expect(keyed(listed)).toEqual(keyed(wanted));
  const failing = (all: readonly CheckResult[]) => all.filter(({ verdict }) => verdict === Verdict.DOWN);
  expect(failing(listed)).toEqual(failing(wanted));
  expect(listed.slice(120).filter(({ verdict }) => verdict !== Verdict.DOWN)).toEqual(
    hot.filter(({ verdict }) => verdict !== Verdict.DOWN).map(asHot),
  );
  const counts = () => store.transaction((tx) => tx.uptime.since(HOT_MS));
  const counted = [
    { monitorId: ID, hourMs: HOT_MS, healthy: 96, degraded: 0, down: 24, unknown: 0, missed: 0 },
    { monitorId: ID, hourMs: HOT_MS + HOUR_MS, healthy: 8, degraded: 0, down: 2, unknown: 0, missed: 7 },
  ];
  expect(await counts()).toEqual(counted);
  expect(await store.transaction((tx) => tx.checks.insert([...hot, ...packed.slice(0, 3)]))).not.toContain(true);
  const beats = async () =>
    (await store.transaction((tx) => tx.checks.beats([ID], 60))).get(ID)?.map(({ slotMs }) => slotMs);
  const last = hot.slice(-60).map(({ slotMs }) => slotMs);
  expect(await beats()).toEqual(last);
  expect(await store.transaction((tx) => packHours(tx, ID, [HOT_MS, HOT_MS + HOUR_MS], EVERY_MS))).toBe(hot.length);
  expect(await counts()).toEqual(counted);
  expect(keyed(await list())).toEqual(keyed(wanted));
  expect(await beats()).toEqual(last);
  const span = { monitorId: ID, fromMs: T0 - 60 * 24 * HOUR_MS, toMs: T0 + 24 * HOUR_MS, everyMs: EVERY_MS };
  const sums = async () => samplesIn((await store.transaction((tx) => tx.checks.summary(span))).latency);
  expect(await sums()).toBe(6);
  await store.prune(keeping({ summariesMs: Date.UTC(2026, 0, 15), evidenceMs: HOT_MS }));
  expect(await sums()).toBe(3);
  expect(
    (await list()).filter(({ endpoints }) => endpoints.some(({ evidence }) => evidence !== undefined)),
  ).toHaveLength(failing(hot).length);
}, 60_000);
