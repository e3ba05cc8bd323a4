import { type Conversation, EgressError } from "@sentinel/egress";
import { Client, type Field, Query } from "pg";
import { conversationStream, goodbyeSent } from "./conversation-stream.ts";
import { shown } from "./reader.ts";
import { type Rows, type RunQuery, serverLimitMs, type SqlOptions, withoutValues } from "./sql-session.ts";
import { startTls } from "./starttls.ts";

/** First bytes of what a server says before it lets anybody in: a request to sign in, an error, a notice, a version. */
const BEGINNINGS = "RENv";

export const queryPostgres: RunQuery = async (conversation, options) => {
  if (options.tls !== undefined) await startTls("postgres", conversation, options.tls);
  const { stream, broken } = conversationStream(conversation, "PostgreSQL", (first) =>
    BEGINNINGS.includes(String.fromCharCode(first[0] ?? 0)),
  );
  const client = new Client({
    stream: () => stream,
    host: options.host,
    user: options.check.user || "postgres",
    database: options.database || options.check.user || "postgres",
    password: () => options.password,
    ssl: false,
    application_name: "Sentinel",
  });
  // The same failure reaches the promise that is waited for.
  client.on("error", () => undefined);
  const limitMs = serverLimitMs(conversation);
  try {
    const rows = await Promise.race([ask(client, conversation, options, limitMs), broken]);
    // Told goodbye, the server writes no complaint into its log.
    client.end().catch(() => undefined);
    await goodbyeSent();
    return rows;
  } catch (thrown) {
    throw failureOf(thrown, conversation, limitMs, options.password !== "");
  }
};

async function ask(client: Client, conversation: Conversation, { check }: SqlOptions, limitMs: number): Promise<Rows> {
  await client.connect();
  // Within the transaction only: behind a pooler the session belongs to others as well.
  await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${limitMs}`);
  return rowsOf(client, conversation, check.query, check.maxRows);
}

/** The extended protocol takes one statement only, so that nothing can leave the transaction and go on. */
function rowsOf(client: Client, conversation: Conversation, text: string, max: number): Promise<Rows> {
  const types = { getTypeParser: () => (value: string) => value };
  const query = client.query(new Query({ text, rowMode: "array", rows: max + 1, types }));
  const rows: (readonly (string | null)[])[] = [];
  const names = (fields: readonly Field[]) => fields.map(({ name }) => name);
  return new Promise((resolve, reject) => {
    query.on("row", (row, { fields }) => {
      if (rows.length === 0) conversation.enter("transfer");
      if (rows.length < max) rows.push(row);
      else resolve({ columns: names(fields), rows, cut: true });
    });
    query.on("end", ({ fields }) => resolve({ columns: names(fields), rows, cut: false }));
    query.on("error", reject);
  });
}

const BY_STATE: Readonly<Record<string, string>> = {
  "3D000": "database_missing",
  "53300": "too_many_connections",
  "25006": "query_read_only",
  "57014": "query_timeout",
  "57P01": "server_loading",
  "57P02": "server_loading",
  "57P03": "server_loading",
};

/** An error of the server by its SQLSTATE; what is none of the server's stays what it is. */
function failureOf(thrown: unknown, conversation: Conversation, limitMs: number, signsIn: boolean): unknown {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (!(thrown instanceof Error) || thrown instanceof EgressError) return thrown;
  // The client refuses by itself to sign in with nothing.
  if (thrown.message.startsWith("SASL:") && !signsIn)
    return conversation.failure("auth_required", { actual: "password authentication" });
  if (!/^[0-9A-Z]{5}$/.test(code) || !("severity" in thrown))
    return conversation.failure("wrong_protocol", { protocol: "PostgreSQL", actual: shown(thrown.message) });
  const reason = code.startsWith("28") ? "auth_refused" : (BY_STATE[code] ?? "query_failed");
  // Class 42 is about names, class 28 and 3D about who and where; others quote data.
  const words = /^(42|28|3D)/.test(code) ? thrown.message : withoutValues(thrown.message);
  return conversation.failure(reason, { code, actual: shown(words), limitMs: String(limitMs) });
}
