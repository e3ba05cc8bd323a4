import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Database, openDatabase, type Tx } from "@sentinel/eventstore/postgres";
import type { Contender, Delivery } from "./event-stores.ts";

const EMMETT = "0.42.0";
const MESSAGE_DB = "1.3.1";
/** Rivals are no dependencies of ours: they are installed for the bench alone, in the user's cache. */
const PACKAGES = [
  `@event-driven-io/emmett@${EMMETT}`,
  `@event-driven-io/emmett-postgresql@${EMMETT}`,
  `@eventide/message-db@${MESSAGE_DB}`,
  "pg@8.23.1",
];

const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "sentinel-bench", `emmett-${EMMETT}`);
const modules = join(folder, "node_modules");

/** Installs them when they are missing. Returns a sentence when they cannot be had. */
export function ensureRivals(): string | undefined {
  const present = existsSync(join(modules, "pg")) && existsSync(join(modules, "@eventide/message-db"));
  if (present) return undefined;
  mkdirSync(folder, { recursive: true });
  const npm = join(process.execPath, "../npm");
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, ...PACKAGES];
  try {
    execFileSync(existsSync(npm) ? npm : "npm", args, { stdio: "pipe", timeout: 120_000 });
    return undefined;
  } catch {
    return "Emmett and message-db are not installed, and npm could not install them";
  }
}

/** As much of Emmett's public interface as is used here. */
interface EmmettStore {
  appendToStream(
    stream: string,
    events: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[],
  ): Promise<unknown>;
  consumer(): EmmettConsumer;
  readonly schema: { migrate(): Promise<unknown> };
  close(): Promise<void>;
}

interface EmmettConsumer {
  reactor(options: {
    readonly processorId: string;
    readonly eachMessage: (message: EmmettMessage) => void;
    readonly startFrom: "BEGINNING";
  }): unknown;
  start(): Promise<void>;
  close(): Promise<void>;
}

interface EmmettMessage {
  readonly data: { readonly id: string };
  readonly metadata: { readonly streamName: string; readonly streamPosition: bigint };
}

type OpenEmmett = (url: string, options?: { readonly connectionOptions: { readonly pool: PgPool } }) => EmmettStore;

interface PgPool {
  end(): Promise<void>;
}

type PgModule = { readonly default: { readonly Pool: new (options: object) => PgPool } };

async function importOf(entry: string): Promise<unknown> {
  return await import(pathToFileURL(join(modules, entry)).href);
}

async function emmettModule(): Promise<OpenEmmett> {
  const loaded = await importOf("@event-driven-io/emmett-postgresql/dist/index.js");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the pinned version exports
  return (loaded as { readonly getPostgreSQLEventStore: OpenEmmett }).getPostgreSQLEventStore;
}

async function pgModule(): Promise<PgModule> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the pinned version exports
  return (await importOf("pg/lib/index.js")) as PgModule;
}

/** Through its own client, one call per append; followed by its own consumer with a reactor. */
export const emmett: Contender = {
  name: `Emmett ${EMMETT}`,
  prepare: async (url) => {
    const store = (await emmettModule())(url);
    await store.schema.migrate();
    await store.close();
  },
  open: async (url, connections) => {
    const { Pool } = (await pgModule()).default;
    const pool = new Pool({ connectionString: url, max: connections, idleTimeoutMillis: 0 });
    const store = (await emmettModule())(url, { connectionOptions: { pool } });
    return {
      append: async (appends) => {
        // It has no append to several streams at once: each is a transaction.
        for (const { stream, events } of appends) {
          await store.appendToStream(
            stream,
            events.map(({ id, data }) => ({ type: "bench.noted", data: { id, ...data } })),
          );
        }
      },
      follow: async (deliver, signal) => {
        const consumer = store.consumer();
        const eachMessage = ({ data, metadata }: EmmettMessage): void =>
          deliver({ id: data.id, stream: metadata.streamName, version: Number(metadata.streamPosition) });
        consumer.reactor({ processorId: "bench", eachMessage, startFrom: "BEGINNING" });
        signal.addEventListener("abort", () => void consumer.close(), { once: true });
        await consumer.start();
      },
      close: async () => {
        await store.close();
        await pool.end();
      },
    };
  },
};

const CATEGORY = "bench";

/** Its functions called with our driver; one call per event, as it has no other; followed by category. */
export const messageDb: Contender = {
  name: "message-db 1.3.0",
  prepare: async (url) => {
    const database = await openDatabase(url, { max: 1 });
    const steps = schemaOf(join(modules, "@eventide/message-db/database"));
    for (const step of steps) await database.sql.unsafe(step);
    await database.close();
  },
  open: async (url, connections) => {
    const address = new URL(url);
    address.searchParams.set("search_path", "message_store,public");
    const database = await openDatabase(address.href, { max: connections });
    return {
      append: async (appends) => {
        const calls = appends.flatMap(({ stream, events }) =>
          events.map(({ id, data }) => ({ id, name: `${CATEGORY}-${stream}`, text: JSON.stringify(data) })),
        );
        const write = async (sql: Database["sql"] | Tx, { id, name, text }: (typeof calls)[number]): Promise<void> => {
          await sql`SELECT write_message(${id}, ${name}, 'noted', ${text}::text::jsonb)`;
        };
        const [only, another] = calls;
        if (only !== undefined && another === undefined) return await write(database.sql, only);
        await database.transaction(async (tx) => {
          await Promise.all(calls.map((call) => write(tx, call)));
        });
      },
      follow: async (deliver, signal) => {
        for (let next = 1; !signal.aborted;) {
          const page = await database.sql<(Delivery & { readonly gpos: number })[]>`
            SELECT id, substr(stream_name, ${CATEGORY.length + 2}) AS stream, "position" + 1 AS version,
              global_position AS gpos
            FROM get_category_messages(${CATEGORY}, ${next}::bigint, 500)`;
          for (const message of page) deliver(message);
          next = (page.at(-1)?.gpos ?? next - 1) + 1;
          if (page.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
      close: () => database.close(),
    };
  },
};

/**
 * The steps of its own installer, which needs psql. Left out: its role, grants and reporting views, and pgcrypto, of
 * which it uses one function that servers have by themselves since version 13.
 */
function schemaOf(database: string): readonly string[] {
  const functions = [
    "message-store-version",
    "hash-64",
    "acquire-lock",
    "category",
    "is-category",
    "id",
    "cardinal-id",
    "stream-version",
    "write-message",
    "get-stream-messages",
    "get-category-messages",
    "get-last-stream-message",
  ].map((name) => `functions/${name}`);
  const indexes = ["id", "stream", "category"].map((name) => `indexes/messages-${name}`);
  const files = ["schema/message-store", "tables/messages", "types/message", ...functions, ...indexes];
  const read = (file: string): string => readFileSync(join(database, `${file}.sql`), "utf8");
  return ["CREATE SCHEMA IF NOT EXISTS message_store; SET search_path TO message_store, public", ...files.map(read)];
}
