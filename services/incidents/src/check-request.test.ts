import { type Monitor, type MonitorSpec, RepairAction, RepairMode, Verdict } from "@sentinel/contracts";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EVERY_MS, T0 } from "./core/fixtures.ts";
import { caller, type Process, type ShellWorld, shellWorld } from "./shell-world.ts";

let at: ShellWorld;
beforeEach(() => {
  at = shellWorld();
});
afterEach(() => at.end());

const repair = {
  action: RepairAction.WAKE_UP,
  mode: RepairMode.AUTO,
  patienceMs: 5000,
  cooldownMs: 0,
  hourlyCap: 6,
} satisfies MonitorSpec["repair"];

const commands = async (): Promise<number> => (await at.store.transaction((tx) => tx.outbox.pending())).command;

/** An outage whose repair has run after `answersMs`, or still runs. */
async function repaired(process: Process, answersMs: number): Promise<Monitor> {
  at.network.serve("http://shop.test:8080", () => ({ status: 200, afterMs: answersMs }));
  const monitor = await process.create({ repair });
  for (const n of [0, 1]) await at.result(monitor, T0 + n * EVERY_MS, Verdict.DOWN);
  return monitor;
}

const remove = (process: Process, { id }: Monitor): Promise<unknown> =>
  process.api.deleteMonitor({ id, expectedVersion: 0, actor: "ada" }, caller());

const pause = ({ api }: Process, { id, spec }: Monitor): Promise<unknown> => {
  const paused = spec === undefined ? undefined : { ...spec, paused: true };
  return api.updateMonitor({ id, spec: paused, expectedVersion: 0, actor: "ada" }, caller());
};

test.each([
  ["deleted", remove],
  ["paused", pause],
])("a check asked for after a repair is asked for no longer once the monitor is %s", async (_, end) => {
  const process = await at.start();
  const monitor = await repaired(process, 1);
  expect(await commands()).toBe(1);
  await end(process, monitor);
  expect(await commands()).toBe(0);
});

test("a repair that ends after its incident asks for no check", async () => {
  const process = await at.start();
  const monitor = await repaired(process, 2000);
  await remove(process, monitor);
  await at.clock.advance(5000);
  const { incidents } = await process.api.listIncidents(
    { openOnly: false, monitorId: "", beforeId: 0, limit: 0 },
    caller(),
  );
  expect(incidents).toMatchObject([{ repairs: [{ state: "succeeded" }] }]);
  expect(await commands()).toBe(0);
});
