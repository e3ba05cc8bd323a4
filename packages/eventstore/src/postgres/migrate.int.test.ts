import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import { type Database, migrate, type Migration, openDatabase } from "./index.ts";

const one: Migration = { id: 1, name: "one", sql: "CREATE TABLE one (n int);\nINSERT INTO one VALUES (1);" };
const two: Migration = { id: 2, name: "two", sql: "CREATE TABLE two (n int)" };
const hundred: Migration = { id: 100, name: "hundred", sql: "CREATE TABLE hundred (n int)" };

let server: TestPostgres;
let database: Database;
let url: string;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  ({ url } = await server.createDatabase());
  database = await openDatabase(url, { max: 4 });
});
afterEach(() => database.close());

test("each step runs once, in order, and a second run finds nothing to do", async () => {
  expect(await migrate(database, [one, two])).toEqual([1, 2]);
  expect(await migrate(database, [one, two])).toEqual([]);
  expect(await database.sql`SELECT n FROM one`).toEqual([{ n: 1 }]);
});

test("a step added later below a service's steps still runs", async () => {
  expect(await migrate(database, [one, hundred])).toEqual([1, 100]);
  expect(await migrate(database, [one, two, hundred])).toEqual([2]);
});

test("processes that start at once take turns, and each step runs once", async () => {
  const others = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url, { max: 1 })));
  const runs = await Promise.all(others.map((other) => migrate(other, [one, two, hundred])));
  expect(runs.flat().sort((a, b) => a - b)).toEqual([1, 2, 100]);
  expect(await database.sql`SELECT n FROM one`).toHaveLength(1);
  await Promise.all(others.map((other) => other.close()));
});

test("a database with a step this code does not know is of a newer version, and stays as it is", async () => {
  await migrate(database, [one, two]);
  await expect(migrate(database, [one])).rejects.toMatchObject({
    code: "schema_newer",
    params: { found: "2", known: "1" },
  });
  expect(await database.sql`SELECT id FROM schema_migrations ORDER BY id`).toEqual([{ id: 1 }, { id: 2 }]);
});

test("a step that differs from the one applied is named, and nothing runs", async () => {
  await migrate(database, [one]);
  const changed = { ...one, sql: "CREATE TABLE one (n bigint)" };
  await expect(migrate(database, [changed, two])).rejects.toMatchObject({
    code: "migration_changed",
    params: { id: "1", name: "one" },
  });
  expect(await database.sql`SELECT to_regclass('two') AS two`).toEqual([{ two: null }]);
});

test("a step that fails half way leaves nothing of itself and all before it", async () => {
  const broken = { id: 3, name: "broken", sql: "CREATE TABLE three (n int); SELECT nonsense" };
  await expect(migrate(database, [one, two, broken])).rejects.toThrow("nonsense");
  expect(await database.sql`SELECT to_regclass('two') AS two, to_regclass('three') AS three`).toEqual([
    { two: "two", three: null },
  ]);
  expect(await migrate(database, [one, two, { ...broken, sql: "CREATE TABLE three (n int)" }])).toEqual([3]);
});

test("steps out of order are a mistake of the caller", async () => {
  await expect(migrate(database, [two, one])).rejects.toThrow("must have an id above");
  await expect(migrate(database, [one, one])).rejects.toThrow("must have an id above");
});
