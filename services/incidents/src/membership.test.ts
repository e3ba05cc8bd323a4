import { type Monitor, PARTITIONS, partitionOf, Verdict } from "@sentinel/contracts";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { EVERY_MS, T0 } from "./core/fixtures.ts";
import { partitionsOf } from "./rendezvous.ts";
import { caller, type Process, type ShellWorld, shellWorld, watching } from "./shell-world.ts";

let at: ShellWorld;
beforeEach(() => {
  at = shellWorld();
});
afterEach(() => at.end());

const everything = { openOnly: false, monitorId: "", beforeId: 0, limit: 0 };

const owners = async (): Promise<readonly string[]> =>
  (await at.store.transaction((tx) => tx.partitions.all())).map(({ owner }) => owner);

const countsOf = async (): Promise<ReadonlyMap<string, number>> =>
  new Map([...Map.groupBy(await owners(), (owner) => owner)].map(([owner, all]) => [owner, all.length]));

/** Monitors whose partitions belong to this owner. */
const monitorsOf = (monitors: readonly Monitor[], all: readonly string[], owner: string): readonly Monitor[] =>
  monitors.filter(({ id }) => all[partitionOf(id)] === owner);

async function tenMonitors(process: Process): Promise<readonly Monitor[]> {
  const monitors: Monitor[] = [];
  for (let n = 0; n < 10; n += 1) monitors.push(await process.create({ name: `shop-${n}` }));
  return monitors;
}

