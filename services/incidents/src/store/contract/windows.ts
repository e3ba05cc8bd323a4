import { MaintenanceWindow, Nature } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { aSpec } from "../../core/fixtures.ts";
import { aMonitor, anIncident, type FoldStoreHandle, fresh, within } from "./open-fold-store.ts";

export function windowsContract(handle: FoldStoreHandle): void {
  describe("maintenance windows", () => {
    const aWindow = (change: Partial<MaintenanceWindow> = {}): MaintenanceWindow =>
      MaintenanceWindow.fromPartial({ id: fresh("mnt"), name: fresh("patch"), starts: "2026-03-01T02:00", ...change });
    const all = () => within(handle, (tx) => tx.windows.all());

    test("are there as they were saved last, until they are deleted", async () => {
      const window = aWindow({ zone: "Europe/Paris", durationMs: 60_000, rule: "FREQ=DAILY", tags: ["team:data"] });
      const ended = { ...window, ended: [{ startMs: 1, endMs: 2 }] };
      await within(handle, async (tx) => {
        await tx.windows.save(window);
        await tx.windows.save(ended);
      });
      expect((await all()).filter(({ id }) => id === window.id)).toMatchObject([ended]);
      await within(handle, (tx) => tx.windows.delete(window.id));
      expect((await all()).filter(({ id }) => id === window.id)).toEqual([]);
    });

    test("a name is taken once", async () => {
      const first = aWindow();
      await within(handle, (tx) => tx.windows.save(first));
      const again = within(handle, (tx) => tx.windows.save(aWindow({ name: first.name })));
      await expect(again).rejects.toMatchObject({ code: "maintenance_name_taken", params: { name: first.name } });
    });
  });

  test("monitors are found by the names that others depend on", async () => {
    const monitor = aMonitor({ spec: aSpec({ name: fresh("db") }) });
    await within(handle, (tx) => tx.monitors.save(monitor));
    const named = await within(handle, (tx) => tx.monitors.named([monitor.spec?.name ?? "", fresh("nobody")]));
    expect(named).toEqual([monitor]);
  });

  test("an incident about an objective may be open beside one about an outage, one of each", async () => {
    const monitorId = fresh("mon");
    const open = async (nature: Nature) =>
      await within(handle, async (tx) => {
        await tx.incidents.save([anIncident(await tx.incidents.nextId(), monitorId, { nature })]);
      });
    await open(Nature.TECHNICAL);
    await open(Nature.SLO);
    await expect(open(Nature.BUSINESS)).rejects.toMatchObject({ code: "incident_already_open" });
    await expect(open(Nature.SLO)).rejects.toMatchObject({ code: "incident_already_open" });
  });
}
