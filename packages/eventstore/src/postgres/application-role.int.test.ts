import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import {
  APPLICATION_ROLE,
  type Database,
  eventstoreMigrations,
  migrate,
  openDatabase,
  postgresEventStore,
  prepareApplicationRole,
} from "./index.ts";

let server: TestPostgres;
let owner: Database;
let ownerUrl: string;
let app: Database;
const later = {
  id: 100,
  name: "later",
  sql: `CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY, at_ms bigint) PARTITION BY RANGE (at_ms);
    CREATE SEQUENCE later_ids;`,
};
beforeAll(async () => {
  server = await startTestPostgres();
  ({ url: ownerUrl } = await server.createDatabase(eventstoreMigrations));
  owner = await openDatabase(ownerUrl, { max: 1 });
  await migrate(owner, [...eventstoreMigrations, later]);
  app = await openDatabase(await prepareApplicationRole(owner, ownerUrl), { max: 1 });
  await append(app, "a");
});
afterAll(async () => {
  await app.close();
  await owner.close();
  await server.stop();
});

const event = (id: string) => ({ id, type: "T", schemaVersion: 1, payload: Uint8Array.of(1), metadata: {}, atMs: 0 });
const append = (to: Database, id: string) =>
  to.transaction((tx) => postgresEventStore.append(tx, [{ stream: "s", expected: "any", events: [event(id)] }]));

test("the services append and read, and have all rights on their own tables, partitions and sequences", async () => {
  expect(await app.sql`SELECT current_user AS name, event_id FROM events`).toEqual([
    { name: APPLICATION_ROLE, event_id: "a" },
  ]);
  await app.sql.unsafe("CREATE TABLE later_1 PARTITION OF later FOR VALUES FROM (0) TO (9)");
  await app.sql`INSERT INTO later (at_ms) VALUES (nextval('later_ids'))`;
  await app.sql`DELETE FROM later`;
  await app.sql`DROP TABLE later_1`;
});

test.each([
  "UPDATE events SET type = 'Other'",
  "DELETE FROM events",
  "TRUNCATE events",
  "ALTER TABLE events DISABLE TRIGGER events_immutable",
  "DROP TRIGGER events_immutable ON events",
  "DROP TABLE events",
  "GRANT UPDATE ON events TO CURRENT_USER; UPDATE events SET type = 'Other'",
  "DELETE FROM heads",
  "INSERT INTO heads VALUES (64, 0, '')",
  "DELETE FROM schema_migrations",
  "SET session_replication_role = replica",
  "SET ROLE sentinel",
  "ALTER ROLE CURRENT_USER SUPERUSER",
])("the services have no right to %s", async (statement) => {
  await expect(app.sql.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
  expect(await app.sql`SELECT type FROM events WHERE event_id = 'a'`).toEqual([{ type: "T" }]);
});

test("each start gives another password, and the one before is worth nothing", async () => {
  const first = await prepareApplicationRole(owner, ownerUrl);
  const second = await prepareApplicationRole(owner, ownerUrl);
  await expect(openDatabase(first)).rejects.toMatchObject({ code: "database_login_refused" });
  const database = await openDatabase(second, { max: 1 });
  await append(database, "b");
  await database.close();
});
