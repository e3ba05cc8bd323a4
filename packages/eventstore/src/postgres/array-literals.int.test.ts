import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import { bytes, numbers, texts } from "./array-literals.ts";
import { type Database, openDatabase } from "./index.ts";

let server: TestPostgres;
let database: Database;
beforeAll(async () => {
  server = await startTestPostgres();
  const { url } = await server.createDatabase([]);
  database = await openDatabase(url, { max: 1 });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

test("texts arrive as they were, whatever a literal means by their characters", async () => {
  const values = ["", "NULL", "null", "a,b", "{}", '"', "\\", '\\"', "\\x41", " ", "\n\t", "é 日本 🚨", "'; --", "$1"];
  const [row] = await database.sql<{ back: string[] }[]>`SELECT ${texts(values)}::text[] AS back`;
  expect(row?.back).toEqual(values);
});

test("numbers and bytes arrive as they were", async () => {
  const wholes = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const fractions = [0.1, -2.5e-7, 1e21, 5e-324];
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const [row] = await database.sql<{ n: number[]; f: number[]; b: Uint8Array[] }[]>`
    SELECT ${numbers(wholes)}::bigint[] AS n, ${numbers(fractions)}::float8[] AS f,
      ${bytes([all, new Uint8Array(0), all.subarray(3, 7)])}::bytea[] AS b`;
  expect(row?.n).toEqual(wholes);
  expect(row?.f).toEqual(fractions);
  expect(row?.b.map((each) => [...each])).toEqual([[...all], [], [3, 4, 5, 6]]);
});

test("no values are an empty array", async () => {
  const [row] = await database.sql<{ t: string[]; n: number[]; b: Uint8Array[] }[]>`
    SELECT ${texts([])}::text[] AS t, ${numbers([])}::bigint[] AS n, ${bytes([])}::bytea[] AS b`;
  expect(row).toEqual({ t: [], n: [], b: [] });
});
