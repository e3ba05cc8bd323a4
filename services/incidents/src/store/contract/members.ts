import { PARTITIONS } from "@sentinel/contracts";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type FoldStoreHandle, SHORT_MS, within } from "./open-fold-store.ts";

const LONG_MS = 60_000;

export function membersContract(handle: FoldStoreHandle): void {
  const beat = (owner: string, ttlMs = LONG_MS, force = false) =>
    within(handle, (tx) => tx.members.beat(owner, ttlMs, force));
  const leave = (owner: string) => within(handle, (tx) => tx.members.leave(owner));
  const standing = () => within(handle, (tx) => tx.members.standing());

  describe("members", () => {
    afterEach(async () => {
      for (const owner of (await standing()).members) await leave(owner);
    });

    test("those who beat live, in order of their names, and the first of them leads", async () => {
      await beat("mia");
      await beat("Zoe");
      await beat("ada");
      await beat("mia");
      expect(await standing()).toMatchObject({ members: ["Zoe", "ada", "mia"], lead: "mia" });
    });

    test("one that does not beat any more is gone, and with it the lead, which the next to beat has", async () => {
      await beat("gone", SHORT_MS);
      await beat("there");
      expect((await standing()).lead).toBe("gone");
      await handle.current.expire(SHORT_MS);
      expect(await standing()).toMatchObject({ members: ["there"], lead: "" });
      await beat("there");
      expect((await standing()).lead).toBe("there");
      await beat("gone");
      expect(await standing()).toMatchObject({ members: ["gone", "there"], lead: "there" });
    });

    test("one that leaves is gone at once, and takes nobody's lead with it but its own", async () => {
      await beat("lead");
      await beat("other");
      await leave("other");
      expect(await standing()).toMatchObject({ members: ["lead"], lead: "lead" });
      await beat("other");
      await leave("lead");
      expect(await standing()).toMatchObject({ members: ["other"], lead: "" });
    });

    test("the only process on its data sends all others away", async () => {
      await beat("killed");
      await beat("again", LONG_MS, true);
      expect(await standing()).toMatchObject({ members: ["again"], lead: "again" });
    });

    test("owners are those whose lease has not run out", async () => {
      const free = Array.from({ length: PARTITIONS }, () => "");
      expect((await standing()).owners).toEqual(free);
      await within(handle, (tx) => tx.partitions.hold("short", SHORT_MS, false, [3]));
      await within(handle, (tx) => tx.partitions.hold("long", LONG_MS, false, [3, 5]));
      expect((await standing()).owners.flatMap((owner, part) => (owner === "" ? [] : [[part, owner]]))).toEqual([
        [3, "short"],
        [5, "long"],
      ]);
      await handle.current.expire(SHORT_MS);
      expect((await standing()).owners[3]).toBe("");
      for (const owner of ["short", "long"]) await within(handle, (tx) => tx.partitions.release(owner));
    });
  });
}
