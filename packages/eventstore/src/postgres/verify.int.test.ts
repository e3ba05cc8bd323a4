import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import * as fc from "fast-check";
import { errorCode } from "../error-code.ts";
import type { Transactions } from "../transactions.ts";
import { verifyLog } from "../verify-log.ts";
import { type Database, eventstoreMigrations, openDatabase, postgresEventStore, provePage, type Tx } from "./index.ts";

const STREAMS = 6;
const EVENTS = 4;

let server: TestPostgres;
let database: Database;
beforeAll(async () => {
  server = await startTestPostgres();
  const { url } = await server.createDatabase(eventstoreMigrations);
  database = await openDatabase(url, { max: 2 });
  const appends = Array.from({ length: STREAMS }, (_, stream) => ({
    stream: `incident-${stream}`,
    expected: "none" as const,
    events: Array.from({ length: EVENTS }, (__, event) => ({
      id: `evt_${stream}_${event}`,
      type: "incident.opened",
      schemaVersion: 1,
      payload: Uint8Array.of(8, stream, event, 200),
      metadata: event === 0 ? {} : { actor: "fold", traceparent: "00-ab" },
      atMs: 1_700_000_000_000,
    })),
  }));
  await database.transaction((tx) => postgresEventStore.append(tx, appends));
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

/** What verification says of the log as a superuser left it, who then undoes it: the same whether the server helps. */
async function damageAfter(...statements: readonly string[]): Promise<unknown> {
  const undone = new RangeError("undone");
  let found: unknown;
  const tampering = database.transaction(async (tx) => {
    await tx.unsafe("ALTER TABLE events DISABLE TRIGGER events_immutable");
    for (const statement of statements) {
      const { count } = await tx.unsafe(statement);
      expect(count).toBeGreaterThan(0);
    }
    ({ damage: found } = await verifyLog(postgresEventStore, { transaction: (fn) => fn(tx) }));
    const within: Transactions<Tx> = {
      transaction: async (fn) => (await tx.savepoint(async (inner) => ({ value: await fn(inner) }))).value,
    };
    const helped = await verifyLog(postgresEventStore, within, { prove: provePage });
    expect(helped.damage).toEqual(found);
    throw undone;
  });
  const thrown: unknown = await tampering.catch((error: unknown) => error);
  // Two rows of one place, or of one version of a stream: the indexes do not even take them.
  if (errorCode(thrown) === "23505") return { problem: "refused" };
  expect(thrown).toBe(undone);
  return found;
}

/** One byte, or for a number one bit, of each column as SQL. */
const ALTERED: Readonly<Record<string, (at: number, bit: number) => string>> = {
  part: (_, bit) => `part = part # (1 << ${bit % 15})`,
  gpos: (_, bit) => `gpos = gpos # (1::bigint << ${bit % 63})`,
  stream: (at) => `stream = overlay(stream placing 'ß' from ${(at % 10) + 1} for 1)`,
  version: (_, bit) => `version = version # (1::bigint << ${bit % 63})`,
  event_id: (at) => `event_id = overlay(event_id placing 'ß' from ${(at % 7) + 1} for 1)`,
  type: (at) => `type = overlay(type placing 'ß' from ${(at % 15) + 1} for 1)`,
  schema_version: (_, bit) => `schema_version = schema_version # (1 << ${bit % 15})`,
  payload: (at, bit) => `payload = set_bit(payload, ${at % 32}, 1 - get_bit(payload, ${at % 32})) /* ${bit} */`,
  // Empty metadata have no byte that could be another and still be JSON.
  metadata: (at) => `metadata = CASE metadata WHEN '{}' THEN '{"q": 1}'
    ELSE overlay(metadata::text placing 'q' from ${[3, 4, 12, 13][at % 4]} for 1)::jsonb END`,
  at_ms: (_, bit) => `at_ms = at_ms # (1::bigint << ${bit % 63})`,
  hash: (at) => `hash = set_bit(hash, ${at % 256}, 1 - get_bit(hash, ${at % 256}))`,
};

test("one altered byte of any column of any event is found", async () => {
  expect((await verifyLog(postgresEventStore, database)).damage).toBeUndefined();
  const place = fc.tuple(fc.constantFrom(...Object.keys(ALTERED)), fc.nat(STREAMS - 1), fc.nat(EVENTS - 1));
  await fc.assert(
    fc.asyncProperty(place, fc.nat(), fc.nat(), async ([column, stream, event], at, bit) => {
      const set = ALTERED[column]?.(at, bit) ?? "";
      const damage = await damageAfter(`UPDATE events SET ${set} WHERE event_id = 'evt_${stream}_${event}'`);
      expect(damage).toMatchObject({ problem: expect.any(String) });
    }),
    { numRuns: 60 },
  );
});

test("one altered byte of any head is found", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(63), fc.nat(255), fc.nat(62), fc.boolean(), async (part, at, bit, ofHash) => {
      const set = ofHash
        ? `hash = set_bit(hash, ${at}, 1 - get_bit(hash, ${at}))`
        : `head = head # (1::bigint << ${bit})`;
      const damage = await damageAfter(`UPDATE heads SET ${set} WHERE part = ${part}`);
      expect(damage).toMatchObject({ part, problem: "head" });
    }),
    { numRuns: 25 },
  );
});

