import postgres from "postgres";

/** SQL outside a transaction, with bigint columns as numbers. */
export type Sql = postgres.Sql<{ bigint: number }>;

type PoolOptions = postgres.Options<{ bigint: postgres.PostgresType<number> }>;

export interface Pool {
  /** Opens the first connection and learns the server's array types from it, which later ones share. */
  prove(): Promise<void>;
  /** The connections to use now; ask each time. */
  current(): Sql;
  /** Runs work on the current connections, which stay until it has ended. */
  use<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(timeoutMs: number): Promise<void>;
}

/**
 * Connections that are replaced as a whole when one of them is lost. The driver would go on with a lost connection's
 * unsent bytes, and every later use of it would time out; so work under way ends on the old ones and new work
 * starts on new ones.
 */
export function openPool(url: string, options: PoolOptions): Pool {
  const users = new Map<Sql, number>();
  const retired = new Set<Sql>();
  let closing = false;
  let proven: Sql["options"] | undefined;
  let current = connect();

  function connect(): Sql {
    const onclose = (): void => retire(sql);
    // Connections that end by age would count as lost.
    const sql: Sql =
      proven === undefined
        ? postgres(url, { ...options, max_lifetime: null, onclose })
        : postgres(parsedOnce({ ...proven, onclose }));
    return sql;
  }
  function retire(sql: Sql): void {
    if (closing || sql !== current) return;
    current = connect();
    retired.add(sql);
    endIfUnused(sql);
  }
  function endIfUnused(sql: Sql): void {
    if (closing || !retired.has(sql) || (users.get(sql) ?? 0) > 0) return;
    retired.delete(sql);
    // Nobody waits for it, and there is nothing to do about a failure to say goodbye.
    sql.end({ timeout: 1 }).catch(() => undefined);
  }
  async function use<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const sql = current;
    users.set(sql, (users.get(sql) ?? 0) + 1);
    try {
      return await work(sql);
    } finally {
      const left = (users.get(sql) ?? 1) - 1;
      if (left > 0) users.set(sql, left);
      else users.delete(sql);
      endIfUnused(sql);
    }
  }
  async function prove(): Promise<void> {
    const sql = current;
    await sql`SELECT 1`;
    // Asked again by each new connection otherwise, and a loss during that question would end the process.
    sql.options.fetch_types = false;
    proven = sql.options;
  }
  return {
    prove,
    current: () => current,
    use,
    close: async (timeoutMs) => {
      closing = true;
      await Promise.all([current, ...retired].map((sql) => sql.end({ timeout: timeoutMs / 1000 })));
    },
  };
}

/** The driver takes options it has parsed itself, types learnt included, as they are; its typings do not say so. */
function parsedOnce(options: Sql["options"]): PoolOptions {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the guarantee this function is named after
  return options as unknown as PoolOptions;
}
