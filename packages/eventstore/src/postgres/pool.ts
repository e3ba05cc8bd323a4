import postgres from "postgres";
import { type Address, openWatchedSocket } from "./watched-socket.ts";

/** SQL outside a transaction, with bigint columns as numbers. */
export type Sql = postgres.Sql<{ bigint: number }>;

type PoolOptions = postgres.Options<{ bigint: postgres.PostgresType<number> }>;

export interface Pool {
  /** Opens the first connection and learns the server's array types from it, which later ones share. */
  prove(): Promise<void>;
  /** The connections to use now; ask each time. */
  current(): Sql;
  /** Runs work on the current connections, which stay until it has ended. `lost` tells when one of them is lost. */
  use<T>(work: (sql: Sql, lost: AbortSignal) => Promise<T>): Promise<T>;
  /** Lets statements take as long as they need while the work lasts. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
  close(timeoutMs: number): Promise<void>;
}

/** Connections opened by one instance of the driver. */
interface Generation {
  readonly sql: Sql;
  readonly lost: AbortController;
  users: number;
}

/**
 * Connections that are replaced as a whole when one of them is lost. The driver would go on with a lost connection's
 * unsent bytes, and every later use of it would time out; so work under way ends on the old ones and new work
 * starts on new ones.
 * @param silenceMs how long the server may say nothing after it was asked, above the time a statement may run.
 */
export function openPool(url: string, options: PoolOptions, silenceMs: number): Pool {
  let closing = false;
  let patient = 0;
  const { address, security } = withoutSecurity(url);
  const silence = (): number => (patient > 0 ? Number.POSITIVE_INFINITY : silenceMs);
  const socket = (parsed: Address): ReturnType<typeof openWatchedSocket> =>
    openWatchedSocket(parsed, security, silence);
  let proven: Sql["options"] | undefined;
  let current = connect();

  function connect(): Generation {
    const onclose = (): void => retire(generation);
    // Connections that end by age would count as lost.
    const sql: Sql =
      proven === undefined
        ? postgres(address, withSocket({ ...options, ssl: false, max_lifetime: null, onclose }, socket))
        : postgres(parsedOnce({ ...proven, onclose }));
    const generation: Generation = { sql, lost: new AbortController(), users: 0 };
    return generation;
  }
  function retire(generation: Generation): void {
    if (closing || generation !== current) return;
    current = connect();
    generation.lost.abort();
    endIfUnused(generation);
  }
  function endIfUnused(generation: Generation): void {
    if (generation === current || generation.users > 0) return;
    // Without a limit of time, which would leave a connection behind that is just being opened.
    generation.sql.end().catch(() => undefined);
  }
  async function use<T>(work: (sql: Sql, lost: AbortSignal) => Promise<T>): Promise<T> {
    const generation = current;
    generation.users += 1;
    try {
      return await work(generation.sql, generation.lost.signal);
    } finally {
      generation.users -= 1;
      endIfUnused(generation);
    }
  }
  async function prove(): Promise<void> {
    const { sql } = current;
    await sql`SELECT 1`;
    // Asked again by each new connection otherwise, and a loss during that question would end the process.
    sql.options.fetch_types = false;
    proven = sql.options;
  }
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    patient += 1;
    try {
      return await work();
    } finally {
      patient -= 1;
    }
  }
  async function close(timeoutMs: number): Promise<void> {
    closing = true;
    await current.sql.end({ timeout: timeoutMs / 1000 });
  }
  return { prove, current: () => current.sql, use, patiently, close };
}

/** The address for the driver, and how to secure its connections, which is done before it takes them over. */
function withoutSecurity(url: string): { readonly address: string; readonly security: string | undefined } {
  const address = new URL(url);
  const security = address.searchParams.get("sslmode") ?? address.searchParams.get("ssl") ?? undefined;
  address.searchParams.delete("sslmode");
  address.searchParams.delete("ssl");
  const off = security === undefined || security === "disable" || security === "false";
  return { address: address.href, security: off ? undefined : security === "true" ? "verify-full" : security };
}

/** The driver's typings leave out that it takes connections made by others. */
function withSocket(
  options: PoolOptions,
  socket: (parsed: Address) => ReturnType<typeof openWatchedSocket>,
): PoolOptions {
  const made = { socket };
  return { ...options, ...made };
}

/** The driver takes options it has parsed itself, types learnt included, as they are; its typings do not say so. */
function parsedOnce(options: Sql["options"]): PoolOptions {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the guarantee this function is named after
  return options as unknown as PoolOptions;
}
