import { MaintenanceWindow, type Monitor, STREAM_COMMANDS, Verdict } from "@sentinel/contracts";
import { decodeMaintenanceEvent } from "@sentinel/contracts/events";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { EVERY_MS } from "./core/fixtures.ts";
import { caller, type Process, type ShellWorld, shellWorld } from "./shell-world.ts";
import { COVERAGE } from "./coverage.ts";
import { rebuildFromLog } from "./rebuild.ts";

let at: ShellWorld;
let process: Process;
beforeEach(async () => {
  at = shellWorld();
  process = await at.start();
});
afterEach(() => at.end());

const everything = { openOnly: false, monitorId: "", beforeId: 0, limit: 0 };
/** Rounds come to one monitor while the others wait, so silence is told as well. */
const incidents = async () =>
  (await process.api.listIncidents(everything, caller())).incidents.filter(
    ({ monitorId }) => !monitorId.startsWith(COVERAGE),
  );
const statusOf = async ({ id }: Monitor) => (await process.api.getMonitor({ id }, caller())).monitor;
const window = (change: Partial<MaintenanceWindow> = {}) => ({
  window: MaintenanceWindow.fromPartial({ name: "patch", durationMs: 3_600_000, monitors: ["shop"], ...change }),
  actor: "ada",
});

/** Rounds one after the other, each an interval later by every clock. */
async function rounds(monitor: Monitor, verdicts: readonly Verdict[]): Promise<void> {
  for (const verdict of verdicts) {
    await at.clock.advance(EVERY_MS);
    await at.result(monitor, at.clock.now(), verdict);
  }
}
const { DOWN, HEALTHY } = Verdict;

describe("a maintenance window", () => {
  test("begins at once without a start; nothing opens, rounds are kept as maintenance and count for nothing", async () => {
    const shop = await process.create({ name: "shop" });
    await rounds(shop, [HEALTHY]);
    const { window: made } = await process.api.createMaintenance(window(), caller());
    expect(made).toMatchObject({ active: true, covers: 1, window: { createdBy: "ada", zone: "UTC" } });
    await at.clock.advance(60_000);
    await rounds(shop, [DOWN, DOWN, DOWN]);
    expect(await incidents()).toEqual([]);
    expect(await statusOf(shop)).toMatchObject({
      status: "MONITOR_STATUS_MAINTENANCE",
      maintenance: "patch",
      uptime24h: 100,
    });
    const { checks } = await process.api.listChecks({ monitorId: "shop", beforeMs: 0, afterMs: 0, limit: 2 }, caller());
    expect(checks.map(({ verdict, endpoints }) => [verdict, endpoints[0]?.verdict])).toEqual([
      ["VERDICT_MAINTENANCE", "VERDICT_DOWN"],
      ["VERDICT_MAINTENANCE", "VERDICT_DOWN"],
    ]);
    const stats = await process.api.getMonitorStats({ id: "shop", spanMs: 0 }, caller());
    expect(stats).toMatchObject({ uptime: 100, downMs: 0 });
  });

  test("ended by hand, a monitor that still fails is asked at once and opens with that round", async () => {
    const shop = await process.create({ name: "shop" });
    await process.api.createMaintenance(window(), caller());
    await at.clock.advance(60_000);
    await rounds(shop, [DOWN, DOWN]);
    const asked = async () => (await at.bus.state(STREAM_COMMANDS)).lastSeq;
    const before = await asked();
    await process.api.endMaintenance({ id: "patch", actor: "ada" }, caller());
    await at.clock.advance(3000);
    expect(await asked()).toBe(before + 1);
    await rounds(shop, [DOWN]);
    expect(await incidents()).toMatchObject([{ monitorName: "shop", startedAtMs: at.clock.now() - 100 }]);
    await expect(process.api.endMaintenance({ id: "patch", actor: "ada" }, caller())).rejects.toMatchObject({
      code: "maintenance_not_active",
    });
  });

  test("keeps an open incident, and outlives the process", async () => {
    const shop = await process.create({ name: "shop" });
    await rounds(shop, [DOWN, DOWN]);
    await process.api.createMaintenance(window(), caller());
    await process.stop();
    process = await at.start();
    await at.clock.advance(60_000);
    await rounds(shop, [DOWN]);
    expect(await incidents()).toMatchObject([{ resolvedAtMs: 0 }]);
    expect((await statusOf(shop))?.maintenance).toBe("patch");
    await rounds(shop, [HEALTHY]);
    expect((await incidents())[0]?.resolvedAtMs).toBeGreaterThan(0);
  });

  test("refuses a name that is taken, a monitor that is not there, and what is no window", async () => {
    const refused = (change: Partial<MaintenanceWindow>) => process.api.createMaintenance(window(change), caller());
    await expect(refused({})).rejects.toMatchObject({ code: "monitor_not_found" });
    await process.create({ name: "shop" });
    await refused({});
    await expect(refused({})).rejects.toMatchObject({ code: "maintenance_name_taken" });
    await expect(refused({ zone: "Mars/Olympus", rule: "FREQ=SECONDLY" })).rejects.toMatchObject({
      code: "maintenance_invalid",
      problems: [{ code: "unknown_zone" }, { code: "bad_recurrence" }],
    });
  });

  test("covers monitors by group and by tag, and is forgotten when removed", async () => {
    const shop = await process.create({ name: "shop", group: "web" });
    const db = await process.create({ name: "db", tags: ["team:data"] });
    const made = window({ monitors: [], groups: ["web"], tags: ["team:data"] });
    await process.api.createMaintenance(made, caller());
    await at.clock.advance(60_000);
    expect([(await statusOf(shop))?.maintenance, (await statusOf(db))?.maintenance]).toEqual(["patch", "patch"]);
    await process.api.deleteMaintenance({ id: "patch", actor: "ada" }, caller());
    expect((await statusOf(shop))?.maintenance).toBe("");
  });
});

