import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Incident, type Monitor, MonitorStatus, type MonitorView, Resolution, Verdict } from "@sentinel/contracts";
import { describeDiagnosis } from "@sentinel/contracts/text";
import { PROBER_BEAT_MS, sayBeat } from "@sentinel/messaging";
import { COVERAGE } from "./coverage.ts";
import { EVERY_MS, T0 } from "./core/fixtures.ts";
import { caller, type Process, type ShellWorld, shellWorld, watching } from "./shell-world.ts";

const TIMEOUT_MS = 5000;
/** Two intervals, the timeout of the monitor, what a result takes on its way, and two looks. */
const NOTICED_MS = 2 * EVERY_MS + TIMEOUT_MS + 5000 + 2000;

let at: ShellWorld;
let sentinel: Process;
let shop: Monitor;
let round = 0;
beforeEach(async () => {
  at = shellWorld();
  round = 0;
  sentinel = await at.start();
  shop = await sentinel.create();
});
afterEach(() => at.end());

/** Rounds of these monitors, one interval after the other. */
async function watched(rounds: number, monitors: readonly Monitor[] = [shop], change = {}): Promise<void> {
  for (let i = 0; i < rounds; i += 1) {
    round += 1;
    for (const each of monitors) await at.result(each, at.clock.now(), Verdict.HEALTHY, change);
    await at.clock.advance(EVERY_MS - 100 * monitors.length);
  }
}

async function coverage(of: Process = sentinel): Promise<readonly Incident[]> {
  const everything = { openOnly: false, monitorId: "", beforeId: 0, limit: 0 };
  const { incidents } = await of.api.listIncidents(everything, caller());
  return incidents.filter(({ monitorId }) => monitorId.startsWith(COVERAGE));
}

async function view({ id }: Monitor, of: Process = sentinel): Promise<MonitorView> {
  const { monitor } = await of.api.getMonitor({ id }, caller());
  if (monitor === undefined) throw new Error("no such monitor");
  return monitor;
}

