import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { partitionOf } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { createTestDatabase, type TestDatabase } from "@sentinel/testkit";
import * as fc from "fast-check";
import { newEvent, newStream, streamIn } from "../contract/store-handle.ts";
import { planAppend, type StoreFacts } from "../plan-append.ts";
import type { Expected, NewEvent, StoredEvent, StreamAppend } from "../store.ts";
import { verifyLog } from "../verify-log.ts";
import {
  createSharedAppender,
  type Database,
  eventstoreMigrations,
  openDatabase,
  postgresEventStore,
} from "./index.ts";

let made: TestDatabase;
let database: Database;
beforeAll(async () => {
  made = await createTestDatabase(eventstoreMigrations);
  database = await openDatabase(made.url, { max: 6 });
});
afterAll(async () => {
  await database.close();
  await made.drop();
});

const stored = (stream: string) => database.transaction((tx) => postgresEventStore.read(tx, stream));
const one = (stream: string, event: NewEvent = newEvent(), expected: Expected = "any"): StreamAppend[] => [
  { stream, expected, events: [event] },
];

/** One call of append over three streams and a few ids that are used again and again. */
interface Step {
  readonly streams: readonly number[];
  readonly expected: Expected;
  readonly ids: readonly number[];
  readonly large: boolean;
}
const step: fc.Arbitrary<Step> = fc.record({
  streams: fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 }),
  expected: fc.oneof(fc.constantFrom("none", "exists", "any", "any"), fc.nat({ max: 4 })),
  ids: fc.uniqueArray(fc.nat({ max: 25 }), { maxLength: 2 }),
  large: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
});

/** What the rules of append give, one call after the other. */
function model() {
  const [versions, known] = [new Map<string, number>(), new Map<string, StoredEvent>()];
  return (appends: readonly StreamAppend[]): unknown => {
    const facts: StoreFacts = { heads: new Map(), versions, known };
    try {
      const { results, rows } = planAppend(appends, facts);
      for (const row of rows) {
        versions.set(row.stream, row.version);
        known.set(row.id, row);
      }
      return results.map(({ stream, version, repeated }) => ({ stream, version, repeated }));
    } catch (thrown) {
      return refusal(thrown);
    }
  };
}

function refusal(thrown: unknown): unknown {
  if (!(thrown instanceof SentinelError)) throw thrown;
  return { code: thrown.code, params: thrown.params };
}

test("calls made at once have the outcomes they would have one after the other, whoever conflicts or repeats", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), async (steps, flights) => {
      const part = partitionOf(newStream());
      // One partition: then the order of the calls is that of their effects.
      const streams = [streamIn(part), streamIn(part), streamIn(part)];
      const ids = new Map<number, string>();
      const idOf = (number: number): string => {
        const id = ids.get(number) ?? newEvent().id;
        ids.set(number, id);
        return id;
      };
      const calls = steps.map((each) =>
        each.streams.map((number, index) => ({
          stream: streams[number] ?? "",
          expected: each.expected,
          events: [
            ...each.ids.slice(index, index + 1).map((id) => newEvent({ id: idOf(id) })),
            ...(each.large && index === 0 ? Array.from({ length: 70 }, () => newEvent()) : []),
          ],
        })),
      );
      const appender = createSharedAppender(database, { flights });
      const outcomes = await Promise.all(
        calls.map((appends) =>
          appender
            .append(appends)
            .then(
              (results) => results.map(({ stream, version, repeated }) => ({ stream, version, repeated })),
              refusal,
            ),
        ),
      );
      expect(outcomes).toEqual(calls.map(model()));
    }),
    { numRuns: 60 },
  );
  expect((await verifyLog(postgresEventStore, database)).damage).toBeUndefined();
});

test("every result is what is stored once it is given, over all partitions, and the chains are whole", async () => {
  const appender = createSharedAppender(database, { flights: 3, maxEvents: 64 });
  const streams = Array.from({ length: 40 }, newStream);
  const writers = Array.from({ length: 12 }, async (_, writer) => {
    for (let turn = 0; turn < 15; turn += 1) {
      const stream = streams[(writer * 7 + turn * 3) % streams.length] ?? "";
      const event = newEvent();
      const [result] = await appender.append(one(stream, event));
      expect((await stored(stream)).find(({ id }) => id === event.id)).toEqual(result?.events[0]);
    }
  });
  await Promise.all(writers);
  const lengths = await Promise.all(streams.map(async (stream) => (await stored(stream)).length));
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(12 * 15);
  expect((await verifyLog(postgresEventStore, database)).damage).toBeUndefined();
});

