import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { PARTITIONS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { createTestDatabase, type TestDatabase } from "@sentinel/testkit";
import { CHAIN_START, verifyChain } from "../chain.ts";
import { type Database, eventstoreMigrations, openDatabase, postgresEventStore } from "./index.ts";

const KILLS = 40;

let home: TestDatabase;
let database: Database;
let killer: Database;
const strays: unknown[] = [];
const noteStray = (thrown: unknown): void => void strays.push(thrown);
beforeAll(async () => {
  process.on("unhandledRejection", noteStray);
  home = await createTestDatabase(eventstoreMigrations);
  database = await openDatabase(home.url, { max: 5, applicationName: "victim" });
  killer = await openDatabase(home.url, { max: 1, applicationName: "killer" });
});
afterAll(async () => {
  process.off("unhandledRejection", noteStray);
  await Promise.all([database.close(), killer.close()]);
  await home.drop();
});

/** Appends until told to stop; notes each id as acknowledged or as unknown. */
async function write(writer: number, going: () => boolean, acked: Set<string>, unknown: Set<string>): Promise<void> {
  for (let round = 0; going(); round += 1) {
    const id = `${writer}-${round}`;
    const event = { id, type: "T", schemaVersion: 1, payload: Uint8Array.of(1), metadata: {}, atMs: 0 };
    try {
      await database.transaction(async (tx) => {
        await tx`SELECT 1`;
        await postgresEventStore.append(tx, [{ stream: `s-${round % 20}`, expected: "any", events: [event] }]);
      });
      acked.add(id);
    } catch (thrown) {
      expect(SentinelError.from(thrown).code).toBe("database_unreachable");
      unknown.add(id);
    }
  }
}

test("connections killed at any instant lose no acknowledged event and leave the pool working", async () => {
  const acked = new Set<string>();
  const unknown = new Set<string>();
  let killing = true;
  const writers = Array.from({ length: 10 }, (_, writer) => write(writer, () => killing, acked, unknown));
  for (let kill = 0; kill < KILLS;) {
    const before = acked.size;
    const killed = await killer.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'victim' ORDER BY random() LIMIT 2`;
    kill += killed.length;
    // Each kill meets writers that have got through since the one before.
    while (acked.size === before) await killer.sql`SELECT 1`;
  }
  killing = false;
  await Promise.all(writers);
  const stored = (await database.sql<{ id: string }[]>`SELECT event_id AS id FROM events`).map((row) => row.id);
  expect([...acked].filter((id) => !stored.includes(id))).toEqual([]);
  expect(stored.filter((id) => !acked.has(id) && !unknown.has(id))).toEqual([]);
  for (let part = 0; part < PARTITIONS; part += 1) {
    const events = await database.transaction((tx) => postgresEventStore.readAll(tx, part, 0, 100_000));
    expect(verifyChain(events, CHAIN_START, 0)).toBeUndefined();
  }
  expect(strays).toEqual([]);
});

test("a transaction is not begun on a connection that died while idle", async () => {
  const single = await openDatabase(home.url, { max: 1, applicationName: "idle" });
  await killer.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'idle'`;
  expect(await single.transaction((tx) => tx`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  await single.close();
});

test("a statement after the end of its transaction is refused", async () => {
  const leaked = await database.transaction(async (tx) => [tx]);
  expect(() => leaked[0]?.unsafe("SELECT 1")).toThrow("transaction_over");
});

test("a savepoint that throws is undone alone", async () => {
  await database.sql`CREATE TABLE kept (n int)`;
  await database.transaction(async (tx) => {
    await tx`INSERT INTO kept VALUES (1)`;
    const failing = tx.savepoint(async (inner) => {
      await inner`INSERT INTO kept VALUES (2)`;
      throw new RangeError("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await tx`INSERT INTO kept VALUES (3)`;
  });
  expect(await database.sql`SELECT n FROM kept ORDER BY n`).toEqual([{ n: 1 }, { n: 3 }]);
});