describe("silence", () => {
  test("is one incident that names who lost sight, since when and of what, and ends with the next result", async () => {
    const mail = await sentinel.create({ name: "mail" });
    await watched(3, [shop, mail], { region: "eu", prober: "p7" });
    expect(await coverage()).toEqual([]);
    const lastMs = (await view(shop)).lastCheckedAtMs;
    await at.clock.advance(NOTICED_MS);
    const [found, ...others] = await coverage();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ monitorName: "Sentinel", startedAtMs: lastMs, resolvedAtMs: 0, endpointsFailing: 2 });
    expect(found?.diagnosis).toMatchObject({
      issue: "coverage",
      cause: "prober_silent",
      params: { prober: "p7", region: "eu", count: "2", monitors: "mail, shop" },
    });
    expect(describeDiagnosis("en", found?.diagnosis).issue).toBe("2 monitors are not being watched: mail, shop");
    await watched(1, [shop, mail], { region: "eu", prober: "p7" });
    expect(await coverage()).toMatchObject([{ resolution: Resolution.RECOVERED }]);
    expect((await coverage())[0]?.resolvedAtMs).toBeGreaterThan(0);
  });

  test("shows as unknown with its reason at once, to those who watch as well, and as healthy with the next result", async () => {
    await watched(3);
    const seen = watching(sentinel.api, "monitors");
    await at.clock.advance(NOTICED_MS);
    expect(await view(shop)).toMatchObject({ status: MonitorStatus.UNKNOWN, reason: "not_watched" });
    await at.result(shop, at.clock.now(), Verdict.HEALTHY);
    expect(await view(shop)).toMatchObject({ status: MonitorStatus.HEALTHY, reason: "" });
    await seen.stop();
  });

  test("of what was down shows as unknown too, since it was last seen; its incident stays open until it is seen again", async () => {
    await watched(2);
    await at.result(shop, at.clock.now(), Verdict.DOWN, { reason: "status" });
    await at.clock.advance(EVERY_MS);
    await at.result(shop, at.clock.now(), Verdict.DOWN, { reason: "status" });
    const seen = await view(shop);
    expect(seen).toMatchObject({ status: MonitorStatus.DOWN, reason: "status" });
    expect(seen.openIncidentId).toBeGreaterThan(0);
    await at.clock.advance(NOTICED_MS);
    const { lastCheckedAtMs, openIncidentId } = seen;
    const unseen = { status: MonitorStatus.UNKNOWN, reason: "not_watched", sinceMs: lastCheckedAtMs };
    expect(await view(shop)).toMatchObject({ ...unseen, lastCheckedAtMs, openIncidentId });
    expect(await coverage()).toHaveLength(1);
    await at.result(shop, at.clock.now(), Verdict.DOWN, { reason: "status" });
    expect(await view(shop)).toMatchObject({ status: MonitorStatus.DOWN, reason: "status", openIncidentId });
  });

  test("of a monitor that is paused, or in maintenance or new, is none", async () => {
    const spec = shop.spec;
    if (spec === undefined) throw new Error("no spec");
    await watched(3);
    const change = { id: shop.id, spec: { ...spec, paused: true }, actor: "ada", expectedVersion: 0 };
    await sentinel.api.updateMonitor(change, caller());
    await at.clock.advance(10 * NOTICED_MS);
    expect(await coverage()).toEqual([]);
    await sentinel.api.updateMonitor({ ...change, spec }, caller());
    await at.clock.advance(2 * EVERY_MS);
    expect(await coverage()).toEqual([]);
    await at.clock.advance(NOTICED_MS);
    expect(await coverage()).toHaveLength(1);
  });

  test("of one prober leaves the monitors of another alone", async () => {
    const mail = await sentinel.create({ name: "mail" });
    await watched(2, [mail], { prober: "p2" });
    await watched(4, [shop], { prober: "p1" });
    expect((await coverage()).map(({ diagnosis }) => diagnosis?.params["monitors"])).toEqual(["mail"]);
    expect((await view(shop)).status).toBe(MonitorStatus.HEALTHY);
    expect((await view(mail)).status).toBe(MonitorStatus.UNKNOWN);
  });

  test("of one region is told, and the monitor stays healthy by the other one", async () => {
    await watched(2, [shop], { region: "us", prober: "p2" });
    await watched(4, [shop], { region: "eu", prober: "p1" });
    expect((await coverage()).map(({ diagnosis }) => diagnosis?.params["region"])).toEqual(["us"]);
    expect((await view(shop)).status).toBe(MonitorStatus.HEALTHY);
  });
});

test("rounds that judge nothing are no evidence: they are an incident with their reason", async () => {
  await watched(2);
  for (let i = 0; i < 4; i += 1) {
    await at.result(shop, at.clock.now(), Verdict.UNKNOWN, { reason: "check_broke", prober: "p1" });
    await at.clock.advance(EVERY_MS);
  }
  expect(await coverage()).toMatchObject([{ diagnosis: { cause: "not_judged", params: { why: "check_broke" } } }]);
  expect((await view(shop)).status).toBe(MonitorStatus.UNKNOWN);
});

describe("who lost sight", () => {
  const p7 = { region: "eu", prober: "p7" };
  /** For so long this prober says that it is there, and sends nothing. */
  async function beating(forMs: number, name = "p7", draining = false): Promise<void> {
    for (let i = 0; i < forMs; i += PROBER_BEAT_MS) {
      await sayBeat(at.bus, { region: "eu", name, weight: 1, draining, atMs: at.clock.now() });
      await at.clock.advance(PROBER_BEAT_MS);
    }
  }
  const causes = async () => (await coverage()).map(({ diagnosis }) => [diagnosis?.cause, diagnosis?.params["prober"]]);

  test("is there and sends nothing, or is gone: it is told which", async () => {
    await beating(EVERY_MS);
    await watched(2, [shop], p7);
    await beating(NOTICED_MS);
    expect(await causes()).toEqual([["prober_silent", "p7"]]);
    await watched(2, [shop], p7);
    await at.clock.advance(NOTICED_MS);
    expect(await causes()).toEqual([
      ["prober_gone", "p7"],
      ["prober_silent", "p7"],
    ]);
  });

  test("is nobody where none of those that are there ever looked: they are named", async () => {
    const atMs = at.clock.now();
    await beating(NOTICED_MS);
    expect(await causes()).toEqual([["not_assigned", "p7"]]);
    expect((await coverage())[0]?.startedAtMs).toBeGreaterThanOrEqual(atMs);
    expect((await view(shop)).status).not.toBe(MonitorStatus.HEALTHY);
  });

  test("is nobody where the last one said that it stops", async () => {
    await beating(EVERY_MS);
    await beating(1, "p7", true);
    await at.clock.advance(NOTICED_MS);
    expect(await causes()).toEqual([["no_prober", ""]]);
  });

  test("is told no more of one and the same silence once somebody has closed its incident", async () => {
    await watched(2, [shop], p7);
    await at.clock.advance(NOTICED_MS);
    const [found] = await coverage();
    const closing = { id: found?.id ?? 0, actor: "ada", expectedVersion: 0 };
    await sentinel.api.resolveIncident(closing, caller());
    await at.clock.advance(NOTICED_MS);
    expect(await coverage()).toHaveLength(1);
    await watched(2, [shop], p7);
    await at.clock.advance(NOTICED_MS);
    expect(await coverage()).toHaveLength(2);
  });
});

