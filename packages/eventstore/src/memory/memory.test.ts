import { describe, expect, test } from "@jest/globals";
import { eventStoreContract } from "../contract.ts";
import { createHintBoard } from "../hint-board.ts";
import { createMemoryEventStore, MemoryDatabase } from "./index.ts";

eventStoreContract("memory", async () => ({
  store: createMemoryEventStore(),
  database: new MemoryDatabase(),
  hints: createHintBoard(),
  close: async () => undefined,
}));

describe("a memory transaction", () => {
  test("that throws takes back every change of every table", async () => {
    const database = new MemoryDatabase();
    await database.transaction(async (tx) => {
      tx.table<string, number>("a").set("kept", 1);
      tx.table<string, number>("a").set("changed", 1);
      tx.table<string, number>("b").set("deleted", 1);
    });
    const failing = database.transaction(async (tx) => {
      const a = tx.table<string, number>("a");
      a.set("changed", 2);
      a.set("changed", 3);
      a.set("added", 1);
      tx.table<string, number>("b").delete("deleted");
      throw new RangeError("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    const rows = await database.transaction(async (tx) => [
      ...tx.table<string, number>("a"),
      ...tx.table<string, number>("b"),
    ]);
    expect(rows).toEqual([
      ["kept", 1],
      ["changed", 1],
      ["deleted", 1],
    ]);
  });

  test("starts only when the one before it has ended, so each sees whole states", async () => {
    const database = new MemoryDatabase();
    const increment = () =>
      database.transaction(async (tx) => {
        const table = tx.table<string, number>("counters");
        const value = table.get("n") ?? 0;
        await Promise.resolve();
        table.set("n", value + 1);
      });
    await Promise.all(Array.from({ length: 50 }, increment));
    expect(await database.transaction(async (tx) => tx.table<string, number>("counters").get("n"))).toBe(50);
  });

  test("cannot be changed after its end", async () => {
    const database = new MemoryDatabase();
    const table = await database.transaction(async (tx) => tx.table<string, number>("a"));
    expect(() => table.set("late", 1)).toThrow("has ended");
    expect(await database.transaction(async (tx) => tx.table<string, number>("a").size)).toBe(0);
  });
});
