import { projectionContract } from "../contract/projection.ts";
import { createHintBoard } from "../hint-board.ts";
import { createMemoryEventStore, createMemoryProjections, MemoryDatabase, type MemoryTx } from "./index.ts";

const rows = (tx: MemoryTx, generation: number, name: string) =>
  tx.table<string, readonly number[]>(`history ${generation} ${name}`);

projectionContract("memory", async () => ({
  store: createMemoryEventStore(),
  database: new MemoryDatabase(),
  hints: createHintBoard(),
  tables: createMemoryProjections(),
  history: {
    add: async (tx, generation, name, { stream, version }) => {
      const table = rows(tx, generation, name);
      table.set(stream, [...(table.get(stream) ?? []), version]);
    },
    all: async (tx, generation, name) => new Map(rows(tx, generation, name)),
    drop: async (tx, generation, name) => {
      const table = rows(tx, generation, name);
      for (const stream of table.keys()) table.delete(stream);
    },
  },
  close: async () => undefined,
}));
