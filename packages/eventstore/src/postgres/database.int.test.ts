import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import { freePort } from "../embedded/free-port.ts";
import { type Database, openDatabase } from "./index.ts";

let server: TestPostgres;
let database: Database;
let url: string;
beforeAll(async () => {
  server = await startTestPostgres();
  ({ url } = await server.createDatabase());
  database = await openDatabase(url, { max: 4, statementTimeoutMs: 2000 });
  await database.sql`CREATE TABLE numbers (n bigint PRIMARY KEY)`;
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

function changed(change: (url: URL) => void): string {
  const parsed = new URL(url);
  change(parsed);
  return parsed.href;
}

describe("opening", () => {
  test("tells an address that is none", async () => {
    for (const bad of ["", "nonsense", "http://127.0.0.1/x"]) {
      await expect(openDatabase(bad)).rejects.toMatchObject({ code: "database_url_invalid" });
    }
  });

  test("tells a server that does not listen, by host and port and without the password", async () => {
    const port = await freePort();
    const failed = openDatabase(`postgres://user:hidden@127.0.0.1:${port}/x`);
    await expect(failed).rejects.toMatchObject({
      code: "database_unreachable",
      params: { host: `127.0.0.1:${port}`, reason: "ECONNREFUSED" },
    });
    await expect(failed).rejects.not.toThrow(/hidden/);
  });

  test("tells a wrong password", async () => {
    const wrong = changed((parsed) => {
      parsed.password = "wrong";
    });
    await expect(openDatabase(wrong)).rejects.toMatchObject({ code: "database_login_refused" });
  });

  test("tells a database that does not exist", async () => {
    const missing = changed((parsed) => {
      parsed.pathname = "/missing";
    });
    await expect(openDatabase(missing)).rejects.toMatchObject({ code: "database_missing" });
  });
});

describe("a transaction", () => {
  test("gives what the function gives, a list of promises included", async () => {
    const result = await database.transaction(async () => [Promise.resolve(1), 2]);
    expect(result[0]).toBeInstanceOf(Promise);
    expect(result[1]).toBe(2);
  });

  test("is undone when the function throws, and the throw comes through", async () => {
    const thrown = new RangeError("changed my mind");
    const failing = database.transaction(async (tx) => {
      await tx`INSERT INTO numbers VALUES (1)`;
      throw thrown;
    });
    await expect(failing).rejects.toBe(thrown);
    expect(await database.sql`SELECT n FROM numbers WHERE n = 1`).toEqual([]);
  });

  test("that is cut off says that the database is unreachable, and the pool recovers", async () => {
    const failing = database.transaction(async (tx) => {
      await tx`INSERT INTO numbers VALUES (2)`;
      const [row] = await tx<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
      await database.sql`SELECT pg_terminate_backend(${row?.pid ?? 0})`;
      await tx`SELECT 1`;
    });
    await expect(failing).rejects.toMatchObject({ code: "database_unreachable" });
    expect(await database.sql`SELECT n FROM numbers WHERE n = 2`).toEqual([]);
  });

  test("with a statement over the limit is undone and says so", async () => {
    const slow = await openDatabase(url, { max: 1, statementTimeoutMs: 20 });
    await expect(slow.transaction((tx) => tx`SELECT pg_sleep(10)`)).rejects.toMatchObject({ code: "database_timeout" });
    await slow.close();
  });

  test("crosswise with another: one finishes, the other is told to try again", async () => {
    await database.sql`INSERT INTO numbers VALUES (10), (11)`;
    const bothHoldOne = Promise.withResolvers<void>();
    let holding = 0;
    const crossing = (first: number, second: number) =>
      database.transaction(async (tx) => {
        await tx`SELECT FROM numbers WHERE n = ${first} FOR UPDATE`;
        holding += 1;
        if (holding === 2) bothHoldOne.resolve();
        await bothHoldOne.promise;
        await tx`SELECT FROM numbers WHERE n = ${second} FOR UPDATE`;
      });
    const outcomes = await Promise.allSettled([crossing(10, 11), crossing(11, 10)]);
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome.status === "rejected")?.reason).toMatchObject({
      code: "database_conflict",
    });
  });
});

describe("a bigint", () => {
  test("is a number both ways, to the last safe integer", async () => {
    const big = Number.MAX_SAFE_INTEGER;
    expect(await database.sql`SELECT ${big}::bigint AS n`).toEqual([{ n: big }]);
    expect(await database.sql`SELECT ARRAY[1, ${-big}]::bigint[] AS n`).toEqual([{ n: [1, -big] }]);
  });

  test("beyond it is refused instead of losing digits", async () => {
    await expect(database.sql`SELECT 9007199254740993::bigint AS n`).rejects.toMatchObject({
      code: "integer_too_large",
      params: { value: "9007199254740993" },
    });
  });
});
