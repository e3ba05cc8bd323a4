import { type CheckResult, Evidence, Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { asHot } from "../../checklog/segment.ts";
import { anEndpoint, aRound, EVERY_MS, T0 } from "../../core/fixtures.ts";
import { aCheck, type FoldStoreHandle, fresh, keeping, within } from "./open-fold-store.ts";

export const EVIDENCE = Evidence.fromPartial({ requestLine: "GET / HTTP/1.1", status: 503 });

export function checksContract(handle: FoldStoreHandle): void {
  const insert = async (...rows: CheckResult[]): Promise<readonly boolean[]> => {
    await handle.current.store.prepareChecks(rows.map(({ slotMs }) => slotMs));
    return await within(handle, (tx) => tx.checks.insert(rows));
  };
  const slots = async (monitorId: string, query: { beforeMs?: number; afterMs?: number; limit?: number } = {}) => {
    const whole = { monitorId, beforeMs: Number.MAX_SAFE_INTEGER, afterMs: 0, limit: 100, ...query };
    return (await within(handle, (tx) => tx.checks.list(whole))).map(({ slotMs }) => slotMs);
  };
  describe("checks", () => {
    test("a round is new once, in one batch and over batches", async () => {
      const [a, b] = [fresh("mon"), fresh("mon")];
      expect(await insert(aCheck(a, T0), aCheck(b, T0), aCheck(a, T0), aCheck(a, T0 + 1))).toEqual([
        true,
        true,
        false,
        true,
      ]);
      expect(await insert(aCheck(a, T0 + 1), aCheck(a, T0 + 2))).toEqual([false, true]);
      expect(await insert()).toEqual([]);
    });

    test("rounds known to be newer than all are not looked for, and others still are", async () => {
      const id = fresh("mon");
      await insert(aCheck(id, T0), aCheck(id, T0 + 1));
      const again = [aCheck(id, T0 + 1), aCheck(id, T0 + 2), aCheck(id, T0 + 2)];
      const flags = await within(handle, (tx) => tx.checks.insert(again, ({ slotMs }) => slotMs > T0 + 1));
      expect(flags).toEqual([false, true, false]);
      expect(await slots(id)).toEqual([T0 + 2, T0 + 1, T0]);
    });

    test("no round is later than the newest slot", async () => {
      const farMs = T0 + 86_400_000;
      await insert(aCheck(fresh("mon"), farMs), aCheck(fresh("mon"), T0));
      expect(await within(handle, (tx) => tx.checks.newestSlotMs())).toBeGreaterThanOrEqual(farMs);
    });

    test("a batch of thousands over many monitors is listed by monitor, each as it was", async () => {
      const ids = Array.from({ length: 30 }, () => fresh("mon"));
      const batch = Array.from({ length: 900 }, (_, n) => aCheck(ids[n % 30] ?? "", T0 + n, { durationMs: n / 8 }));
      expect(await insert(...batch)).toEqual(batch.map(() => true));
      for (const id of ids) {
        const query = { monitorId: id, beforeMs: Number.MAX_SAFE_INTEGER, afterMs: 0, limit: 100, oldestFirst: true };
        const wanted = batch.filter(({ monitorId }) => monitorId === id);
        expect(await within(handle, (tx) => tx.checks.list(query))).toEqual(wanted.map(asHot));
      }
    });

    test("the same slot seen from another region is another round", async () => {
      const id = fresh("mon");
      expect(await insert(aCheck(id, T0), aCheck(id, T0, { region: "paris" }))).toEqual([true, true]);
      expect(await insert(aCheck(id, T0, { region: "paris" }))).toEqual([false]);
    });

    test("days far apart fit in one batch", async () => {
      const id = fresh("mon");
      const days = [T0 - 86_400_000, T0 + 86_400_000 - 1, T0 + 86_400_000, T0 - 30 * 86_400_000];
      expect(await insert(...days.map((slotMs) => aCheck(id, slotMs)))).toEqual([true, true, true, true]);
      expect(await slots(id)).toEqual(days.toSorted((x, y) => y - x));
    });

    test("the list is newest first, from afterMs to before beforeMs, no longer than the limit", async () => {
      const id = fresh("mon");
      await insert(...[3, 0, 2, 1].map((n) => aCheck(id, T0 + n)));
      expect(await slots(id)).toEqual([T0 + 3, T0 + 2, T0 + 1, T0]);
      expect(await slots(id, { beforeMs: T0 + 3, afterMs: T0 + 1 })).toEqual([T0 + 2, T0 + 1]);
      expect(await slots(id, { limit: 1 })).toEqual([T0 + 3]);
      expect(await slots(fresh("nobody"))).toEqual([]);
    });

    test("a failing round comes back with its evidence, which is kept apart from the row", async () => {
      const id = fresh("mon");
      const seen = anEndpoint(Verdict.DOWN, "http_status", { evidence: EVIDENCE });
      const whole = aRound(T0, Verdict.DOWN, "http_status", {
        monitorId: id,
        endpoints: [seen],
        traceparent: "00-1-2-01",
      });
      await insert(whole, aCheck(id, T0 + 1));
      const listed = await within(handle, (tx) =>
        tx.checks.list({ monitorId: id, beforeMs: T0 + 1, afterMs: 0, limit: 10 }),
      );
      expect(listed).toEqual([whole]);
      await handle.current.store.prune(keeping({ evidenceMs: T0 + 86_400_000 }));
      expect(
        await within(handle, (tx) => tx.checks.list({ monitorId: id, beforeMs: T0 + 1, afterMs: 0, limit: 10 })),
      ).toEqual([asHot(whole)]);
    });

    test("beats are the last rounds of each monitor, oldest first, and none for a monitor without rounds", async () => {
      const [a, b, none] = [fresh("mon"), fresh("mon"), fresh("mon")];
      await insert(
        ...[0, 1, 2].map((n) => aCheck(a, T0 + n * EVERY_MS)),
        aCheck(b, T0, { verdict: Verdict.DOWN, durationMs: 40.25, reason: "connect_refused" }),
      );
      const beats = await within(handle, (tx) => tx.checks.beats([a, b, none], 2));
      expect(beats.get(a)?.map(({ slotMs }) => slotMs)).toEqual([T0 + EVERY_MS, T0 + 2 * EVERY_MS]);
      expect(beats.get(b)).toEqual([
        { slotMs: T0, verdict: Verdict.DOWN, durationMs: 40.25, reason: "connect_refused" },
      ]);
      expect(beats.get(none)).toEqual([]);
    });

    test("response times come back as exactly as they were measured", async () => {
      const id = fresh("mon");
      await insert(aCheck(id, T0, { durationMs: 12.3 }));
      const beats = await within(handle, (tx) => tx.checks.beats([id], 1));
      expect(beats.get(id)?.[0]?.durationMs).toBe(12.3);
    });

    test("what is older than the day of the bound is dropped, what is younger stays, and room is made again", async () => {
      const id = fresh("mon");
      const oldMs = T0 - 40 * 86_400_000;
      await insert(aCheck(id, oldMs), aCheck(id, T0));
      await handle.current.store.prune(keeping({ checksMs: T0 - 35 * 86_400_000 }));
      expect(await slots(id)).toEqual([T0]);
      expect(await insert(aCheck(id, oldMs))).toEqual([true]);
    });
  });
}
