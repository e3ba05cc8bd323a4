import { type Monitor, MonitorSource, MonitorStatus, RepairMode, Verdict } from "@sentinel/contracts";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { aRepairPolicy, aSpec, EVERY_MS, T0 } from "./core/fixtures.ts";
import { caller, type Process, type ShellWorld, shellWorld, watching } from "./shell-world.ts";

let at: ShellWorld;
let sentinel: Process;
beforeEach(async () => {
  at = shellWorld();
  sentinel = await at.start();
});
afterEach(() => at.end());

/** The shop, which is left to people when it is down. */
const unrepaired = () => sentinel.create({ repair: aRepairPolicy({ mode: RepairMode.OFF }) });

const everything = { openOnly: false, monitorId: "", beforeId: 0, limit: 0 };

/** Two failing rounds, which make an incident. */
async function outage(monitor: Monitor, from = 0): Promise<number> {
  for (const n of [0, 1]) await at.result(monitor, T0 + (from + n) * EVERY_MS, Verdict.DOWN);
  const { incidents } = await sentinel.api.listIncidents({ ...everything, openOnly: true }, caller());
  return incidents[0]?.id ?? -1;
}

describe("monitors", () => {
  const create = (name: string, idempotencyKey = "", everyMs = EVERY_MS) =>
    sentinel.api.createMonitor({ spec: aSpec({ name, everyMs }), actor: "ada", idempotencyKey }, caller());

  test("asked for twice with one key, a monitor is made once", async () => {
    const [first, second] = await Promise.all([create("shop", "key-1"), create("shop", "key-1")]);
    const third = await create("shop", "key-1");
    expect(second.monitor?.monitor?.id).toBe(first.monitor?.monitor?.id);
    expect(third.monitor?.monitor?.id).toBe(first.monitor?.monitor?.id);
    expect((await sentinel.api.listMonitors({}, caller())).monitors).toHaveLength(1);
  });

  test("one key for two different monitors is refused", async () => {
    await create("shop", "key-1");
    await expect(create("cafe", "key-1")).rejects.toMatchObject({
      code: "idempotency_key_reused",
      params: { key: "key-1" },
    });
  });

  test("a name is taken once, also by those who ask at the same time", async () => {
    const made = await Promise.allSettled([create("shop"), create("shop"), create("shop")]);
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(made.filter(({ status }) => status === "rejected")).toMatchObject([
      { reason: { code: "monitor_name_taken", params: { name: "shop" } } },
      { reason: { code: "monitor_name_taken" } },
    ]);
  });

  test("a change on an old version is refused, one on the newest or on any is made", async () => {
    const { id } = await unrepaired();
    const update = (expectedVersion: number, everyMs: number) =>
      sentinel.api.updateMonitor({ id, spec: aSpec({ everyMs }), expectedVersion, actor: "ada" }, caller());
    await update(1, 10_000);
    await expect(update(1, 20_000)).rejects.toMatchObject({
      code: "version_mismatch",
      params: { expected: "1", actual: "2" },
    });
    expect((await update(0, 20_000)).monitor?.monitor).toMatchObject({ version: 3, spec: { everyMs: 20_000 } });
    await expect(sentinel.api.deleteMonitor({ id, expectedVersion: 1, actor: "ada" }, caller())).rejects.toMatchObject({
      code: "version_mismatch",
    });
    await sentinel.api.deleteMonitor({ id, expectedVersion: 3, actor: "ada" }, caller());
    await expect(sentinel.api.getMonitor({ id }, caller())).rejects.toMatchObject({ code: "monitor_not_found" });
  });

  test("a wrong definition is refused with every problem, and nothing is made", async () => {
    const spec = aSpec({ name: "", everyMs: 1, endpoints: [] });
    const made = sentinel.api.createMonitor({ spec, actor: "ada", idempotencyKey: "" }, caller());
    const problems = ["name", "every", "endpoints"].map((path): unknown => expect.objectContaining({ path }));
    await expect(made).rejects.toMatchObject({ code: "monitor_invalid", problems: expect.arrayContaining(problems) });
    expect((await sentinel.api.listMonitors({}, caller())).monitors).toEqual([]);
  });

  test("a monitor that stands in the file cannot be changed over the API", async () => {
    const { id } = await unrepaired();
    // As the follower of the file would take it over.
    await at.store.transaction(async (tx) => {
      const [monitor] = await tx.monitors.load([id]);
      if (monitor !== undefined) await tx.monitors.save({ ...monitor, source: MonitorSource.FILE });
    });
    await sentinel.stop();
    sentinel = await at.start();
    const refused = { code: "monitor_owned_by_file", params: { name: "shop" } };
    const spec = aSpec({ everyMs: 5000 });
    await expect(
      sentinel.api.updateMonitor({ id, spec, expectedVersion: 0, actor: "ada" }, caller()),
    ).rejects.toMatchObject(refused);
    await expect(sentinel.api.deleteMonitor({ id, expectedVersion: 0, actor: "ada" }, caller())).rejects.toMatchObject(
      refused,
    );
  });

  test("a paused one says so, and its open incident has ended", async () => {
    const monitor = await unrepaired();
    const id = await outage(monitor);
    const spec = aSpec({ paused: true });
    const { monitor: view } = await sentinel.api.updateMonitor(
      { id: monitor.id, spec, expectedVersion: 0, actor: "ada" },
      caller(),
    );
    expect(view).toMatchObject({ status: MonitorStatus.PAUSED, openIncidentId: 0 });
    expect((await sentinel.api.getIncident({ id }, caller())).incident).toMatchObject({
      resolution: "RESOLUTION_MONITOR_PAUSED",
    });
  });

  test("its checks are listed newest first with evidence, in pages", async () => {
    const monitor = await unrepaired();
    for (const n of [0, 1, 2]) await at.result(monitor, T0 + n * EVERY_MS, Verdict.HEALTHY);
    const list = async (beforeMs: number, limit: number) =>
      (await sentinel.api.listChecks({ monitorId: "shop", beforeMs, afterMs: 0, limit }, caller())).checks.map(
        ({ slotMs }) => slotMs,
      );
    expect(await list(0, 2)).toEqual([T0 + 2 * EVERY_MS, T0 + EVERY_MS]);
    expect(await list(T0 + EVERY_MS, 2)).toEqual([T0]);
  });

  test("its uptime and response times are those of its rounds", async () => {
    const monitor = await unrepaired();
    const verdicts = [Verdict.HEALTHY, Verdict.HEALTHY, Verdict.HEALTHY, Verdict.DOWN];
    for (const [n, verdict] of verdicts.entries()) await at.result(monitor, T0 + n * EVERY_MS, verdict);
    await at.clock.advance(verdicts.length * EVERY_MS);
    expect(await sentinel.api.getMonitorStats({ id: "shop", spanMs: 0 }, caller())).toMatchObject({
      uptime: 75,
      downMs: EVERY_MS,
      answered: 3,
      p50Ms: expect.closeTo(12, 0),
    });
    await expect(sentinel.api.getMonitorStats({ id: "nobody", spanMs: 0 }, caller())).rejects.toMatchObject({
      code: "monitor_not_found",
    });
  });
});

