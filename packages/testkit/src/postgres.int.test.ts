import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventstoreMigrations, openDatabase } from "@sentinel/eventstore/postgres";
import { createTestDatabase, startTestPostgres, type TestPostgres } from "./postgres.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

test("databases cloned from one template do not see each other's rows", async () => {
  const [one, two] = await Promise.all([
    server.createDatabase(eventstoreMigrations),
    server.createDatabase(eventstoreMigrations),
  ]);
  const first = await openDatabase(one.url, { max: 1 });
  const second = await openDatabase(two.url, { max: 1 });
  try {
    await first.sql`UPDATE heads SET head = 7 WHERE part = 1`;
    expect(await first.sql`SELECT head FROM heads WHERE part = 1`).toEqual([{ head: 7 }]);
    expect(await second.sql`SELECT head FROM heads WHERE part = 1`).toEqual([{ head: 0 }]);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

test("the shared server ends with the last database dropped, and a new one starts after it", async () => {
  const one = await createTestDatabase([]);
  const two = await createTestDatabase([]);
  expect(new URL(one.url).port).toBe(new URL(two.url).port);
  await one.drop();
  const database = await openDatabase(two.url, { max: 1 });
  expect(await database.sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  await database.close();
  await two.drop();
  await expect(openDatabase(two.url)).rejects.toMatchObject({ code: "database_unreachable" });
  const three = await createTestDatabase([]);
  await three.drop();
});
