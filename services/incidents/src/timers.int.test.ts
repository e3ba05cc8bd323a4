import { Verdict } from "@sentinel/contracts";
import { Secret } from "@sentinel/contracts/config";
import { type Database, eventstoreMigrations, openDatabase } from "@sentinel/eventstore/postgres";
import { createTestDatabase } from "@sentinel/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createChangeIncident } from "./change-incident.ts";
import { aRound, EVERY_MS, T0 } from "./core/fixtures.ts";
import type { Notification } from "./core/types.ts";
import { foldBatch } from "./fold.ts";
import { type FoldBench, openFoldBench, testKit } from "./fold-contract/fold-bench.ts";
import { createIncidentsMetrics } from "./metrics.ts";
import { createNotifier } from "./notifier.ts";
import type { Channel } from "./notify/channels.ts";
import { notifyFailed } from "./notify/failure.ts";
import type { NewOutboxRow } from "./store/port.ts";
import { incidentsMigrations } from "./store/postgres/migrations.ts";
import { createPostgresFoldStore } from "./store/postgres/postgres-fold-store.ts";

const HOUR_MS = 3_600_000;
const INCIDENTS = 40;
const PROCESSES = ["a", "b"] as const;
const unavailable = notifyFailed("ops", { reason: "http_status", retryable: true, status: 503 });

let drop: () => Promise<void>;
let databases: readonly Database[];
beforeAll(async () => {
  const made = await createTestDatabase([...eventstoreMigrations, ...incidentsMigrations]);
  drop = () => made.drop();
  // Connections of their own, as processes have.
  databases = await Promise.all(PROCESSES.map(() => openDatabase(made.url, { max: 4 })));
}, 60_000);
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await drop();
});

/** Counts what is sent by all processes, and tells when so many were. */
function receiver() {
  const sent: { readonly by: string; readonly notification: Notification }[] = [];
  const waiting: { readonly count: number; readonly reached: () => void }[] = [];
  const channelOf = (by: string, refuses: (notification: Notification) => boolean): Channel => ({
    config: { type: "webhook", name: "ops", url: new Secret("url", "http://hooks.test/"), secret: undefined },
    target: "hooks.test",
    secret: "",
    send: async (notification) => {
      sent.push({ by, notification });
      for (const { count, reached } of waiting) if (sent.length >= count) reached();
      if (refuses(notification)) throw unavailable;
    },
  });
  const reached = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (sent.length >= count) resolve();
      else waiting.push({ count, reached: resolve });
    });
  return { sent, channelOf, reached };
}

async function openIncidents(bench: FoldBench): Promise<void> {
  const deps = { ...bench.deps, channelsOf: () => ["ops"] };
  const messages = [];
  for (let n = 0; n < INCIDENTS; n += 1) {
    const { id: monitorId } = await bench.monitor({ failuresToConfirm: 1 });
    messages.push(bench.message(aRound(T0 - EVERY_MS, Verdict.DOWN, "http_status", { monitorId })));
  }
  await foldBatch(deps, messages);
}

test("timers that two processes race for fire late after a pause, each once for each time that it is due", async () => {
  const [first, ...others] = databases.map((database) => createPostgresFoldStore(database));
  if (first === undefined) throw new Error("there is no store");
  const bench = await openFoldBench(first);
  await openIncidents(bench);
  const { clock } = bench;
  const ops = receiver();
  const stop = new AbortController();
  // Both were away when the messages became due.
  const running = [first, ...others].map((store, index) => {
    const kit = testKit(clock, 50 + index);
    const owner = PROCESSES[index] ?? "";
    const channel = ops.channelOf(owner, ({ attempt }) => attempt === 1);
    const change = createChangeIncident({ kit, store, channelsOf: () => ["ops"] }, () => undefined);
    return createNotifier({
      kit,
      store,
      owner,
      channels: () => new Map([["ops", channel]]),
      channelsKnown: () => true,
      publicUrl: "",
      change,
      sent: createIncidentsMetrics(kit.metrics).notifications,
    }).run(stop.signal);
  });
  const waiting = () => first.transaction((tx) => tx.outbox.pending());
  try {
    await ops.reached(INCIDENTS);
    // Each is refused once. The database tells when the second try is due; these processes look whenever their clock moves.
    await settled(async () => {
      await clock.advance(1000);
      return (await waiting()).notification === 0;
    });
  } finally {
    stop.abort();
    await Promise.all(running);
  }
  expect(ops.sent).toHaveLength(2 * INCIDENTS);
  const keys = ops.sent.map(({ notification: { id, attempt } }) => `${id} ${attempt}`);
  expect(new Set(keys).size).toBe(2 * INCIDENTS);
  expect(ops.sent.every(({ notification }) => !notification.possibleDuplicate)).toBe(true);
}, 60_000);

async function settled(isSo: () => Promise<boolean>): Promise<void> {
  for (;;) if (await isSo()) return;
}

test("of two processes that take due rows at the same time each row goes to one", async () => {
  const stores = databases.map((database) => createPostgresFoldStore(database));
  const rows = Array.from({ length: 300 }, (_, n): NewOutboxRow => ({
    kind: "notification",
    subject: `race/${n}`,
    part: 0,
    payload: new Uint8Array(),
    key: `race.${n}`,
    atMs: T0,
    traceparent: "",
  }));
  await stores[0]?.transaction((tx) => tx.outbox.add(rows));
  const taken: string[] = [];
  const take = async (store: (typeof stores)[number], owner: string): Promise<void> => {
    for (let idle = 0; idle < 3;) {
      const claim = { owner, ttlMs: HOUR_MS, limit: 7 };
      const claimed = await store.transaction((tx) => tx.outbox.claimNotifications(claim));
      idle = claimed.length === 0 ? idle + 1 : 0;
      taken.push(...claimed.map(({ key }) => key));
    }
  };
  await Promise.all(stores.flatMap((store, n) => [take(store, `p${n}`), take(store, `q${n}`)]));
  expect(taken.filter((key) => key.startsWith("race."))).toHaveLength(rows.length);
  expect(new Set(taken).size).toBe(rows.length);
}, 60_000);

test("of two processes that take the same repair at the same time one makes it", async () => {
  const stores = databases.map((database) => createPostgresFoldStore(database));
  const attempts = Array.from({ length: 50 }, (_, attempt) => attempt);
  const won: number[] = [];
  const claim = async (store: (typeof stores)[number], executor: string, attempt: number): Promise<void> => {
    const row = { incidentId: 900_000, attempt, monitorId: "mon_race", executor, patienceMs: HOUR_MS };
    if (await store.transaction((tx) => tx.claims.claim(row))) won.push(attempt);
  };
  for (const attempt of attempts) await Promise.all(stores.map((store, n) => claim(store, `p${n}`, attempt)));
  expect(won).toEqual(attempts);
}, 60_000);
