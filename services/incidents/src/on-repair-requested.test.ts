import { type Incident, type Monitor, RepairMode, RunRepair, subjects, Verdict } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { aRepairPolicy, EVERY_MS, T0 } from "./core/fixtures.ts";
import { caller, type Process, type ShellWorld, shellWorld } from "./shell-world.ts";
import { COVERAGE } from "./coverage.ts";

const SHOP = "http://shop.test:8080";
const everything = { openOnly: false, monitorId: "", beforeId: 0, limit: 0 };

let at: ShellWorld;
let knocks: number;
beforeEach(() => {
  at = shellWorld();
  knocks = 0;
});
afterEach(() => at.end());

/** The shop answers a knock like this, after a while. */
const shop = (status: number, afterMs = 0): void =>
  at.network.serve(SHOP, () => {
    knocks += 1;
    return { status, afterMs };
  });

const repaired = (sentinel: Process) => sentinel.create({ repair: aRepairPolicy({ mode: RepairMode.AUTO }) });

async function outage(monitor: Monitor): Promise<void> {
  for (const n of [0, 1]) await at.result(monitor, T0 + n * EVERY_MS, Verdict.DOWN);
}

/** A bus that hands out commands only once it is told to. */
function holdingBackRepairs(bus: Bus): { readonly bus: Bus; readonly release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const consume: Bus["consume"] = async function* (options) {
    await promise;
    yield* bus.consume(options);
  };
  return {
    bus: {
      ensureStream: (config) => bus.ensureStream(config),
      publish: (subject, data, options) => bus.publish(subject, data, options),
      read: (stream, options) => bus.read(stream, options),
      consume,
      state: (stream) => bus.state(stream),
      connected: () => bus.connected(),
      onBack: (listener) => bus.onBack(listener),
      close: () => bus.close(),
    },
    release: () => resolve(),
  };
}

const incidentOf = async (sentinel: Process): Promise<Incident | undefined> =>
  (await sentinel.api.listIncidents(everything, caller())).incidents.find(
    ({ monitorId }) => !monitorId.startsWith(COVERAGE),
  );

test("a repair is claimed, made once, verified by a check, and closes the incident as mended", async () => {
  const sentinel = await at.start();
  const monitor = await repaired(sentinel);
  shop(200, 2000);
  await outage(monitor);
  await at.clock.advance(1000);
  expect(await incidentOf(sentinel)).toMatchObject({ acting: "sentinel", repairs: [{ state: "running" }] });
  await at.clock.advance(3000);
  expect(await incidentOf(sentinel)).toMatchObject({ resolvedAtMs: 0, repairs: [{ state: "succeeded" }] });
  await at.result(monitor, T0 + 2 * EVERY_MS, Verdict.HEALTHY, { onDemand: true, startedAtMs: at.clock.now() });
  expect(await incidentOf(sentinel)).toMatchObject({ resolution: "RESOLUTION_AUTO_FIX" });
  await at.clock.advance(120_000);
  expect(knocks).toBe(1);
  expect(await sentinel.kit.metrics.registry.metrics()).toMatch(/^sentinel_repairs_total\{outcome="succeeded"\} 1$/m);
});

test("of a command that comes again and again only the first is run", async () => {
  const sentinel = await at.start();
  const monitor = await repaired(sentinel);
  shop(200, 25_000);
  await outage(monitor);
  // As a bus that forgot what was acknowledged: the same command from other hands.
  const row = (await at.store.transaction((tx) => tx.claims.unfinished()))[0];
  expect(row).toMatchObject({ attempt: 1 });
  const again = RunRepair.encode(
    RunRepair.fromPartial({
      incidentId: row?.incidentId ?? 0,
      monitorId: monitor.id,
      attempt: 1,
      patienceMs: 30_000,
      deadlineMs: at.clock.now() + 30_000,
      endpoints: [{ url: `${SHOP}/` }],
    }),
  ).finish();
  for (let n = 0; n < 3; n += 1) await at.bus.publish(subjects.runRepair(monitor.id), again);
  await at.clock.advance(40_000);
  expect(knocks).toBe(1);
  const { timeline } = await sentinel.api.getIncident({ id: row?.incidentId ?? 0 }, caller());
  expect(timeline.filter(({ event }) => event?.event?.$case === "repairStarted")).toHaveLength(1);
});