test("calls to a stream take effect in the order they were made", async () => {
  const appender = createSharedAppender(database, { flights: 3, maxEvents: 64 });
  const [stream, other] = [newStream(), newStream()];
  const events = Array.from({ length: 300 }, () => newEvent());
  await Promise.all(
    events.map((event, index) =>
      appender.append(index % 5 === 0 ? [...one(other), ...one(stream, event)] : one(stream, event)),
    ),
  );
  expect((await stored(stream)).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
});

test("many who wait share a transaction", async () => {
  const appender = createSharedAppender(database);
  const results = await Promise.all(Array.from({ length: 50 }, () => appender.append(one(newStream()))));
  const ids = results.flatMap(([result]) => result?.events.map(({ id }) => id) ?? []);
  const [row] = await database.sql<{ transactions: number }[]>`
    SELECT count(DISTINCT xmin::text)::int AS transactions FROM events WHERE event_id = ANY(${ids}::text[])`;
  expect(ids).toHaveLength(50);
  expect(row?.transactions).toBe(1);
});

test("a few large calls share a transaction, in which a conflict of one of them concerns no other", async () => {
  const appender = createSharedAppender(database);
  const large = (part: number, expected: Expected): StreamAppend[] => [
    { stream: streamIn(part), expected, events: Array.from({ length: 100 }, () => newEvent()) },
  ];
  const calls = [large(1, "none"), large(2, "any"), large(3, "any"), large(4, 7), large(5, "any")];
  const settled = await Promise.allSettled(calls.map((call) => appender.append(call)));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(settled[3]).toMatchObject({ reason: { code: "version_conflict" } });
  const transactions = await Promise.all(
    calls.map(async ([append]) => {
      const [row] = await database.sql<{ count: number; transactions: string[] }[]>`
        SELECT count(*)::int AS count, array_agg(DISTINCT xmin::text) AS transactions
        FROM events WHERE stream = ${append?.stream ?? ""}`;
      return row;
    }),
  );
  expect(transactions.map((row) => row?.count)).toEqual([100, 100, 100, 0, 100]);
  const together = new Set(transactions.slice(0, 3).flatMap((row) => row?.transactions ?? []));
  expect(together.size).toBe(1);
  expect(together.has(transactions[4]?.transactions[0] ?? "")).toBe(false);
  expect((await verifyLog(postgresEventStore, database)).damage).toBeUndefined();
});

test("what a call has given stays as it was, whatever becomes of the events it was given", async () => {
  const event = newEvent({ payload: Uint8Array.of(1, 2, 3) });
  const [stream, other] = [newStream(), newStream()];
  const [result] = await createSharedAppender(database).append([...one(stream, event), ...one(other)]);
  event.payload.fill(0);
  expect(result?.events[0]?.payload).toEqual(Uint8Array.of(1, 2, 3));
  expect(result?.events).toEqual(await stored(stream));
});

test("of one id that appenders of several processes use at once, one is written and the calls beside it are", async () => {
  const event = newEvent();
  const appenders = Array.from({ length: 4 }, () => createSharedAppender(database));
  const beside = appenders.map(newStream);
  const settled = await Promise.allSettled(
    appenders.flatMap((appender, index) => [
      appender.append(one(newStream(), event)),
      appender.append(one(beside[index] ?? "")),
    ]),
  );
  const refused = settled.filter((each) => each.status === "rejected");
  expect(refused).toHaveLength(3);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "event_id_reused" });
  for (const stream of beside) expect(await stored(stream)).toHaveLength(1);
});

test("a malformed event is refused before anybody shares a transaction with it", async () => {
  const appender = createSharedAppender(database);
  const stream = newStream();
  const [bad, good] = await Promise.allSettled([
    appender.append(one(stream, newEvent({ type: "" }))),
    appender.append(one(stream)),
  ]);
  expect(bad).toMatchObject({ status: "rejected", reason: { code: "event_malformed" } });
  expect(good.status).toBe("fulfilled");
});

test("when the server ends the connection before the commit, no call resolves, nothing is written, and all work again", async () => {
  const appender = createSharedAppender(database, { flights: 1 });
  const part = partitionOf(newStream());
  const streams = Array.from({ length: 5 }, () => streamIn(part));
  const calls = streams.map((stream) => one(stream));
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = database.transaction(async (tx) => {
    await tx`SELECT FROM heads WHERE part = ${part} FOR UPDATE`;
    locked.resolve();
    await release.promise;
  });
  // Its connection may be among those that are replaced when another is lost.
  const held = Promise.allSettled([holder]);
  await locked.promise;
  const settled = Promise.allSettled(calls.map((appends) => appender.append(appends)));
  const admin = await openDatabase(made.url, { max: 1 });
  for (let ended = 0; ended === 0;) {
    const rows = await admin.sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%append_events%'`;
    ended = rows.length;
  }
  for (const each of await settled) {
    expect(each).toMatchObject({ status: "rejected", reason: { code: "database_unreachable" } });
  }
  release.resolve();
  await held;
  await admin.close();
  for (const stream of streams) expect(await stored(stream)).toEqual([]);
  const again = await Promise.all(calls.map((appends) => appender.append(appends)));
  expect(again.map(([result]) => [result?.version, result?.repeated])).toEqual(streams.map(() => [1, false]));
});