describe("the log", () => {
  const told = async (stream: string) =>
    (await at.store.transaction((tx) => tx.events.read(stream))).map((stored) => {
      const event = decodeMaintenanceEvent(stored);
      return [stored.type, event?.value.actor, stored.metadata["actor"]];
    });

  test("tells who planned, ended and cancelled a window", async () => {
    await process.create({ name: "shop" });
    const { window: made } = await process.api.createMaintenance(window(), caller());
    const id = made?.window?.id ?? "";
    await at.clock.advance(60_000);
    await process.api.endMaintenance({ id, actor: "bob" }, caller());
    await process.api.deleteMaintenance({ id, actor: "eve" }, caller());
    expect(await told(`maintenance-${id}`)).toEqual([
      ["maintenance.scheduled", "ada", "ada"],
      ["maintenance.ended", "bob", "bob"],
      ["maintenance.cancelled", "eve", "eve"],
    ]);
  });

  test("is enough to have the windows again, without those that were cancelled", async () => {
    await process.create({ name: "shop" });
    const ids: string[] = [];
    for (const name of ["patch", "move"]) {
      const { window: made } = await process.api.createMaintenance(window({ name }), caller());
      ids.push(made?.window?.id ?? "");
    }
    await at.clock.advance(60_000);
    await process.api.endMaintenance({ id: "patch", actor: "ada" }, caller());
    await process.api.deleteMaintenance({ id: "move", actor: "ada" }, caller());
    const { kept, again } = await at.store.transaction(async (tx) => {
      const before = await tx.windows.all();
      for (const { id } of before) await tx.windows.delete(id);
      return { kept: before, again: await tx.windows.all() };
    });
    expect(again).toEqual([]);
    await rebuildFromLog(
      at.store,
      ids.map((id) => `maintenance-${id}`),
    );
    expect(kept).toMatchObject([{ name: "patch", ended: [{ endMs: at.clock.now() }] }]);
    expect(await at.store.transaction((tx) => tx.windows.all())).toMatchObject(kept);
  });
});

describe("a monitor that depends on another", () => {
  test("opens nothing while that one is down, says so, and is judged again when it works", async () => {
    const db = await process.create({ name: "db" });
    const shop = await process.create({ name: "shop", dependsOn: ["db"] });
    await rounds(db, [DOWN, DOWN]);
    await rounds(shop, [DOWN, DOWN, DOWN, DOWN]);
    expect(await incidents()).toMatchObject([{ monitorName: "db" }]);
    expect(await statusOf(shop)).toMatchObject({
      status: "MONITOR_STATUS_DOWN",
      suppressedBy: "db",
      openIncidentId: 0,
    });
    await rounds(db, [HEALTHY]);
    await rounds(shop, [DOWN, DOWN]);
    expect(await incidents()).toMatchObject([{ monitorName: "shop" }, { monitorName: "db" }]);
    expect((await statusOf(shop))?.suppressedBy).toBe("");
  });

  test("that failed first keeps its incident, and recovers as ever", async () => {
    const db = await process.create({ name: "db" });
    const shop = await process.create({ name: "shop", dependsOn: ["db"] });
    await rounds(shop, [DOWN, DOWN]);
    await rounds(db, [DOWN, DOWN]);
    expect(await incidents()).toMatchObject([{ monitorName: "db" }, { monitorName: "shop", resolvedAtMs: 0 }]);
    await rounds(shop, [HEALTHY]);
    expect((await incidents())[1]?.resolvedAtMs).toBeGreaterThan(0);
  });

  test("cannot be made when nobody has that name, or when it ends in a ring", async () => {
    const refused = (name: string, dependsOn: string[]) =>
      expect(process.create({ name, dependsOn })).rejects.toMatchObject({ code: "monitor_invalid" });
    await refused("shop", ["db"]);
    await refused("shop", ["shop"]);
    await process.create({ name: "db" });
    await process.create({ name: "shop", dependsOn: ["db"] });
    const { monitor } = await process.api.getMonitor({ id: "db" }, caller());
    const spec = monitor?.monitor?.spec;
    if (spec === undefined) throw new Error("no monitor");
    const change = { id: "db", spec: { ...spec, dependsOn: ["shop"] }, expectedVersion: 0, actor: "ada" };
    await expect(process.api.updateMonitor(change, caller())).rejects.toMatchObject({
      problems: [{ code: "dependency_ring", params: { ring: "shop → db → shop" } }],
    });
  });
});

test("a monitor that goes up and down is one incident, told once, that ends when it is steady", async () => {
  const shop = await process.create({ name: "shop" });
  const turns = Array.from({ length: 24 }, (_, index) => (index % 2 === 0 ? HEALTHY : DOWN));
  await rounds(shop, turns);
  expect(await incidents()).toMatchObject([{ flapping: true, resolvedAtMs: 0, reopened: 0 }]);
  expect((await statusOf(shop))?.flapping).toBe(true);
  await rounds(
    shop,
    Array.from({ length: 20 }, () => HEALTHY),
  );
  const [only, ...others] = await incidents();
  expect(others).toEqual([]);
  const { timeline } = await process.api.getIncident({ id: only?.id ?? 0 }, caller());
  const cases = timeline.map(({ event }) => event?.event?.$case);
  expect(cases.filter((each) => each?.startsWith("flapping"))).toEqual(["flappingStarted", "flappingStopped"]);
  expect(cases.at(-1)).toBe("resolved");
});
