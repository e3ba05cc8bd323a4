import type { Transactions } from "../transactions.ts";
import { type MemoryTable, type Undo, undoableTable } from "./memory-table.ts";

/** A transaction on tables in memory; it ends with the function it was given to. */
export interface MemoryTx {
  /** The table of that name, made when first asked for. Every caller of a name uses the same types. */
  table<K, V>(name: string): MemoryTable<K, V>;
}

/**
 * Tables in memory with the same promise as PostgreSQL: all or nothing. Transactions run one after the other; so one
 * inside another would wait for itself for ever.
 */
export class MemoryDatabase implements Transactions<MemoryTx> {
  readonly #tables = new Map<string, Map<unknown, unknown>>();
  #last: Promise<unknown> = Promise.resolve();

  transaction<T>(fn: (tx: MemoryTx) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => this.#run(fn));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run<T>(fn: (tx: MemoryTx) => Promise<T>): Promise<T> {
    const undos: Undo[] = [];
    let open = true;
    const note = (undo: Undo): void => {
      if (!open) throw new Error("This transaction has ended: await every change inside it.");
      undos.push(undo);
    };
    try {
      return await fn({ table: (name) => undoableTable(this.#rowsAsDeclared(name), note) });
    } catch (thrown) {
      for (const undo of undos.toReversed()) undo();
      throw thrown;
    } finally {
      open = false;
    }
  }

  /** One name has one pair of types for all its users, as a table of SQL has; only they know them. */
  #rowsAsDeclared<K, V>(name: string): Map<K, V> {
    let rows = this.#tables.get(name);
    if (rows === undefined) this.#tables.set(name, (rows = new Map()));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the guarantee this function is named after
    return rows as Map<K, V>;
  }
}
