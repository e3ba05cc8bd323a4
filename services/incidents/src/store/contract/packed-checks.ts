import { type Beat, type CheckResult, Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { asKept } from "../../checklog/chunk.ts";
import { percentileOf, samplesIn } from "../../checklog/histogram.ts";
import { uptimePercent } from "../../checklog/time-by-verdict.ts";
import { anEndpoint, aRound, EVERY_MS, T0 } from "../../core/fixtures.ts";
import { EVIDENCE } from "./checks.ts";
import { type FoldStoreHandle, fresh, keeping, packHours, within } from "./open-fold-store.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROUNDS = HOUR_MS / EVERY_MS;

/** Rounds of a monitor from T0 on, every fourth of them down, durations of 10 to 19 ms. */
const roundsOf = (monitorId: string, from: number, to: number, region = "local"): CheckResult[] =>
  Array.from({ length: to - from }, (_, index) => {
    const n = from + index;
    const down = n % 4 === 3;
    const change = { monitorId, region, durationMs: 10 + (n % 10), monitorVersion: 2 };
    return aRound(T0 + n * EVERY_MS, down ? Verdict.DOWN : Verdict.HEALTHY, down ? "http_status" : "", change);
  });

/** Rows of finished hours are packed, and nobody who reads can tell. */
export function packedChecksContract(handle: FoldStoreHandle): void {
  const insert = async (results: readonly CheckResult[]): Promise<readonly boolean[]> => {
    await handle.current.store.prepareChecks(results.map(({ slotMs }) => slotMs));
    return await within(handle, (tx) => tx.checks.insert(results));
  };
  const pack = (monitorId: string, ...hours: number[]): Promise<number> =>
    within(handle, (tx) =>
      packHours(
        tx,
        monitorId,
        hours.map((hour) => T0 + hour * HOUR_MS),
        EVERY_MS,
      ),
    );
  const list = (monitorId: string, query: { limit?: number; oldestFirst?: boolean; afterMs?: number } = {}) =>
    within(handle, (tx) =>
      tx.checks.list({ monitorId, beforeMs: Number.MAX_SAFE_INTEGER, afterMs: 0, limit: 10_000, ...query }),
    );
  const summary = (monitorId: string, fromMs: number, toMs: number) =>
    within(handle, (tx) => tx.checks.summary({ monitorId, fromMs, toMs, everyMs: EVERY_MS }));
  const beats = async (monitorId: string, count: number): Promise<readonly Beat[]> =>
    (await within(handle, (tx) => tx.checks.beats([monitorId], count))).get(monitorId) ?? [];
  const slots = (results: readonly { readonly slotMs: number }[]): number[] => results.map(({ slotMs }) => slotMs);

  describe("packed checks", () => {
    test("packing changes nothing that is read but the rounding: list, range, beats, uptime, percentiles", async () => {
      const id = fresh("mon");
      const all = roundsOf(id, 0, 4 * ROUNDS);
      await insert(all);
      const read = async () => ({
        newest: slots(await list(id, { limit: 130 })),
        oldest: slots(await list(id, { limit: 130, oldestFirst: true })),
        range: (await list(id, { afterMs: T0 + ROUNDS * EVERY_MS })).map(asKept),
        beats: await beats(id, 150),
        part: await summary(id, T0 + 10 * EVERY_MS, T0 + 3 * HOUR_MS + 7 * EVERY_MS),
        day: await summary(id, T0, T0 + DAY_MS),
      });
      const before = await read();
      expect(before.newest).toHaveLength(130);
      expect(before.beats).toHaveLength(150);
      expect(await pack(id, 0, 1, 2)).toBe(3 * ROUNDS);
      expect(await pack(id, 0, 1, 2)).toBe(0);
      expect(await read()).toEqual(before);
      expect(await pack(id, 3)).toBe(ROUNDS);
      expect(await read()).toEqual(before);
    });

    test("a round that comes again after it was packed is not new, a late one is", async () => {
      const id = fresh("mon");
      const [late, ...rest] = roundsOf(id, 0, ROUNDS);
      if (late === undefined) throw new Error("no rounds");
      await insert(rest);
      await pack(id, 0);
      expect(await insert(rest)).toEqual(rest.map(() => false));
      expect(await insert([late, ...rest.slice(0, 2)])).toEqual([true, false, false]);
      expect(await insert([late])).toEqual([false]);
      expect(slots(await list(id))).toEqual(slots([late, ...rest]).toReversed());
    });

    test("late rows of a packed hour count at once, and once when they are packed too", async () => {
      const id = fresh("mon");
      const all = roundsOf(id, 0, ROUNDS);
      await insert(all.filter((_, n) => n % 5 !== 0));
      await pack(id, 0);
      await insert(all.filter((_, n) => n % 5 === 0));
      const spans = [
        [T0, T0 + DAY_MS],
        [T0 - DAY_MS / 2, T0 + DAY_MS / 2],
      ] as const;
      const read = () => Promise.all(spans.map(([fromMs, toMs]) => summary(id, fromMs, toMs)));
      const hot = await read();
      expect(await pack(id, 0)).toBe(all.length / 5);
      expect(await read()).toEqual(hot);
      for (const { time, latency } of hot) {
        expect(time.upMs + time.downMs).toBe(HOUR_MS);
        expect(uptimePercent(time)).toBe(75);
        expect(samplesIn(latency)).toBe((all.length * 3) / 4);
      }
    });

    test("percentiles are those of rounds that had an answer, within 2 %", async () => {
      const id = fresh("mon");
      await insert(roundsOf(id, 0, 2 * ROUNDS));
      await pack(id, 0);
      const { latency } = await summary(id, T0, T0 + DAY_MS);
      const answered = roundsOf(id, 0, 2 * ROUNDS).filter(({ verdict }) => verdict === Verdict.HEALTHY);
      const sorted = answered.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
      for (const p of [50, 95, 99]) {
        const wanted = sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? Number.NaN;
        expect(Math.abs((percentileOf(latency, p) ?? 0) / wanted - 1)).toBeLessThanOrEqual(0.02);
      }
    });

    test("regions are packed apart and listed together", async () => {
      const id = fresh("mon");
      await insert([...roundsOf(id, 0, 10), ...roundsOf(id, 0, 10, "paris")]);
      expect(await pack(id, 0)).toBe(20);
      const listed = await list(id);
      expect(listed).toHaveLength(20);
      expect(new Set(listed.map(({ region }) => region))).toEqual(new Set(["local", "paris"]));
      expect(await insert(roundsOf(id, 9, 11, "paris"))).toEqual([false, true]);
    });

    test("a failing round has its evidence after it was packed, and when its hour is gone the evidence stays apart", async () => {
      const id = fresh("mon");
      const seen = anEndpoint(Verdict.DOWN, "http_status", { evidence: EVIDENCE });
      const whole = aRound(T0, Verdict.DOWN, "http_status", {
        monitorId: id,
        endpoints: [seen],
        traceparent: "00-1-2-01",
      });
      await insert([whole]);
      await pack(id, 0);
      expect(await list(id)).toEqual([whole]);
      await handle.current.store.prune(keeping({ evidenceMs: T0 + DAY_MS }));
      expect(await list(id)).toEqual([asKept(whole)]);
    });

    test("hours that have rounds to pack are found, oldest first, until they have none", async () => {
      const id = fresh("mon");
      const farMs = T0 - 20 * DAY_MS;
      const rounds = [0, 1, 2].map((hour) =>
        aRound(farMs + hour * HOUR_MS + 1, Verdict.HEALTHY, "", { monitorId: id }),
      );
      await insert(rounds);
      const due = async () =>
        (await within(handle, (tx) => tx.checks.unpackedHours(farMs + 2 * HOUR_MS))).filter(
          (hourMs) => hourMs >= farMs,
        );
      expect(await due()).toEqual([farMs, farMs + HOUR_MS]);
      expect(await pack(id, -20 * 24)).toBe(1);
      expect(await due()).toEqual([farMs + HOUR_MS]);
    });

    test("while an hour is packed nobody sees a round twice, and packing it again changes nothing", async () => {
      const id = fresh("mon");
      await insert(roundsOf(id, 0, ROUNDS));
      const read = async () => ({
        list: (await list(id)).map(asKept),
        beats: await beats(id, 150),
        sums: await summary(id, T0, T0 + DAY_MS),
        counts: (await within(handle, (tx) => tx.uptime.since(T0))).filter(({ monitorId }) => monitorId === id),
      });
      const before = await read();
      expect(before.counts).toEqual([
        { monitorId: id, hourMs: T0, healthy: (ROUNDS * 3) / 4, degraded: 0, down: ROUNDS / 4, unknown: 0, missed: 0 },
      ]);
      const packOnly = () =>
        within(handle, async (tx) => {
          const segments = await tx.checks.segments(T0);
          const rounds = segments.flatMap(({ counted, results }) =>
            results((each) => each === id).map((result) => ({ result, counted })),
          );
          return await tx.checks.pack([{ monitorId: id, region: "local", hourMs: T0, everyMs: EVERY_MS, rounds }]);
        });
      expect(await packOnly()).toBe(ROUNDS);
      expect(await read()).toEqual(before);
      expect(await insert(roundsOf(id, 5, 10))).toEqual([false, false, false, false, false]);
      expect(await packOnly()).toBe(0);
      expect(await pack(id, 0)).toBe(0);
      expect(await read()).toEqual(before);
    });

    test("a packing that fails leaves every row as it was", async () => {
      const id = fresh("mon");
      await insert(roundsOf(id, 0, 20));
      const failing = within(handle, async (tx) => {
        await packHours(tx, id, [T0], EVERY_MS);
        throw new RangeError("the power went");
      });
      await expect(failing).rejects.toThrow("the power went");
      expect(await list(id)).toHaveLength(20);
      expect(await pack(id, 0)).toBe(20);
    });

    test("packed days go with their day, the sums of days have a time of their own", async () => {
      const id = fresh("mon");
      const longAgo = roundsOf(id, 0, 4).map((each) => ({ ...each, slotMs: each.slotMs - 90 * DAY_MS }));
      await insert(longAgo);
      await pack(id, -90 * 24);
      const span = [T0 - 100 * DAY_MS, T0 - 80 * DAY_MS] as const;
      await handle.current.store.prune(keeping({ checksMs: T0 - 85 * DAY_MS }));
      expect(await list(id)).toEqual([]);
      expect(samplesIn((await summary(id, ...span)).latency)).toBe(3);
      await handle.current.store.prune(keeping({ summariesMs: T0 - 50 * DAY_MS }));
      expect(samplesIn((await summary(id, ...span)).latency)).toBe(0);
    });
  });
}
