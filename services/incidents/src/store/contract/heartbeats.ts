import { HeartbeatState } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { type FoldStoreHandle, fresh, within } from "./open-fold-store.ts";

const KEPT = 3;

export function heartbeatsContract(handle: FoldStoreHandle): void {
  const state = (seq: number): HeartbeatState =>
    HeartbeatState.fromPartial({
      seq,
      lastPingAtMs: seq,
      log: new Uint8Array([seq]),
      runs: [{ runId: "a", startedAtMs: seq }],
    });
  const save = (id: string, seq: number) => within(handle, (tx) => tx.heartbeats.save(id, state(seq), KEPT));
  const at = async (id: string, seq: number) => (await within(handle, (tx) => tx.heartbeats.at(id, seq)))?.seq;

  describe("heartbeats", () => {
    test("an owner keeps the token it had first, and the token leads to it", async () => {
      const [owner, token] = [fresh("mon"), fresh("token")];
      expect(await within(handle, (tx) => tx.heartbeats.token(owner, token))).toBe(token);
      expect(await within(handle, (tx) => tx.heartbeats.token(owner, fresh("token")))).toBe(token);
      expect(await within(handle, (tx) => tx.heartbeats.ownerOf(token))).toBe(owner);
      expect(await within(handle, (tx) => tx.heartbeats.ownerOf(fresh("token")))).toBeUndefined();
    });

    test("what was known after each of the last pings is kept, and what is known now", async () => {
      const id = fresh("mon");
      expect(await within(handle, (tx) => tx.heartbeats.lock(id))).toBeUndefined();
      expect(await at(id, 0)).toBeUndefined();
      for (let seq = 1; seq <= 5; seq += 1) await save(id, seq);
      expect(await within(handle, (tx) => tx.heartbeats.lock(id))).toEqual(state(5));
      expect(await Promise.all([0, 1, 3, 5, 9].map((seq) => at(id, seq)))).toEqual([5, 5, 3, 5, 5]);
    });

    test("who calls at the same time takes turns", async () => {
      const id = fresh("mon");
      const one = () =>
        within(handle, async (tx) => {
          const before = await tx.heartbeats.lock(id);
          await tx.heartbeats.save(id, state((before?.seq ?? 0) + 1), KEPT);
        });
      await Promise.all([one(), one(), one(), one()]);
      expect(await at(id, 0)).toBe(4);
    });

    test("a monitor that is gone leaves no token and nothing heard", async () => {
      const [id, token] = [fresh("mon"), fresh("token")];
      await within(handle, (tx) => tx.heartbeats.token(id, token));
      await save(id, 1);
      await within(handle, (tx) => tx.heartbeats.forget([id]));
      expect(await within(handle, (tx) => tx.heartbeats.ownerOf(token))).toBeUndefined();
      expect(await at(id, 0)).toBeUndefined();
    });
  });
}
