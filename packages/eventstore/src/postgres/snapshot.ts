import type { Transactions } from "../transactions.ts";
import type { Tx } from "./transaction.ts";

/** Transactions that see the database as it was at their first statement, however long they read, and write nothing. */
export function snapshotOf(database: Transactions<Tx>): Transactions<Tx> {
  return {
    transaction: (fn) =>
      database.transaction(async (tx) => {
        await tx`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`;
        return await fn(tx);
      }),
  };
}
