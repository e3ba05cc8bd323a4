import { type Conversation, EgressError } from "@sentinel/egress";
import { type Connection, createConnection } from "mysql2";
import { conversationStream, goodbyeSent } from "./conversation-stream.ts";
import { shown } from "./reader.ts";
import { type Rows, type RunQuery, serverLimitMs, type SqlOptions, withoutValues } from "./sql-session.ts";

/** The server speaks first: length, packet number 0, then version 10 of the protocol or an error. */
const beginsWell = (first: Buffer): boolean =>
  first.length >= 5 && first[3] === 0 && (first[4] === 0x0a || first[4] === 0xff);

export const queryMysql: RunQuery = async (conversation, options) => {
  const { stream, follow, broken } = conversationStream(conversation, "MySQL", beginsWell);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const { tls } = options;
  const connection = createConnection({
    stream,
    host: options.host,
    user: options.check.user,
    password: options.password,
    ...(options.database === "" ? {} : { database: options.database }),
    ...(tls === undefined ? {} : { ssl: {} }),
    // A server could otherwise ask for files of this machine.
    flags: ["-LOCAL_FILES"],
    connectTimeout: 0,
    rowsAsArray: true,
    dateStrings: true,
    jsonStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  if (tls !== undefined) {
    const startTLS = (secured: (error?: unknown) => void): void => {
      conversation.secure(tls).then(() => {
        follow();
        secured();
      }, failed.reject);
    };
    // The client's own upgrade would leave the certificate and its time unseen.
    Object.assign(connection, { startTLS });
  }
  connection.on("error", failed.reject);
  const limitMs = serverLimitMs(conversation);
  try {
    const rows = await Promise.race([ask(connection, conversation, options, limitMs), broken, failed.promise]);
    connection.end(() => undefined);
    await goodbyeSent();
    return rows;
  } catch (thrown) {
    throw failureOf(thrown, conversation, limitMs);
  }
};

async function ask(
  connection: Connection,
  conversation: Conversation,
  { check }: SqlOptions,
  limitMs: number,
): Promise<Rows> {
  await run(connection, "SET SESSION TRANSACTION READ ONLY");
  // MariaDB reads the first of these comments and MySQL, from 5.7.8, the second.
  const limits = `/*M!100101 , max_statement_time = ${limitMs / 1000} */ /*!50708 , max_execution_time = ${limitMs} */`;
  await run(connection, `SET SESSION sql_select_limit = ${check.maxRows + 1} ${limits}`);
  await run(connection, "START TRANSACTION READ ONLY");
  return rowsOf(connection, conversation, check.query, check.maxRows);
}

const run = (connection: Connection, sql: string): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.query(sql, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });

function rowsOf(connection: Connection, conversation: Conversation, sql: string, max: number): Promise<Rows> {
  const rows: (readonly (string | null)[])[] = [];
  let columns: readonly string[] = [];
  const query = connection.query({ sql, rowsAsArray: true });
  return new Promise((resolve, reject) => {
    query.on("fields", (fields) => {
      columns = [fields].flat().map(({ name }) => name);
    });
    query.on("result", (row) => {
      // What gives no rows gives one object that says so.
      if (!Array.isArray(row)) return;
      if (rows.length === 0) conversation.enter("transfer");
      if (rows.length < max) rows.push(row.map(textOf));
      else resolve({ columns, rows, cut: true });
    });
    query.on("end", () => resolve({ columns, rows, cut: false }));
    query.on("error", reject);
  });
}

/** Numbers, dates and JSON come as text already; bytes are shown in hexadecimal. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString("hex");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Error numbers of MySQL and MariaDB. */
const BY_NUMBER: Readonly<Record<number, string>> = {
  1040: "too_many_connections",
  1203: "too_many_connections",
  1226: "too_many_connections",
  1044: "auth_refused",
  1045: "auth_refused",
  1049: "database_missing",
  1053: "server_loading",
  1130: "auth_refused",
  1290: "query_read_only",
  1698: "auth_refused",
  1792: "query_read_only",
  1969: "query_timeout",
  3024: "query_timeout",
  4151: "auth_refused",
};

/** Also what the client throws at packets it cannot read, of whatever class. */
const isErrorLike = (thrown: unknown): thrown is { readonly message: string } =>
  typeof thrown === "object" && thrown !== null && "message" in thrown && typeof thrown.message === "string";

/** An error of the server by its number; what is none of the server's stays what it is. */
function failureOf(thrown: unknown, conversation: Conversation, limitMs: number): unknown {
  if (!isErrorLike(thrown) || thrown instanceof EgressError) return thrown;
  const errno = "errno" in thrown ? Number(thrown.errno) : 0;
  const symbol = "code" in thrown ? String(thrown.code) : "";
  const state = "sqlState" in thrown ? String(thrown.sqlState) : "";
  const words = shown(thrown.message);
  if (symbol === "HANDSHAKE_NO_SSL_SUPPORT") return conversation.failure("starttls_refused", { actual: words });
  if (symbol.startsWith("AUTH_SWITCH")) return conversation.failure("auth_refused", { actual: words });
  if (!(errno > 0)) return conversation.failure("wrong_protocol", { protocol: "MySQL", actual: words });
  const reason = BY_NUMBER[errno] ?? "query_failed";
  // State 42 is about names; others quote data.
  const actual = reason !== "query_failed" || state.startsWith("42") ? words : withoutValues(words);
  return conversation.failure(reason, { code: state === "" ? String(errno) : state, actual, limitMs: String(limitMs) });
}
