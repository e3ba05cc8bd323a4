import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { CheckResult } from "@sentinel/contracts";
import { MonitorSpec, type SentinelApi, Verdict } from "@sentinel/contracts";
import { createEgress } from "@sentinel/egress";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { eventstoreMigrations, migrate, openDatabase } from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, incidentsMigrations, startIncidents } from "@sentinel/incidents";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { openSpool, startProber } from "@sentinel/prober";
import { createMetrics, noFailpoint, offTracing, type ServiceKit, silentLog, systemClock } from "@sentinel/service-kit";
import { seededRandom, startHttpTarget } from "@sentinel/testkit";

const EVERY_MS = 1000;
const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

const kit: ServiceKit = {
  clock: systemClock,
  random: seededRandom(1),
  log: silentLog,
  metrics: createMetrics(),
  tracing: offTracing,
  failpoint: noFailpoint,
};
const context = () => ({ signal: new AbortController().signal, traceparent: "" });

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await systemClock.sleep(20, new AbortController().signal);
}

/** What the watch said last of the folding. */
function following(api: SentinelApi): { readonly last: () => { readonly notFoldedSinceMs: number } } {
  const reading = new AbortController();
  let last = { notFoldedSinceMs: 0 };
  const read = async (): Promise<void> => {
    while (!reading.signal.aborted) {
      try {
        for await (const { notFoldedSinceMs } of api.watch(
          { topic: "" },
          { signal: reading.signal, traceparent: "" },
        )) {
          last = { notFoldedSinceMs };
        }
      } catch {
        // Without the database it may stand by for a while.
        await systemClock.sleep(50, reading.signal);
      }
    }
  };
  const done = read();
  stops.push(async () => {
    reading.abort();
    await done;
  });
  return { last: () => last };
}

test("while the database is away probing goes on, and since when is said; on return every result is folded, once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-away-"));
  await chmod(folder, 0o711);
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const log = { debug: () => undefined };
  const start = (port = 0): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dir: join(folder, "postgres"), port, log, durable: false });
  let postgres = await start();
  stops.push(() => postgres.stop());
  const database = await openDatabase(postgres.url);
  stops.push(() => database.close());
  await migrate(database, [...eventstoreMigrations, ...incidentsMigrations]);
  const bus = createEmbeddedBus(kit);
  stops.push(() => bus.close());
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  stops.push(() => Promise.resolve(egress.close()));
  const store = createPostgresFoldStore(database);
  const incidents = await startIncidents({
    kit,
    bus,
    egress,
    store,
    owner: "away",
    exclusive: true,
    configFile: undefined,
    demo: [],
    publicUrl: "",
    locale: "en",
  });
  stops.push(() => incidents.stop());
  await incidents.ready;
  const { api } = incidents;
  const spool = await openSpool(join(folder, "spool"));
  const prober = await startProber({ kit, bus, egress, api, spool, region: "local", name: "p" });
  stops.push(() => prober.stop());
  const shop = await startHttpTarget();
  stops.push(() => shop.stop());
  const endpoints = [{ url: shop.url, method: "GET" }];
  const spec = MonitorSpec.fromPartial({ name: "shop", endpoints, everyMs: EVERY_MS, timeoutMs: 900 });
  const rounds = { failuresToConfirm: 2, successesToResolve: 1, slowAfterMs: 800 };
  const made = await api.createMonitor({ spec: { ...spec, ...rounds }, actor: "ada", idempotencyKey: "" }, context());
  const monitorId = made.monitor?.monitor?.id ?? "";
  const watched = following(api);
  const checks = async (): Promise<readonly CheckResult[]> =>
    await store.transaction((tx) =>
      tx.checks.list({ monitorId, beforeMs: Number.MAX_SAFE_INTEGER, afterMs: 0, limit: 1000 }),
    );
  await until(async () => (await checks()).length >= 2);

  await postgres.stop();
  const asked = shop.requests.length;
  await until(() => watched.last().notFoldedSinceMs > 0);
  await until(() => spool.size() >= 5 && shop.requests.length >= asked + 5);

  postgres = await start(postgres.port);
  await until(() => spool.size() <= 1 && watched.last().notFoldedSinceMs === 0);
  await prober.stop();
  await until(async () => (await checks()).length === shop.requests.length);
  const found = (await checks()).toReversed();
  expect(found.every(({ verdict }) => verdict === Verdict.HEALTHY)).toBe(true);
  const [, second, ...rest] = found.map(({ slotMs }) => slotMs);
  expect(rest).toEqual(rest.map((_, n) => (second ?? 0) + (n + 1) * EVERY_MS));
  const { totals } = await api.getStatus({}, context());
  expect(totals).toMatchObject({ checks: shop.requests.length, incidents: 0 });
}, 60_000);
