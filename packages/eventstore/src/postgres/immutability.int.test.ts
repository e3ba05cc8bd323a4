import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { partitionOf } from "@sentinel/contracts";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import { CHAIN_START, verifyChain } from "../chain.ts";
import { type Database, eventstoreMigrations, migrate, openDatabase, postgresEventStore } from "./index.ts";

const PART = partitionOf("incident-1");

let server: TestPostgres;
let database: Database;
beforeAll(async () => {
  server = await startTestPostgres();
  const { url } = await server.createDatabase(eventstoreMigrations);
  database = await openDatabase(url, { max: 2 });
  await appendThree(database);
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

async function appendThree(to: Database): Promise<void> {
  const events = ["a", "b", "c"].map((id) => ({
    id,
    type: "Happened",
    schemaVersion: 1,
    payload: Uint8Array.of(1, 2, 3),
    metadata: {},
    atMs: 0,
  }));
  await to.transaction((tx) => postgresEventStore.append(tx, [{ stream: "incident-1", expected: "none", events }]));
}

test.each([
  ["UPDATE", "UPDATE events SET type = 'Other'"],
  ["DELETE", "DELETE FROM events"],
  ["TRUNCATE", "TRUNCATE events"],
])("%s of events is refused even to a superuser, with what to do instead", async (operation, statement) => {
  await expect(database.sql.unsafe(statement)).rejects.toMatchObject({
    message: `events are immutable: ${operation} on events refused`,
    hint: "Append a new event that corrects the old one; history is never rewritten.",
  });
  expect(await database.sql`SELECT count(*) AS n FROM events`).toEqual([{ n: 3 }]);
});

test("the owner of the tables has no right to change events, even with the trigger off", async () => {
  await database.sql.unsafe("CREATE ROLE plain LOGIN PASSWORD 'plain'");
  await database.sql.unsafe("CREATE DATABASE owned OWNER plain");
  const url = new URL(server.url);
  url.username = "plain";
  url.password = "plain";
  url.pathname = "/owned";
  const owner = await openDatabase(url.href, { max: 1 });
  await migrate(owner, eventstoreMigrations);
  await appendThree(owner);
  await owner.sql`ALTER TABLE events DISABLE TRIGGER events_immutable`;
  for (const statement of ["UPDATE events SET type = 'Other'", "DELETE FROM events", "TRUNCATE events"]) {
    await expect(owner.sql.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
  }
  await owner.close();
});

test("a byte flipped past all guards is found by the chain", async () => {
  const events = () => database.transaction((tx) => postgresEventStore.readAll(tx, PART, 0, 10));
  expect(verifyChain(await events(), CHAIN_START, 0)).toBeUndefined();
  await database.sql.unsafe(`
    ALTER TABLE events DISABLE TRIGGER events_immutable;
    UPDATE events SET payload = set_byte(payload, 1, 7) WHERE event_id = 'b';
    ALTER TABLE events ENABLE TRIGGER events_immutable`);
  expect(verifyChain(await events(), CHAIN_START, 0)).toEqual({ part: PART, gpos: 2, problem: "hash" });
});