describe("this service itself", () => {
  test("having been away is no silence: it reads what came meanwhile first", async () => {
    await watched(3);
    await sentinel.stop();
    await watched(20);
    sentinel = await at.start();
    await at.clock.advance(15_000);
    expect(await view(shop)).toMatchObject({ status: MonitorStatus.HEALTHY });
    await watched(3);
    expect(await coverage()).toEqual([]);
  });

  test("shows nothing from before as healthy, and tells of the silence only once it has listened for long enough", async () => {
    await watched(3);
    await sentinel.stop();
    await at.clock.advance(20 * EVERY_MS);
    sentinel = await at.start();
    await at.clock.advance(15_000);
    expect(await view(shop)).toMatchObject({ status: MonitorStatus.UNKNOWN });
    expect(await coverage()).toEqual([]);
    await at.clock.advance(NOTICED_MS);
    expect(await coverage()).toHaveLength(1);
  });

  test("keeps the incident of before, and ends it when all are seen again", async () => {
    await watched(3);
    await at.clock.advance(NOTICED_MS);
    await sentinel.stop();
    sentinel = await at.start();
    await at.clock.advance(15_000);
    expect(await coverage()).toMatchObject([{ resolvedAtMs: 0 }]);
    await watched(1);
    expect((await coverage())[0]?.resolvedAtMs).toBeGreaterThan(T0);
  });

  test("adds none to the incident of before while the silence goes on, however often it is restarted", async () => {
    const mail = await sentinel.create({ name: "mail" });
    await watched(3, [shop, mail], { region: "eu", prober: "p7" });
    await at.clock.advance(NOTICED_MS);
    for (let times = 0; times < 2; times += 1) {
      await sentinel.stop();
      sentinel = await at.start();
      await at.clock.advance(NOTICED_MS + 15_000);
    }
    const [found, ...others] = await coverage();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ resolvedAtMs: 0, diagnosis: { params: { prober: "p7", region: "eu" } } });
    await watched(1, [shop, mail], { region: "eu", prober: "p7" });
    expect(await coverage()).toMatchObject([{ id: found?.id, resolution: Resolution.RECOVERED }]);
  });

  test("names who saw it last although that was before it was started", async () => {
    await watched(3, [shop], { region: "eu", prober: "p7" });
    await sentinel.stop();
    sentinel = await at.start();
    await at.clock.advance(NOTICED_MS + 15_000);
    expect((await coverage()).map(({ diagnosis }) => diagnosis?.params)).toMatchObject([
      { prober: "p7", region: "eu" },
    ]);
  });

  test("not reaching its store tells of nothing that it could not read", async () => {
    await watched(3);
    at.link.away = true;
    await watched(5);
    at.link.away = false;
    await watched(1);
    expect(await coverage()).toEqual([]);
  });

  test("having its clock set by hours makes nobody silent, nor hides who is", async () => {
    await watched(3);
    at.clock.jump(7_200_000);
    await at.clock.advance(EVERY_MS);
    await watched(2);
    expect(await coverage()).toEqual([]);
    at.clock.jump(-3_600_000);
    await at.clock.advance(NOTICED_MS);
    expect(await coverage()).toHaveLength(1);
  });
});
