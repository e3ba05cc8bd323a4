import { Nature, Verdict } from "@sentinel/contracts";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EVERY_MS } from "./core/fixtures.ts";
import { caller, type ShellWorld, shellWorld } from "./shell-world.ts";

const DAY_MS = 86_400_000;
const { DOWN, HEALTHY } = Verdict;
let at: ShellWorld;
beforeEach(() => {
  at = shellWorld();
});
afterEach(() => at.end());

test("a budget that burns fast is an incident of its own beside the outage, and ends when it no longer does", async () => {
  const process = await at.start();
  const shop = await process.create({ name: "shop", slo: { target: 99.9, windowMs: 30 * DAY_MS } });
  const rounds = async (verdicts: readonly Verdict[]): Promise<void> => {
    for (const verdict of verdicts) {
      await at.clock.advance(EVERY_MS);
      await at.result(shop, at.clock.now(), verdict);
    }
    // Within this the objectives are measured.
    await at.clock.advance(EVERY_MS);
  };
  const incidents = async () =>
    (await process.api.listIncidents({ openOnly: false, monitorId: "", beforeId: 0, limit: 0 }, caller())).incidents;
  const slo = async () => (await process.api.getMonitor({ id: "shop" }, caller())).monitor?.slo;

  await rounds(Array.from({ length: 10 }, () => HEALTHY));
  expect(await slo()).toMatchObject({ uptime: 100, budgetLeft: 100, burn1h: 0 });
  await rounds([DOWN, DOWN, DOWN, DOWN]);
  expect(await incidents()).toMatchObject([
    { nature: Nature.SLO, monitorName: "shop", resolvedAtMs: 0, diagnosis: { rule: "slo.burn/fast" } },
    { nature: Nature.TECHNICAL, resolvedAtMs: 0 },
  ]);
  expect((await slo())?.budgetLeft).toBeLessThan(97);

  await rounds(Array.from({ length: 12 }, () => HEALTHY));
  const [burn, outage] = await incidents();
  expect(outage?.resolvedAtMs).toBeGreaterThan(0);
  // Fast no more after five minutes, it is slow for the half hour.
  expect(burn?.resolvedAtMs).toBe(0);
  await rounds(Array.from({ length: 60 }, () => HEALTHY));
  expect((await incidents())[0]).toMatchObject({ resolution: "RESOLUTION_BURN_ENDED", downtimeMs: 0 });
  const report = await process.api.getKpis({ days: 0 }, caller());
  expect(report.total?.incidents).toBe(1);
});

test("what is measured no more has no incident", async () => {
  const process = await at.start();
  const shop = await process.create({ name: "shop", slo: { target: 99.9, windowMs: 30 * DAY_MS } });
  for (const verdict of [DOWN, DOWN, DOWN, DOWN]) {
    await at.clock.advance(EVERY_MS);
    await at.result(shop, at.clock.now(), verdict);
  }
  await at.clock.advance(EVERY_MS);
  await process.api.deleteMonitor({ id: "shop", expectedVersion: 0, actor: "ada" }, caller());
  await at.clock.advance(EVERY_MS);
  const query = { openOnly: true, monitorId: "", beforeId: 0, limit: 0 };
  expect((await process.api.listIncidents(query, caller())).incidents).toEqual([]);
});