describe("members", () => {
  test("share the partitions as each of them computes, and one that stops gives its own back at once", async () => {
    const first = await at.start({ owner: "a" });
    await at.start({ owner: "b" });
    await at.clock.advance(2000);
    const both = ["a", "b"];
    const shares = await owners();
    for (const owner of both) {
      const own = shares.flatMap((each, part) => (each === owner ? [part] : []));
      expect(own).toEqual(partitionsOf(owner, both));
    }
    const third = await at.start({ owner: "c" });
    await at.clock.advance(2000);
    expect([...(await countsOf()).keys()].toSorted()).toEqual(["a", "b", "c"]);
    await third.stop();
    await at.clock.advance(500);
    expect(await owners()).toEqual(shares);
    await first.stop();
    await at.clock.advance(500);
    expect(await countsOf()).toEqual(new Map([["b", PARTITIONS]]));
  });

  test("fold what is their own, each result once and in order, while members come and go", async () => {
    const first = await at.start({ owner: "a" });
    const monitors = await tenMonitors(first);
    const rounds = 12;
    let second: Process | undefined;
    for (let n = 0; n < rounds; n += 1) {
      if (n === 3) second = await at.start({ owner: "b" });
      if (n === 8) await second?.stop();
      for (const monitor of monitors) await at.result(monitor, T0 + n * EVERY_MS, Verdict.DOWN);
    }
    await at.clock.advance(2000);
    const { incidents } = await first.api.listIncidents(everything, caller());
    expect(incidents).toHaveLength(monitors.length);
    expect(new Set(incidents.map(({ startedAtMs }) => startedAtMs))).toEqual(new Set([T0]));
    const kept = await at.store.transaction(async (tx) => ({
      states: await tx.states.load(monitors.map(({ id }) => id)),
      totals: await tx.totals.sum(),
    }));
    expect([...kept.states.values()].map(({ failingRounds }) => failingRounds)).toEqual(monitors.map(() => rounds));
    expect(kept.totals).toMatchObject({ checks: rounds * monitors.length, incidents: monitors.length });
    expect((await first.api.getStatus({}, caller())).totals).toEqual(kept.totals);
  });

  test("the lead shows what the others fold, to those who watch too", async () => {
    const lead = await at.start({ owner: "a" });
    const monitors = await tenMonitors(lead);
    await at.start({ owner: "b" });
    await at.clock.advance(2000);
    const [foreign] = monitorsOf(monitors, await owners(), "b");
    if (foreign === undefined) throw new Error("no monitor belongs to the other one");
    const watch = watching(lead.api);
    await at.clock.advance(1);
    const before = watch.seen.length;
    for (const n of [0, 1]) await at.result(foreign, T0 + n * EVERY_MS, Verdict.DOWN);
    await at.clock.advance(2000);
    const { incidents } = await lead.api.listIncidents(everything, caller());
    expect(incidents).toMatchObject([{ monitorId: foreign.id }]);
    const view = (await lead.api.getMonitor({ id: foreign.id }, caller())).monitor;
    expect(view).toMatchObject({ openIncidentId: incidents[0]?.id, failingRounds: 2, uptime24h: 0 });
    expect(view?.beats).toHaveLength(2);
    expect(new Set(watch.cases().slice(before))).toEqual(
      new Set(["monitor", "check", "incident", "timeline", "totals"]),
    );
    const told = watch.seen.flatMap(({ change }) =>
      change?.$case === "timeline" ? [change.value.entry?.eventId] : [],
    );
    expect(told).toHaveLength(new Set(told).size);
    await watch.stop();
  });

  test("a change by hand at the lead holds for the member that folds the monitor", async () => {
    const lead = await at.start({ owner: "a" });
    const monitors = await tenMonitors(lead);
    await at.start({ owner: "b" });
    await at.clock.advance(2000);
    const [foreign] = monitorsOf(monitors, await owners(), "b");
    if (foreign === undefined) throw new Error("no monitor belongs to the other one");
    for (const n of [0, 1]) await at.result(foreign, T0 + n * EVERY_MS, Verdict.DOWN);
    await at.clock.advance(2000);
    const [open] = (await lead.api.listIncidents(everything, caller())).incidents;
    await lead.api.resolveIncident({ id: open?.id ?? 0, actor: "ada", expectedVersion: 0 }, caller());
    await at.result(foreign, T0 + 2 * EVERY_MS, Verdict.DOWN);
    const [after] = (await lead.api.listIncidents(everything, caller())).incidents;
    expect(after?.resolvedAtMs).toBeGreaterThan(0);
  });

  test("one that is cut off is followed within ten seconds, with its lead, and comes back as one of them", async () => {
    let cut = false;
    const away = (): Promise<never> => Promise.reject(new Error("cut off"));
    const first = await at.start({
      owner: "a",
      store: { ...at.store, transaction: (fn) => (cut ? away() : at.store.transaction(fn)) },
    });
    const monitors = await tenMonitors(first);
    const second = await at.start({ owner: "b" });
    await at.clock.advance(2000);
    const before = await at.store.transaction((tx) => tx.partitions.all());
    cut = true;
    for (const monitor of monitors) await at.result(monitor, T0, Verdict.DOWN);
    await at.clock.advance(9000);
    expect(await countsOf()).toEqual(new Map([["b", PARTITIONS]]));
    expect(second.service.health()).toBeNull();
    const after = await at.store.transaction((tx) => tx.partitions.all());
    for (const { part, owner, epoch } of before) expect(after[part]?.epoch).toBe(owner === "a" ? epoch + 1 : epoch);
    cut = false;
    await at.clock.advance(12_000);
    expect([...(await countsOf()).keys()].toSorted()).toEqual(["a", "b"]);
    expect(first.service.health()).toBe("standby");
    for (const monitor of monitors) await at.result(monitor, T0 + EVERY_MS, Verdict.DOWN);
    await at.clock.advance(1000);
    expect((await second.api.listIncidents(everything, caller())).incidents).toHaveLength(monitors.length);
  });

  test("a partition without results stands where reading stands, so its next owner need not read all again", async () => {
    const first = await at.start({ owner: "a" });
    const monitor = await first.create();
    await at.result(monitor, T0, Verdict.HEALTHY);
    await at.clock.advance(10_000);
    await at.result(monitor, T0 + EVERY_MS, Verdict.HEALTHY);
    const places = await at.store.transaction((tx) => tx.partitions.all());
    expect(new Set(places.map(({ lastSeq, streamEpoch }) => `${streamEpoch} ${lastSeq}`)).size).toBe(1);
  });
});
