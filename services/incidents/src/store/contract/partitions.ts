import { PARTITIONS } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { type FoldStoreHandle, SHORT_MS, within } from "./open-fold-store.ts";

const LONG_MS = 60_000;

export function partitionsContract(handle: FoldStoreHandle): void {
  const hold = (owner: string, ttlMs = LONG_MS, force = false) =>
    within(handle, (tx) => tx.partitions.hold(owner, ttlMs, force));
  const release = (owner: string) => within(handle, (tx) => tx.partitions.release(owner));
  const all = () => within(handle, (tx) => tx.partitions.all());

  describe("partitions", () => {
    test("whoever comes first holds all of them, and nobody else any", async () => {
      const mine = await hold("first");
      expect(mine.map(({ part }) => part)).toEqual(Array.from({ length: PARTITIONS }, (_, part) => part));
      expect(await hold("second")).toEqual([]);
      expect(new Set((await all()).map(({ owner }) => owner))).toEqual(new Set(["first"]));
      await release("first");
    });

    test("the fence grows with each change of hands and stays with a renewal", async () => {
      const epoch = async (owner: string, ttlMs = LONG_MS, force = false): Promise<number> =>
        (await hold(owner, ttlMs, force))[7]?.epoch ?? -1;
      const first = await epoch("a");
      expect(await epoch("a")).toBe(first);
      expect(await epoch("b", LONG_MS, true)).toBe(first + 1);
      expect(await hold("a")).toEqual([]);
      await release("b");
      expect(await epoch("a")).toBe(first + 2);
      await release("a");
    });

    test("a lease that ran out is free, one that was renewed is not", async () => {
      await hold("gone", SHORT_MS);
      await handle.current.expire(SHORT_MS);
      expect(await hold("next", SHORT_MS)).toHaveLength(PARTITIONS);
      expect(await hold("next", LONG_MS)).toHaveLength(PARTITIONS);
      await handle.current.expire(SHORT_MS);
      expect(await hold("late")).toEqual([]);
      await release("next");
    });

    test("only what is wanted is taken, and what is held is renewed besides", async () => {
      const parts = async (owner: string, wanted: readonly number[], force = false) =>
        (await within(handle, (tx) => tx.partitions.hold(owner, LONG_MS, force, wanted))).map(({ part }) => part);
      expect(await parts("a", [5, 1, 9])).toEqual([1, 5, 9]);
      expect(await parts("b", [9, 10])).toEqual([10]);
      expect(await parts("a", [])).toEqual([1, 5, 9]);
      expect(await parts("b", [9], true)).toEqual([9, 10]);
      expect(await parts("a", [])).toEqual([1, 5]);
      for (const owner of ["a", "b"]) await release(owner);
    });

    test("what is kept is not released, and its fence stays", async () => {
      const before = await hold("giver");
      await within(handle, (tx) => tx.partitions.release("giver", [4, 60]));
      const kept = await within(handle, (tx) => tx.partitions.hold("giver", LONG_MS, false, []));
      expect(kept).toEqual([before[4], before[60]]);
      const taken = await hold("taker");
      expect(taken.map(({ part }) => part)).toEqual(before.map(({ part }) => part).filter((p) => p !== 4 && p !== 60));
      expect(taken[0]?.epoch).toBe((before[0]?.epoch ?? 0) + 1);
      for (const owner of ["giver", "taker"]) await release(owner);
    });

    test("only the owner can release", async () => {
      await hold("owner");
      await release("stranger");
      expect(await hold("stranger")).toEqual([]);
      await release("owner");
      expect(await hold("stranger")).toHaveLength(PARTITIONS);
      await release("stranger");
    });

    test("are locked in their order, each once, whatever order was asked for", async () => {
      const locked = await within(handle, (tx) => tx.partitions.lock([9, 3, 9, 40, 0]));
      expect(locked.map(({ part }) => part)).toEqual([0, 3, 9, 40]);
    });

    test("a new generation begins the places named anew, beyond every one they had, or in the one of the others", async () => {
      const before = await all();
      const most = Math.max(before[6]?.generation ?? 0, before[7]?.generation ?? 0);
      const begun = await within(handle, (tx) => tx.partitions.beginGeneration([7, 6], "life-3"));
      expect(begun.map(({ part, lastSeq, generation }) => [part, lastSeq, generation])).toEqual([
        [6, 0, most + 1],
        [7, 0, most + 1],
      ]);
      const after = await all();
      const place = { streamEpoch: "life-3", lastSeq: 0, lastFingerprint: "", generation: most + 1 };
      expect(after[6]).toEqual({ ...before[6], ...place });
      expect(after[8]).toEqual(before[8]);
      const again = await within(handle, (tx) => tx.partitions.beginGeneration([6], "life-3"));
      expect(again[0]?.generation).toBe(most + 2);
      const joined = await within(handle, (tx) => tx.partitions.beginGeneration([7, 8], "life-3", most + 2));
      expect(joined.map(({ part, generation }) => [part, generation])).toEqual([
        [7, most + 2],
        [8, most + 2],
      ]);
    });

    test("advance moves the cursors named, and only them", async () => {
      const before = await all();
      await within(handle, (tx) =>
        tx.partitions.advance([
          { part: 5, streamEpoch: "life-2", lastSeq: 70_000_000_001, lastFingerprint: "f" },
          { part: 4, streamEpoch: "life-2", lastSeq: 12, lastFingerprint: "f" },
        ]),
      );
      const after = await all();
      expect(after[5]).toEqual({ ...before[5], streamEpoch: "life-2", lastSeq: 70_000_000_001, lastFingerprint: "f" });
      expect(after[4]).toEqual({ ...before[4], streamEpoch: "life-2", lastSeq: 12, lastFingerprint: "f" });
      expect(after.filter(({ part }) => part !== 5 && part !== 4)).toEqual(
        before.filter(({ part }) => part !== 5 && part !== 4),
      );
    });

    test("revise lets the revision grow by one, also for a partition named twice", async () => {
      const before = await all();
      await within(handle, (tx) => tx.partitions.revise([8, 2, 8]));
      const after = await all();
      expect(
        after
          .map(({ revision }, part) => revision - (before[part]?.revision ?? 0))
          .flatMap((by, part) => (by > 0 ? [[part, by]] : [])),
      ).toEqual([
        [2, 1],
        [8, 1],
      ]);
    });

    test("two transactions that lock the same partitions take turns", async () => {
      const order: string[] = [];
      const entered = Promise.withResolvers<void>();
      const leave = Promise.withResolvers<void>();
      const first = within(handle, async (tx) => {
        await tx.partitions.lock([1, 2]);
        entered.resolve();
        await leave.promise;
        order.push("first");
      });
      await entered.promise;
      const second = within(handle, async (tx) => {
        await tx.partitions.revise([2]);
        order.push("second");
      });
      leave.resolve();
      await Promise.all([first, second]);
      expect(order).toEqual(["first", "second"]);
    });
  });
}
