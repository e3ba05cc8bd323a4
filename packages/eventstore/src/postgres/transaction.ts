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

/** Attempts to begin: connections that died unnoticed may be met more than once. */
const BEGINS = 3;

/**
 * One transaction at READ COMMITTED. When it could not even begin, because its connection was lost, it is tried again
 * on a fresh one; once `fn` was called it never is.
 * @throws SentinelError `database_*`, `disk_full`, or what `fn` throws
 */
export async function runTransaction<T>(pool: Pool, where: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const progress: Progress = { begun: false };
    try {
      return await pool.use((sql, lost) => beginUnlessLost(sql, lost, progress, where, fn));
    } catch (thrown) {
      const error = databaseError(thrown, where);
      if (progress.begun || attempt === BEGINS || !isUnreachable(error)) throw error;
    }
  }
}

interface Progress {
  /** Set when `fn` is called. */
  begun: boolean;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof SentinelError && error.code === "database_unreachable";
}

/** Does not wait in the queue of connections of which one was lost: that one would be waited for until it times out. */
async function beginUnlessLost<T>(
  sql: Sql,
  lost: AbortSignal,
  progress: Progress,
  where: string,
  fn: (tx: Tx) => Promise<T>,
): Promise<T> {
  const given = Promise.withResolvers<never>();
  const giveUp = (): void => {
    if (!progress.begun) given.reject(new SentinelError("database_unreachable", { host: where, reason: "lost" }));
  };
  lost.addEventListener("abort", giveUp, { once: true });
  const begun = begin(sql, async (tx) => {
    if (lost.aborted) throw new SentinelError("transaction_over");
    progress.begun = true;
    return await fn(tx);
  });
  try {
    return await Promise.race([begun, given.promise]);
  } finally {
    lost.removeEventListener("abort", giveUp);
  }
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
