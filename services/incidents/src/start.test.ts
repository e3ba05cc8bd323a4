import { Verdict } from "@sentinel/contracts";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { EVERY_MS, T0 } from "./core/fixtures.ts";
import { caller, type ShellWorld, shellWorld, watching } from "./shell-world.ts";

let at: ShellWorld;
beforeEach(() => {
  at = shellWorld();
});
afterEach(() => at.end());

const everything = { openOnly: false, monitorId: "", beforeId: 0, limit: 0 };

describe("several processes on one store", () => {
  test("the first works, the second stands by and says so, also to who asks it", async () => {
    const first = await at.start();
    const second = await at.start();
    expect(first.service.health()).toBeNull();
    expect(second.service.health()).toBe("standby");
    await expect(second.api.listMonitors({}, caller())).rejects.toMatchObject({ code: "standby" });
    const watch = watching(second.api);
    await at.clock.advance(1);
    expect(watch.ended()).toBe("standby");
    await watch.stop();
  });

  test("the second takes over at once when the first stops, and goes on with its work", async () => {
    const first = await at.start();
    const second = await at.start();
    const monitor = await first.create();
    await at.result(monitor, T0, Verdict.DOWN);
    await first.stop();
    await at.clock.advance(500);
    expect(second.service.health()).toBeNull();
    await at.result(monitor, T0 + EVERY_MS, Verdict.DOWN);
    expect((await second.api.listIncidents(everything, caller())).incidents).toMatchObject([{ startedAtMs: T0 }]);
  });

  test("a process that is cut off is replaced within ten seconds, when its lease has run out and never before", async () => {
    let cut = false;
    const away = (): Promise<never> => Promise.reject(new Error("cut off"));
    const first = await at.start({
      store: { ...at.store, transaction: (fn) => (cut ? away() : at.store.transaction(fn)) },
    });
    const second = await at.start();
    const monitor = await first.create();
    const watch = watching(first.api);
    cut = true;
    await at.clock.advance(6000);
    expect(second.service.health()).toBe("standby");
    await at.clock.advance(4000);
    expect(second.service.health()).toBeNull();
    await at.clock.advance(6000);
    expect(first.service.health()).toBe("standby");
    expect(watch.ended()).toBe("standby");
    await watch.stop();
    cut = false;
    await at.clock.advance(10_000);
    expect(first.service.health()).toBe("standby");
    for (const n of [0, 1]) await at.result(monitor, T0 + n * EVERY_MS, Verdict.DOWN);
    expect((await second.api.listIncidents(everything, caller())).incidents).toHaveLength(1);
  });

  test("the only process on its data takes over at once from one that was killed", async () => {
    await at.store.transaction((tx) => tx.partitions.hold("killed", 600_000, true));
    const process = await at.start({ exclusive: true });
    expect(process.service.health()).toBeNull();
  });

  test("whoever lost its partitions folds nothing, and goes on when they are free, in the same process", async () => {
    const first = await at.start();
    const monitor = await first.create();
    await at.store.transaction((tx) => tx.partitions.hold("thief", 5000, true));
    for (const n of [0, 1]) await at.result(monitor, T0 + n * EVERY_MS, Verdict.DOWN);
    await at.clock.advance(3000);
    expect((await first.api.listIncidents(everything, caller())).incidents).toHaveLength(0);
    await at.clock.advance(10_000);
    expect(first.service.health()).toBeNull();
    expect((await first.api.listIncidents(everything, caller())).incidents).toHaveLength(1);
    expect(await first.kit.metrics.registry.metrics()).toContain("sentinel_incidents_open");
  });
});

describe("trouble", () => {
  test("folding that keeps failing shows in the health, loses nothing, and recovers", async () => {
    const { service, api, create } = await at.start();
    const monitor = await create();
    at.link.failChecks = true;
    await at.result(monitor, T0, Verdict.DOWN);
    expect(service.health()).toBeNull();
    await at.clock.advance(3000);
    expect(service.health()).toBe("fold_failing");
    await at.clock.advance(20_000);
    expect(service.health()).toBe("fold_failing");
    at.link.failChecks = false;
    await at.clock.advance(5000);
    expect(service.health()).toBeNull();
    await at.result(monitor, T0 + EVERY_MS, Verdict.DOWN);
    expect((await api.listIncidents(everything, caller())).incidents).toHaveLength(1);
  });

  test("a store that is away for a while is waited for; what came meanwhile is folded after", async () => {
    const { service, api, create } = await at.start();
    const monitor = await create();
    at.link.away = true;
    for (const n of [0, 1]) await at.result(monitor, T0 + n * EVERY_MS, Verdict.DOWN);
    await at.clock.advance(60_000);
    expect(service.health()).not.toBeNull();
    at.link.away = false;
    await at.clock.advance(10_000);
    expect(service.health()).toBeNull();
    expect((await api.listIncidents(everything, caller())).incidents).toHaveLength(1);
  });
});

test("what happens is counted for Prometheus", async () => {
  const { kit, create } = await at.start();
  const monitor = await create();
  for (const n of [0, 1]) await at.result(monitor, T0 + n * EVERY_MS, Verdict.DOWN);
  await at.bus.publish("chk.v1.1.nobody.local", Uint8Array.of(255));
  await at.clock.advance(6000);
  const text = await kit.metrics.registry.metrics();
  expect(text).toMatch(/^sentinel_incidents_folded_results_total 2$/m);
  expect(text).toMatch(/^sentinel_incidents_fold_duration_seconds_count 3$/m);
  expect(text).toMatch(/^sentinel_incidents_open 1$/m);
  expect(text).toMatch(/^sentinel_outbox_pending\{kind="event"\} 0$/m);
  expect(text).toMatch(/^sentinel_dead_letters_total\{source="checks"\} 1$/m);
});