test("an incident that was closed before its repair began is left alone", async () => {
  const held = holdingBackRepairs(at.bus);
  const sentinel = await at.start({ bus: held.bus });
  const monitor = await repaired(sentinel);
  shop(200);
  await outage(monitor);
  const id = (await incidentOf(sentinel))?.id ?? 0;
  expect(await incidentOf(sentinel)).toMatchObject({ repairs: [{ state: "requested" }] });
  await sentinel.api.resolveIncident({ id, actor: "ada", expectedVersion: 0 }, caller());
  held.release();
  await at.clock.advance(120_000);
  expect(knocks).toBe(0);
  expect(await incidentOf(sentinel)).toMatchObject({ resolution: "RESOLUTION_MANUAL" });
  expect(await at.store.transaction((tx) => tx.outbox.pending())).toMatchObject({ command: 0 });
});

test("a target that stays silent fails the repair with its reason, and the next advice is given", async () => {
  const sentinel = await at.start();
  const monitor = await repaired(sentinel);
  await outage(monitor);
  await at.clock.advance(40_000);
  const incident = await incidentOf(sentinel);
  expect(incident).toMatchObject({ resolvedAtMs: 0, repairs: [{ state: "failed", reason: "connect_refused" }] });
  const { timeline } = await sentinel.api.getIncident({ id: incident?.id ?? 0 }, caller());
  expect(timeline.map(({ event }) => event?.event?.$case).slice(-2)).toEqual(["repairFailed", "recommendationAdded"]);
  expect(await sentinel.kit.metrics.registry.metrics()).toMatch(/^sentinel_repairs_total\{outcome="failed"\} 1$/m);
});

test("a repair whose process is gone is not repeated: a check is asked for and settles it", async () => {
  const first = await at.start();
  const monitor = await repaired(first);
  shop(200, 20_000);
  await outage(monitor);
  expect(knocks).toBe(1);
  await first.stop();
  const second = await at.start({ exclusive: true });
  await at.clock.advance(1000);
  expect(await incidentOf(second)).toMatchObject({ repairs: [{ state: "unknown" }] });
  expect(await at.store.transaction((tx) => tx.outbox.pending())).toMatchObject({ command: 1 });
  await at.result(monitor, T0 + 2 * EVERY_MS, Verdict.HEALTHY, { onDemand: true, startedAtMs: at.clock.now() });
  expect(await incidentOf(second)).toMatchObject({ resolution: "RESOLUTION_AUTO_FIX" });
  await at.clock.advance(60_000);
  expect(knocks).toBe(1);
  expect(await at.store.transaction((tx) => tx.claims.unfinished())).toEqual([]);
});

test.each([
  ["", 0],
  [", also of a process whose clock was an hour ahead", 3_600_000],
  [", also of a process whose clock was an hour behind", -3_600_000],
])("beside other processes it waits for the deadline before it counts a repair as lost%s", async (_, byMs) => {
  const first = await at.start();
  const monitor = await repaired(first);
  shop(200, 29_000);
  at.clock.jump(byMs);
  await outage(monitor);
  await first.stop();
  at.clock.jump(-byMs);
  const second = await at.start();
  await at.clock.advance(20_000);
  expect(await incidentOf(second)).toMatchObject({ repairs: [{ state: "running" }] });
  await at.clock.advance(30_000);
  expect(await incidentOf(second)).toMatchObject({ repairs: [{ state: "unknown" }] });
});
