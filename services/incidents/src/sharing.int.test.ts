import {
  CheckResult,
  type Monitor,
  MonitorSpec,
  PARTITIONS,
  partitionOf,
  subjects,
  Verdict,
} from "@sentinel/contracts";
import { createEgress } from "@sentinel/egress";
import { type Database, eventstoreMigrations, openDatabase } from "@sentinel/eventstore/postgres";
import type { Bus } from "@sentinel/messaging";
import { createNatsBus } from "@sentinel/messaging/nats";
import { createMetrics, noFailpoint, offTracing, type ServiceKit, silentLog, systemClock } from "@sentinel/service-kit";
import { createTestDatabase, seededRandom, startNats } from "@sentinel/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anEndpoint, aRound, aSpec } from "./core/fixtures.ts";
import { foldBatch } from "./fold.ts";
import { createPartitionCache } from "./partition-cache.ts";
import { partitionsOf } from "./rendezvous.ts";
import { startIncidents } from "./start.ts";
import type { FoldStore } from "./store/port.ts";
import { incidentsMigrations } from "./store/postgres/migrations.ts";
import { createPostgresFoldStore } from "./store/postgres/postgres-fold-store.ts";

const EVERY_MS = 10_000;
const MONITORS = 30;
const signal = new AbortController().signal;
const caller = { signal, traceparent: "" };
const stops: (() => unknown)[] = [];
let database: Database;
let store: FoldStore;
let bus: Bus;
let connect: (name: string) => Promise<Bus>;

beforeAll(async () => {
  const test = await createTestDatabase([...eventstoreMigrations, ...incidentsMigrations]);
  stops.push(() => test.drop());
  database = await openDatabase(test.url, { max: 12 });
  stops.push(() => database.close());
  store = createPostgresFoldStore(database);
  const folder = await mkdtemp(join(tmpdir(), "sentinel-sharing-"));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const nats = await startNats({ storeDir: folder });
  stops.push(() => nats.stop());
  connect = async (name) => {
    const { clock, random, log } = kitOf(name);
    const connected = await createNatsBus({ servers: [nats.url], name, clock, random, log });
    stops.push(() => connected.close());
    return connected;
  };
  bus = await connect("test");
}, 60_000);
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
}, 60_000);

