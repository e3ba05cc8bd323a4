import { setImmediate as nextTurn } from "node:timers/promises";
import { SentinelError } from "@sentinel/contracts/errors";
import type postgres from "postgres";
import { databaseError } from "./database-error.ts";
import type { Pool, Sql } from "./pool.ts";

/** A transaction: tag SQL with it. It ends with the function it was given to. */
export type Tx = postgres.TransactionSql<{ bigint: number }>;

/** What is known of the connection while a transaction runs on it. */
interface Line {
  open: boolean;
}

/**
 * One transaction at READ COMMITTED. When it could not even begin, because a pooled connection had died unnoticed, it
 * is tried once more on a fresh one.
 * @throws SentinelError `database_*`, `disk_full`, or what `fn` throws
 */
export async function runTransaction<T>(pool: Pool, where: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  let begun = false;
  const once = (): Promise<T> =>
    pool.use((sql) =>
      begin(sql, (tx) => {
        begun = true;
        return fn(tx);
      }),
    );
  try {
    return await once().catch((thrown: unknown) => {
      if (begun || !isUnreachable(databaseError(thrown, where))) throw thrown;
      return once();
    });
  } catch (thrown) {
    throw databaseError(thrown, where);
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof SentinelError && error.code === "database_unreachable";
}

/**
 * The driver sends COMMIT or ROLLBACK even on a connection that has died, which confuses its next user or ends the
 * process; so once the connection is lost, the function it waits for never returns, and the driver's own rejection
 * ends the wait.
 */
async function begin<T>(sql: Sql, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const line: Line = { open: true };
  // Wrapped, because the driver would await the elements of a returned array.
  let result: { readonly value: T } | undefined;
  try {
    await sql.begin("isolation level read committed", async (tx) => {
      result = { value: await unlessLost(line, () => fn(guarded(tx, line))) };
    });
  } finally {
    line.open = false;
  }
  if (result === undefined) throw new SentinelError("internal");
  return result.value;
}

async function unlessLost<T>(line: Line, fn: () => Promise<T>): Promise<T> {
  try {
    const value = await fn();
    if (line.open) return value;
  } catch (thrown) {
    // A lost connection rejects the statement first and the transaction within the same turn.
    await nextTurn();
    if (line.open) throw thrown;
  }
  return await new Promise<T>(() => undefined);
}

/** Refuses statements after the end or the loss, where the driver would send them on whatever connection comes next. */
function guarded(tx: Tx, line: Line): Tx {
  const check = (): void => {
    if (!line.open) throw new SentinelError("transaction_over");
  };
  const proxy: Tx = new Proxy(tx, {
    apply: (target, self, args) => {
      check();
      return Reflect.apply(target, self, args);
    },
    get: (target, name) => {
      check();
      if (name !== "savepoint") return Reflect.get(target, name);
      return <T>(fn: (inner: Tx) => Promise<T>) =>
        target.savepoint((inner) => unlessLost(line, () => fn(guarded(inner, line))));
    },
  });
  return proxy;
}
