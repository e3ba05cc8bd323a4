import { type Beat, CheckResult, Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { asKept } from "../../checklog/chunk.ts";
import { percentileOf, samplesIn } from "../../checklog/histogram.ts";
import { uptimePercent } from "../../checklog/time-by-verdict.ts";
import { aRound, EVERY_MS, T0 } from "../../core/fixtures.ts";
import type { CheckRow } from "../port.ts";
import { type FoldStoreHandle, fresh, keeping, within } from "./open-fold-store.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROUNDS = HOUR_MS / EVERY_MS;

const rowOf = (result: CheckResult, evidence?: CheckResult): CheckRow => ({
  monitorId: result.monitorId,
  region: result.region,
  slotMs: result.slotMs,
  verdict: result.verdict,
  durationMs: result.durationMs,
  reason: result.reason,
  payload: CheckResult.encode(result).finish(),
  evidence: evidence === undefined ? undefined : CheckResult.encode(evidence).finish(),
});

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
    return await within(handle, (tx) => tx.checks.insert(results.map((each) => rowOf(each))));
  };
  const pack = (monitorId: string, ...hours: number[]): Promise<number> =>
    within(handle, (tx) =>
      tx.checks.pack(hours.map((hour) => ({ monitorId, hourMs: T0 + hour * HOUR_MS, everyMs: EVERY_MS }))),
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
      const whole = aRound(T0, Verdict.DOWN, "http_status", { monitorId: id, traceparent: "00-1-2-01" });
      await within(handle, (tx) => tx.checks.insert([rowOf({ ...whole, endpoints: [] }, whole)]));
      await pack(id, 0);
      expect(await list(id)).toEqual([whole]);
      await handle.current.store.prune(keeping({ evidenceMs: T0 + 1 }));
      expect(await list(id)).toEqual([asKept({ ...whole, endpoints: [] })]);
    });

    test("what is to be packed is found monitor by monitor, the oldest hour of each", async () => {
      const prefix = fresh("pk");
      const ids = ["a", "b", "c"].map((name) => `${prefix}_${name}`);
      for (const [n, id] of ids.entries()) await insert(roundsOf(id, n * ROUNDS, 3 * ROUNDS));
      const packable = async (afterId: string, limit: number) =>
        await within(handle, (tx) => tx.checks.packable({ beforeMs: T0 + 2 * HOUR_MS, afterId, limit }));
      const hour = (n: number) => ({ monitorId: ids[n], hourMs: T0 + n * HOUR_MS });
      expect(await packable(prefix, 2)).toEqual([hour(0), hour(1)]);
      expect(await packable(ids[0] ?? "", 1)).toEqual([hour(1)]);
      await pack(ids[0] ?? "", 0);
      expect((await packable(prefix, 1))[0]).toEqual({ monitorId: ids[0], hourMs: T0 + HOUR_MS });
    });

    test("a packing that fails leaves every row as it was", async () => {
      const id = fresh("mon");
      await insert(roundsOf(id, 0, 20));
      const failing = within(handle, async (tx) => {
        await tx.checks.pack([{ monitorId: id, hourMs: T0, everyMs: EVERY_MS }]);
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
      await handle.current.store.prune(keeping({ summariesMs: T0 - 85 * DAY_MS }));
      expect(samplesIn((await summary(id, ...span)).latency)).toBe(0);
    });
  });
}