const kitOf = (name: string): ServiceKit => ({
  clock: systemClock,
  random: seededRandom(name.length),
  log: silentLog,
  metrics: createMetrics(),
  tracing: offTracing,
  failpoint: noFailpoint,
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await systemClock.sleep(20, signal);
}

/** A member whose store can be made to hang, as that of a process that is paused. */
async function start(owner: string) {
  let gate = Promise.resolve();
  const paused: FoldStore = { ...store, transaction: async (fn) => await gate.then(() => store.transaction(fn)) };
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  stops.push(() => egress.close());
  const service = await startIncidents({
    kit: kitOf(owner),
    bus: await connect(owner),
    store: paused,
    egress,
    owner,
    exclusive: false,
    configFile: undefined,
    demo: [],
    publicUrl: "",
    locale: "en",
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= service.stop());
  stops.push(stop);
  await service.ready;
  const pause = (): (() => void) => {
    const resume = Promise.withResolvers<void>();
    gate = resume.promise;
    return resume.resolve;
  };
  return { api: service.api, stop, pause };
}

const look = () => store.transaction((tx) => tx.members.standing());
const partitions = () => store.transaction((tx) => tx.partitions.all());

/** Every partition belongs to the member that is computed for it, and to nobody else. */
async function isShared(members: readonly string[]): Promise<boolean> {
  const { owners } = await look();
  return members.every((member) => {
    const own = owners.flatMap((owner, part) => (owner === member ? [part] : []));
    return own.join() === partitionsOf(member, members).join();
  });
}

/** A lease ends by the clock of the database: what is left of it, and its end brought about. */
async function remainingMs(owner: string): Promise<number> {
  const [row] = await database.sql<{ ms: number }[]>`
    SELECT extract(epoch FROM max(expires_at) - clock_timestamp())::float8 * 1000 AS ms FROM (
      SELECT expires_at FROM partitions WHERE owner = ${owner}
      UNION ALL SELECT expires_at FROM members WHERE owner = ${owner}
      UNION ALL SELECT expires_at FROM lead_lease WHERE owner = ${owner}) leases`;
  return row?.ms ?? Number.NaN;
}

async function expire(owner: string): Promise<void> {
  for (const table of ["partitions", "members", "lead_lease"]) {
    await database.sql`
      UPDATE ${database.sql(table)} SET expires_at = clock_timestamp() - interval '1 second' WHERE owner = ${owner}`;
  }
}

async function publish(monitors: readonly Monitor[], slotMs: number): Promise<void> {
  for (const { id: monitorId } of monitors) {
    const endpoints = [anEndpoint(Verdict.DOWN, "connect_refused")];
    const result = aRound(slotMs, Verdict.DOWN, "connect_refused", { monitorId, endpoints });
    await bus.publish(subjects.check(monitorId, "local"), CheckResult.encode(result).finish());
  }
}

test("three members, one that hangs and wakes, one that joins, one that stops: each result is folded once, in order", async () => {
  const firstSlotMs = Math.floor(systemClock.now() / EVERY_MS) * EVERY_MS - 600_000;
  const first = await start("a");
  const monitors: Monitor[] = [];
  for (let n = 0; n < MONITORS; n += 1) {
    const spec = MonitorSpec.fromPartial(aSpec({ name: `shop-${n}`, everyMs: EVERY_MS }));
    const { monitor } = await first.api.createMonitor({ spec, actor: "ada", idempotencyKey: "" }, caller);
    if (monitor?.monitor !== undefined) monitors.push(monitor.monitor);
  }
  let rounds = 0;
  const round = async (): Promise<void> => {
    await publish(monitors, firstSlotMs + rounds * EVERY_MS);
    rounds += 1;
  };
  const checks = async (): Promise<number> => (await store.transaction((tx) => tx.totals.sum())).checks;
  const allFolded = () => until(async () => (await checks()) >= rounds * MONITORS);

  await round();
  const second = await start("b");
  const third = await start("c");
  await round();
  await until(() => isShared(["a", "b", "c"]));
  await round();
  await allFolded();

  // The lead hangs with results on their way: its lease, and so the wait for it, never exceeds nine seconds.
  const before = await partitions();
  const wake = first.pause();
  await round();
  expect(await remainingMs("a")).toBeLessThanOrEqual(9000);
  await expire("a");
  await until(() => isShared(["b", "c"]));
  await round();
  await allFolded();
  const after = await partitions();
  for (const { part, epoch, owner } of before.filter((each) => each.owner === "a")) {
    expect(after[part]?.owner).not.toBe(owner);
    expect(after[part]?.epoch).toBeGreaterThan(epoch);
  }
  // What it would have written then is refused, whatever it believes.
  const stale = before.find(({ owner, part }) => owner === "a" && monitors.some(({ id }) => partitionOf(id) === part));
  const victim = monitors.find(({ id }) => partitionOf(id) === stale?.part);
  if (stale === undefined || victim === undefined) throw new Error("the first member had no monitor");
  const late = aRound(firstSlotMs + 50 * EVERY_MS, Verdict.DOWN, "", { monitorId: victim.id });
  const message = {
    stream: "SENTINEL_CHECKS",
    epoch: stale.streamEpoch,
    seq: 1_000_000,
    subject: subjects.check(victim.id, "local"),
    data: CheckResult.encode(late).finish(),
    headers: {},
  };
  const epochs = new Map(before.map(({ part, epoch }) => [part, epoch]));
  const deps = { kit: kitOf("a"), store, cache: createPartitionCache(), epochs, owner: "a", channelsOf: () => [] };
  await expect(foldBatch(deps, [message])).rejects.toMatchObject({ code: "lease_lost" });
  wake();
  await until(() => isShared(["a", "b", "c"]));
  await round();

  const fourth = await start("d");
  await until(() => isShared(["a", "b", "c", "d"]));
  await round();
  await second.stop();
  await round();
  await until(() => isShared(["a", "c", "d"]));
  await round();
  await allFolded();

  const { states, totals, incidents } = await store.transaction(async (tx) => ({
    states: await tx.states.load(monitors.map(({ id }) => id)),
    totals: await tx.totals.sum(),
    incidents: await tx.incidents.list({ openOnly: false, monitorId: "", beforeId: 0, limit: 1000 }),
  }));
  expect(totals).toMatchObject({ checks: rounds * MONITORS, incidents: MONITORS });
  expect([...states.values()].map(({ failingRounds }) => failingRounds)).toEqual(monitors.map(() => rounds));
  expect(new Set([...states.values()].map(({ lastSlotMs }) => lastSlotMs))).toEqual(
    new Set([firstSlotMs + (rounds - 1) * EVERY_MS]),
  );
  expect(incidents.map(({ monitorId }) => monitorId).toSorted()).toEqual(monitors.map(({ id }) => id).toSorted());
  expect((await look()).owners).toHaveLength(PARTITIONS);
  for (const member of [third, fourth, first]) await member.stop();
  expect(await look()).toMatchObject({ members: [], lead: "" });
  expect(new Set((await look()).owners)).toEqual(new Set([""]));
}, 120_000);