test("a removed last event, a removed middle one and swapped events are found where they are", async () => {
  const [first] = await database.transaction((tx) => postgresEventStore.read(tx, "incident-0"));
  const { part, gpos } = first ?? { part: -1, gpos: -1 };
  const last = gpos + EVENTS - 1;
  const { gpos: end } = await database.transaction((tx) => postgresEventStore.head(tx, part));
  const expected = last === end ? { part, gpos: last, stream: "", problem: "head" } : { part, gpos: last };
  expect(await damageAfter(`DELETE FROM events WHERE part = ${part} AND gpos = ${last}`)).toMatchObject(expected);
  expect(await damageAfter(`DELETE FROM events WHERE part = ${part} AND gpos = ${gpos + 1}`)).toEqual({
    part,
    gpos: gpos + 1,
    stream: "",
    problem: "gap",
  });
  const move = (from: number, to: number) => `UPDATE events SET gpos = ${to} WHERE part = ${part} AND gpos = ${from}`;
  expect(await damageAfter(move(gpos, 1000), move(gpos + 2, gpos), move(1000, gpos + 2))).toEqual({
    part,
    gpos,
    stream: "incident-0",
    problem: "hash",
  });
});

test("the server's own way sees what was appended as sound, and so needs no events to be read", async () => {
  const odd: Readonly<Record<string, string>> = {
    "\u{1f600}": "astral",
    "\uFB00": "sorts otherwise in UTF-8",
    é: '"\\',
  };
  const appends = [odd, {}, { zz: "", a: "ß" }].map((metadata, index) => ({
    stream: `monitor-ü-${index}`,
    expected: "none" as const,
    events: [{ id: `evt-ü-${index}`, type: "起きた", schemaVersion: 7, payload: new Uint8Array(), metadata, atMs: -5 }],
  }));
  await database.transaction((tx) => postgresEventStore.append(tx, appends));
  let read = 0;
  const counting: typeof postgresEventStore = {
    ...postgresEventStore,
    readAll: async (...asked) => {
      const events = await postgresEventStore.readAll(...asked);
      read += events.length;
      return events;
    },
  };
  const verified = await verifyLog(counting, database, { prove: provePage, lanes: 2 });
  expect(verified).toEqual({ events: STREAMS * EVENTS + appends.length, damage: undefined });
  // UTF-16 and UTF-8 order keys differently beyond the basic plane: that event alone is read.
  expect(read).toBe(1);
});
