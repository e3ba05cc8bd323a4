import { describe, expect, test } from "@jest/globals";
import { T0 } from "../../core/fixtures.ts";
import type { IncidentState } from "../../core/types.ts";
import { anIncident, type FoldStoreHandle, fresh, within } from "./open-fold-store.ts";

export function incidentsContract(handle: FoldStoreHandle): void {
  const nextId = () => within(handle, (tx) => tx.incidents.nextId());
  const save = (...states: IncidentState[]) => within(handle, (tx) => tx.incidents.save(states));
  const open = async (monitorId: string, change: Partial<IncidentState> = {}): Promise<IncidentState> => {
    const state = anIncident(await nextId(), monitorId, change);
    await save(state);
    return state;
  };

  describe("incidents", () => {
    test("numbers grow and are given once, also to those who ask at the same time", async () => {
      const first = await nextId();
      const more = await Promise.all(Array.from({ length: 20 }, nextId));
      expect(new Set(more).size).toBe(20);
      expect(Math.min(...more)).toBeGreaterThan(first);
    });

    test("are found as they were saved last", async () => {
      const state = await open(fresh("mon"), { diagnosis: undefined, owner: "équipe 运维" });
      await save({ ...state, version: 2, acknowledgedBy: "ada" });
      const found = await within(handle, (tx) => tx.incidents.find(state.id));
      expect(found).toEqual({ ...state, version: 2, acknowledgedBy: "ada" });
      expect(await within(handle, (tx) => tx.incidents.find(999_999))).toBeUndefined();
    });

    test("text that SQL cannot hold is kept without what it cannot hold, instead of stopping the fold", async () => {
      const state = await open(fresh("mon"), { owner: "nul \u0000 half \ud800 backslash \\u0000 whole 😀" });
      const found = await within(handle, (tx) => tx.incidents.find(state.id));
      expect(found?.owner).toBe("nul \ufffd half \ufffd backslash \\u0000 whole 😀");
    });

    test("a monitor has one open incident at most", async () => {
      const monitorId = fresh("mon");
      const first = await open(monitorId);
      await expect(open(monitorId)).rejects.toMatchObject({
        code: "incident_already_open",
        params: { monitor: monitorId },
      });
      await save({ ...first, resolvedAtMs: T0 + 1 });
      const second = await open(monitorId);
      await expect(save({ ...first, resolvedAtMs: 0 })).rejects.toMatchObject({ code: "incident_already_open" });
      expect(second.id).toBeGreaterThan(first.id);
    });

    test("are locked by number, with nothing for a number nobody has", async () => {
      const states = [await open(fresh("mon")), await open(fresh("mon"))];
      const ids = states.map(({ id }) => id);
      const locked = await within(handle, (tx) => tx.incidents.lock([...ids.toReversed(), 999_999]));
      expect([...locked.keys()].toSorted((a, b) => a - b)).toEqual(ids);
    });

    test("the list is newest first, in pages, of one monitor, of open ones only", async () => {
      const monitorId = fresh("mon");
      const ids: number[] = [];
      for (let n = 0; n < 3; n += 1) ids.unshift((await open(monitorId, { resolvedAtMs: T0 + n + 1 })).id);
      ids.unshift((await open(monitorId)).id);
      const list = async (change: { openOnly?: boolean; beforeId?: number; limit?: number }) => {
        const query = { openOnly: false, monitorId, beforeId: 0, limit: 10, ...change };
        return (await within(handle, (tx) => tx.incidents.list(query))).map(({ id }) => id);
      };
      expect(await list({})).toEqual(ids);
      expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2));
      expect(await list({ beforeId: ids[1] ?? 0 })).toEqual(ids.slice(2));
      expect(await list({ openOnly: true })).toEqual(ids.slice(0, 1));
      const anybody = { openOnly: false, monitorId: "", beforeId: 0, limit: 1 };
      expect((await within(handle, (tx) => tx.incidents.list(anybody))).map(({ id }) => id)).toEqual(ids.slice(0, 1));
    });
  });
}
