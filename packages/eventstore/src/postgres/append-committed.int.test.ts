import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "@sentinel/testkit";
import { newEvent, newStream } from "../contract/store-handle.ts";
import type { NewEvent } from "../store.ts";
import { verifyLog } from "../verify-log.ts";
import { appendCommitted, type Database, eventstoreMigrations, openDatabase, postgresEventStore } from "./index.ts";

let made: TestDatabase;
let database: Database;
beforeAll(async () => {
  made = await createTestDatabase(eventstoreMigrations);
  database = await openDatabase(made.url, { max: 4 });
});
afterAll(async () => {
  await database.close();
  await made.drop();
});

const stored = (stream: string) => database.transaction((tx) => postgresEventStore.read(tx, stream));
const odd = (): NewEvent =>
  newEvent({ type: "Geschah – 起きた", payload: new Uint8Array(), metadata: { é: '"\\', "\u{1f600}": "", a: "ﬀ" } });

test.each([
  ["one event", 1],
  ["a batch", 40],
])("%s is committed, chained and given as it is stored", async (_, count) => {
  const appends = [newStream(), `${newStream()}-ü"\\`].map((stream) => ({
    stream,
    expected: "none" as const,
    events: Array.from({ length: count }, odd),
  }));
  for (const each of count === 1 ? appends.map((append) => [append]) : [appends]) {
    for (const { stream, events } of await appendCommitted(database, each))
      expect(await stored(stream)).toEqual(events);
  }
  expect((await verifyLog(postgresEventStore, database)).damage).toBeUndefined();
});

test("a repeat gives the first result, a wrong version or a reused id is refused and changes nothing", async () => {
  const [stream, other] = [newStream(), newStream()];
  const append = { stream, expected: "none" as const, events: [newEvent(), newEvent()] };
  const [first] = await appendCommitted(database, [append]);
  expect(await appendCommitted(database, [append])).toEqual([{ ...first, repeated: true }]);
  const late = { stream, expected: 1, events: [newEvent(), newEvent()] };
  const beside = { stream: other, expected: "any" as const, events: [newEvent()] };
  await expect(appendCommitted(database, [beside, late])).rejects.toMatchObject({
    code: "version_conflict",
    params: { stream, expected: "1", actual: "2" },
  });
  const reused = { ...beside, events: [newEvent(), ...append.events] };
  await expect(appendCommitted(database, [reused])).rejects.toMatchObject({ code: "event_id_reused" });
  expect(await stored(other)).toEqual([]);
});

test("of one id that many append at once to streams of different partitions, one is written", async () => {
  const event = newEvent();
  const appends = Array.from({ length: 8 }, () => ({
    stream: newStream(),
    expected: "any" as const,
    events: [event, newEvent()],
  }));
  const settled = await Promise.allSettled(appends.map((append) => appendCommitted(database, [append])));
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const each of settled) {
    if (each.status === "rejected") {
      expect(each.reason).toMatchObject({ code: "event_id_reused", params: { eventId: event.id } });
    }
  }
});
