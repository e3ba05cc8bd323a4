import { SentinelError } from "@sentinel/contracts/errors";
import type postgres from "postgres";
import type { Transactions } from "../transactions.ts";
import { databaseError } from "./database-error.ts";
import { openPool, type Sql } from "./pool.ts";
import { safeInteger } from "./safe-integer.ts";
import { runTransaction, type Tx } from "./transaction.ts";

/** A pool of connections to one database. */
export interface Database extends Transactions<Tx> {
  /** For single statements outside a transaction. Take it anew for each: a lost connection replaces it. */
  readonly sql: Sql;
  /** Host and port, for people; never the password. */
  readonly where: string;
  /** One transaction at READ COMMITTED. @throws SentinelError `database_*`, `disk_full`, or what `fn` throws */
  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** Lets statements take as long as they need, as a step of the schema may, while the work lasts. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
  /** Lets running transactions finish, up to 2 s. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections at most; 10 unless told. */
  readonly max?: number;
  readonly onnotice?: (notice: postgres.Notice) => void;
  /** How long one statement may run; 30,000 unless told. */
  readonly statementTimeoutMs?: number;
  /** How long an answer may take beyond that, before the connection counts as lost; 5,000 unless told. */
  readonly answerMs?: number;
  /** How long a connection may take to open; 5,000 unless told. */
  readonly connectTimeoutMs?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
}

/**
 * Opens a pool and proves that it works with one statement.
 * @throws SentinelError `database_url_invalid`, `database_unreachable` {host, reason}, `database_login_refused` {host},
 * `database_missing` {host}
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const where = whereOf(url);
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const pool = openPool(
    url,
    {
      max: options.max ?? 10,
      onnotice: options.onnotice ?? ignoreNotice,
      connect_timeout: (options.connectTimeoutMs ?? 5000) / 1000,
      types: { bigint: { to: 20, from: [20], parse: safeInteger, serialize: String } },
      connection: {
        application_name: options.applicationName ?? "sentinel",
        statement_timeout: statementTimeoutMs,
        idle_in_transaction_session_timeout: 60_000,
        client_min_messages: "warning",
        timezone: "UTC",
      },
    },
    statementTimeoutMs === 0 ? Number.POSITIVE_INFINITY : statementTimeoutMs + (options.answerMs ?? 5000),
  );
  try {
    await pool.prove();
  } catch (thrown) {
    await pool.close(0);
    throw databaseError(thrown, where);
  }
  return {
    get sql() {
      return pool.current();
    },
    where,
    transaction: (fn) => runTransaction(pool, where, fn),
    patiently: (work) => pool.patiently(work),
    close: () => pool.close(CLOSE_TIMEOUT_MS),
  };
}

const CLOSE_TIMEOUT_MS = 2000;

function ignoreNotice(): void {
  // Notices say what the schema steps did; nobody acts on them.
}

function whereOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new SentinelError("database_url_invalid");
  }
  return parsed.host === "" ? "localhost" : parsed.host;
}