describe("incidents", () => {
  test("an incident closed by hand comes back as the same one, once the outage is confirmed again", async () => {
    const monitor = await unrepaired();
    const id = await outage(monitor);
    const { incident } = await sentinel.api.resolveIncident({ id, actor: "ada", expectedVersion: 0 }, caller());
    expect(incident).toMatchObject({ id, resolution: "RESOLUTION_MANUAL" });
    await at.result(monitor, T0 + 2 * EVERY_MS, Verdict.DOWN);
    expect((await sentinel.api.getIncident({ id }, caller())).incident?.resolvedAtMs).toBeGreaterThan(0);
    await at.result(monitor, T0 + 3 * EVERY_MS, Verdict.DOWN);
    expect((await sentinel.api.listIncidents(everything, caller())).incidents).toMatchObject([
      { id, resolvedAtMs: 0, reopened: 1 },
    ]);
  });

  test("a closed incident cannot be closed or acknowledged again", async () => {
    const id = await outage(await unrepaired());
    await sentinel.api.resolveIncident({ id, actor: "ada", expectedVersion: 0 }, caller());
    const again = { id, actor: "ada", expectedVersion: 0 };
    await expect(sentinel.api.resolveIncident(again, caller())).rejects.toMatchObject({ code: "incident_closed" });
    await expect(sentinel.api.acknowledgeIncident(again, caller())).rejects.toMatchObject({ code: "incident_closed" });
  });

  test("what is asked on an old version is refused with both versions", async () => {
    const id = await outage(await unrepaired());
    const { incident } = await sentinel.api.acknowledgeIncident({ id, actor: "ada", expectedVersion: 0 }, caller());
    const version = incident?.version ?? 0;
    const old = { id, actor: "ada", expectedVersion: version - 1 };
    const refused = { code: "version_mismatch", params: { expected: String(version - 1), actual: String(version) } };
    await expect(sentinel.api.resolveIncident(old, caller())).rejects.toMatchObject(refused);
    await expect(sentinel.api.acknowledgeIncident(old, caller())).rejects.toMatchObject(refused);
    await sentinel.api.resolveIncident({ ...old, expectedVersion: version }, caller());
  });

  test("an incident nobody has is not found", async () => {
    const id = 4711;
    const refused = { code: "incident_not_found", params: { id: "4711" } };
    await expect(sentinel.api.getIncident({ id }, caller())).rejects.toMatchObject(refused);
    const command = { id, actor: "ada", expectedVersion: 0 };
    await expect(sentinel.api.resolveIncident(command, caller())).rejects.toMatchObject(refused);
    await expect(sentinel.api.acknowledgeIncident(command, caller())).rejects.toMatchObject(refused);
  });

  test("a comment sent twice with one key is kept once, also when both are sent at the same time", async () => {
    const id = await outage(await unrepaired());
    const comment = (text: string, idempotencyKey: string) =>
      sentinel.api.commentIncident({ id, actor: "ada", text, idempotencyKey }, caller());
    await Promise.all([comment("on it", "key-1"), comment("on it", "key-1")]);
    await comment("on it", "key-1");
    await comment("on it", "");
    const { timeline } = await sentinel.api.getIncident({ id }, caller());
    expect(timeline.filter(({ event }) => event?.event?.$case === "commentAdded")).toHaveLength(2);
    await expect(comment("something else", "key-1")).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  test("the timeline has every event in order with versions without a gap", async () => {
    const monitor = await unrepaired();
    const id = await outage(monitor);
    await sentinel.api.acknowledgeIncident({ id, actor: "ada", expectedVersion: 0 }, caller());
    await at.result(monitor, T0 + 2 * EVERY_MS, Verdict.HEALTHY);
    const { incident, timeline } = await sentinel.api.getIncident({ id }, caller());
    const cases = timeline.map(({ event }) => event?.event?.$case);
    expect(cases.at(0)).toBe("opened");
    expect(cases.slice(-2)).toEqual(["acknowledged", "resolved"]);
    expect(timeline.map(({ version }) => version)).toEqual(timeline.map((_, index) => index + 1));
    expect(incident?.version).toBe(timeline.length);
  });
});

describe("watch", () => {
  test("shows what is there, then each change of an outage as it is committed", async () => {
    const monitor = await unrepaired();
    const watch = watching(sentinel.api);
    await at.clock.advance(1);
    expect(watch.cases()).toEqual(["monitor", "totals", "config", "snapshotComplete"]);
    await outage(monitor);
    const cases = watch.cases().slice(4);
    expect(cases.filter((each) => each === "check")).toHaveLength(2);
    expect(cases).toContain("incident");
    expect(cases.filter((each) => each === "timeline").length).toBeGreaterThanOrEqual(2);
    const totals = watch.seen.findLast(({ change }) => change?.$case === "totals");
    expect(totals?.change?.value).toMatchObject({ checks: 2, incidents: 1 });
    await watch.stop();
    expect(watch.ended()).toBe("done");
  });

  test("of definitions hears of what is watched and how, not of each round", async () => {
    const monitor = await unrepaired();
    const watch = watching(sentinel.api, "monitors");
    await outage(monitor);
    expect(watch.cases()).toEqual(["monitor", "snapshotComplete"]);
    const spec = aSpec({ everyMs: 5000 });
    await sentinel.api.updateMonitor({ id: monitor.id, spec, expectedVersion: 0, actor: "ada" }, caller());
    await sentinel.api.deleteMonitor({ id: monitor.id, expectedVersion: 0, actor: "ada" }, caller());
    await at.clock.advance(1);
    expect(watch.cases()).toEqual(["monitor", "snapshotComplete", "monitor", "monitorRemoved"]);
    await watch.stop();
  });
});

test("what is true survives a restart: monitors, states, incidents, totals", async () => {
  const monitor = await unrepaired();
  await at.result(monitor, T0 - EVERY_MS, Verdict.HEALTHY);
  await outage(monitor);
  const ask = async () => ({
    monitors: await sentinel.api.listMonitors({}, caller()),
    incidents: await sentinel.api.listIncidents(everything, caller()),
    totals: (await sentinel.api.getStatus({}, caller())).totals,
  });
  const before = await ask();
  await sentinel.stop();
  sentinel = await at.start();
  expect(await ask()).toEqual(before);
});

describe("dead letters", () => {
  const poison = async (text: string): Promise<number> => {
    await at.bus.publish("chk.v1.7.mon_x.local", new TextEncoder().encode(text));
    for (;;) {
      const { deadLetters } = await sentinel.api.listDeadLetters({ beforeId: 0, limit: 1 }, caller());
      const [letter] = deadLetters;
      if (letter !== undefined && letter.payloadBytes === text.length) return letter.id;
      await at.clock.advance(100);
    }
  };
  const ids = async () =>
    (await sentinel.api.listDeadLetters({ beforeId: 0, limit: 0 }, caller())).deadLetters.map(({ id }) => id);

  test("are listed without what they contain, and shown with it", async () => {
    const id = await poison("poison");
    const { deadLetters } = await sentinel.api.listDeadLetters({ beforeId: 0, limit: 0 }, caller());
    expect(deadLetters).toMatchObject([
      { id, source: "checks", subject: "chk.v1.7.mon_x.local", reason: "not_a_check_result", payloadBytes: 6 },
    ]);
    expect(deadLetters[0]?.payload).toHaveLength(0);
    const { deadLetter } = await sentinel.api.getDeadLetter({ id }, caller());
    expect(new TextDecoder().decode(deadLetter?.payload)).toBe("poison");
  });

  test("replayed, one is folded anew: still unusable, it is kept aside under another number", async () => {
    const id = await poison("poison");
    await sentinel.api.replayDeadLetter({ id, actor: "ada" }, caller());
    while ((await ids()).length === 0) await at.clock.advance(100);
    expect(await ids()).not.toContain(id);
    await expect(sentinel.api.replayDeadLetter({ id, actor: "ada" }, caller())).rejects.toMatchObject({
      code: "dead_letter_not_found",
      params: { id: String(id) },
    });
  });

  test("discarded, one is gone", async () => {
    const id = await poison("poison");
    await sentinel.api.discardDeadLetter({ id, actor: "ada" }, caller());
    expect(await ids()).toEqual([]);
    await expect(sentinel.api.getDeadLetter({ id }, caller())).rejects.toMatchObject({ code: "dead_letter_not_found" });
  });
});
