import { chmod, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { IncidentEvent, IncidentOpened, Monitor, MonitorCreated } from "@sentinel/contracts";
import { connectEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { type Database, eventstoreMigrations, openDatabase, postgresEventStore } from "@sentinel/eventstore/postgres";
import { createTestDatabase, type TestDatabase } from "@sentinel/testkit";
import { runCli } from "../run-cli.ts";

let folder: string;
let database: Database;
let url: string;
let source: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sentinel-log-"));
  await chmod(folder, 0o711);
  source = await createTestDatabase(eventstoreMigrations);
  ({ url } = source);
  database = await openDatabase(url, { max: 2 });
  const monitor = Monitor.fromPartial({ id: "mon_1", spec: { name: "shop" } });
  const opened = IncidentOpened.fromPartial({ incidentId: 9, monitorId: "mon_1" });
  const incident: readonly NonNullable<IncidentEvent["event"]>[] = [
    { $case: "opened", value: opened },
    { $case: "commentAdded", value: { actor: "ops", text: "looking" } },
  ];
  await database.transaction((tx) =>
    postgresEventStore.append(tx, [
      stored("monitor-mon_1", ["monitor.created", MonitorCreated.encode({ monitor, actor: "ops" }).finish()]),
      stored(
        "incident-9",
        ...incident.map((event) => [`incident.${event.$case}`, IncidentEvent.encode({ event }).finish()] as const),
      ),
    ]),
  );
});
/** What a test began, ended whether it passes or not: a server left behind would keep the run from ending. */
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
afterAll(async () => {
  await database.close();
  await source.drop();
  for (const data of ["restored", "refused"]) {
    const cluster = await realpath(join(folder, data, "postgres", "cluster")).catch(() => undefined);
    if (cluster !== undefined) await rm(cluster, { recursive: true, force: true, maxRetries: 5 });
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function stored(stream: string, ...events: readonly (readonly [type: string, payload: Uint8Array])[]) {
  const more = { schemaVersion: 1, metadata: {}, atMs: 1_700_000_000_000 };
  return {
    stream,
    expected: "none" as const,
    events: events.map(([type, payload], index) => ({ id: `${stream}.${index}`, type, payload, ...more })),
  };
}

async function sentinel(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  let [out, err] = ["", ""];
  const code = await runCli(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    drained: () => Promise.resolve(),
    env: { LANG: "en_GB.UTF-8", HOME: folder, ...env },
    cwd: folder,
    now: () => 0,
  });
  return { code, out, err };
}

test("verify counts the events of a sound log and ends with 0, in both languages and as JSON", async () => {
  const english = await sentinel(["log", "verify"], { SENTINEL_DATABASE_URL: url });
  expect(english).toMatchObject({
    code: 0,
    err: "",
    out: expect.stringMatching(/^3 events verified in [\d.]+ s \([\d,]+ events\/s\)/),
  });
  const french = await sentinel(["log", "verify", "--lang", "fr", "--database", url]);
  expect(french).toMatchObject({ code: 0, out: expect.stringContaining("3 événements vérifiés") });
  const json = await sentinel(["log", "verify", "--database", url, "-o", "json"]);
  expect(JSON.parse(json.out)).toMatchObject({ sound: true, events: 3, damage: null });
});

test("verify names the first bad position of a damaged log and ends with 1", async () => {
  const tamper = (type: string) =>
    database.sql.unsafe(`ALTER TABLE events DISABLE TRIGGER events_immutable;
      UPDATE events SET type = '${type}' WHERE event_id = 'incident-9.1';
      ALTER TABLE events ENABLE TRIGGER events_immutable`);
  await tamper("incident.commentadded");
  const table = await sentinel(["log", "verify", "--database", url]);
  expect(table).toMatchObject({
    code: 1,
    out: expect.stringMatching(/partition \d+, position 2, stream incident-9\. .*hash/),
  });
  const json = await sentinel(["log", "verify", "--database", url, "-o", "json"]);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    sound: false,
    damage: { gpos: 2, stream: "incident-9", problem: "hash" },
  });
  await tamper("incident.commentAdded");
});

test("an export comes back in a new data folder, byte by byte, and beside a running server too", async () => {
  expect(await sentinel(["log", "export", "log.ndjson", "--database", url])).toMatchObject({ code: 0, err: "" });
  const exported = await readFile(join(folder, "log.ndjson"), "utf8");
  expect((await sentinel(["log", "export", "--database", url])).out).toBe(exported);
  expect(await sentinel(["log", "import", "log.ndjson", "--data", "restored"])).toMatchObject({
    code: 0,
    out: "3 events imported and verified.\n",
  });
  expect((await sentinel(["log", "export", "--data", "restored"])).out).toBe(exported);
  const dir = join(folder, "restored", "postgres");
  const running = await connectEmbeddedPostgres({ dir, log: { debug: () => undefined }, durable: false });
  ends.push(() => running.release());
  expect(await sentinel(["log", "verify", "--data", "restored"])).toMatchObject({
    err: "",
    out: expect.stringContaining("3 events verified"),
  });
  const again = await sentinel(["log", "import", "log.ndjson", "--data", "restored"]);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining("in use") });
  const restored = await openDatabase(running.url, { max: 1 });
  ends.push(() => restored.close());
  expect(await restored.sql`SELECT id, monitor_id, open FROM incidents`).toEqual([
    { id: 9, monitor_id: "mon_1", open: true },
  ]);
  expect(await restored.sql`SELECT id, name FROM monitors`).toEqual([{ id: "mon_1", name: "shop" }]);
  expect(await restored.sql`SELECT nextval('incident_ids')::integer AS id`).toEqual([{ id: 10 }]);
});

test("an import into a log with events, of an altered file and of a file cut short is refused with the place", async () => {
  await sentinel(["log", "export", "whole.ndjson", "--database", url]);
  const lines = (await readFile(join(folder, "whole.ndjson"), "utf8")).split("\n");
  await writeFile(join(folder, "short.ndjson"), lines.slice(0, 3).join("\n"));
  await writeFile(
    join(folder, "altered.ndjson"),
    lines.with(2, lines[2]?.replace('"atMs":1', '"atMs":2') ?? "").join("\n"),
  );
  const other = await createTestDatabase(eventstoreMigrations);
  ends.push(() => other.drop());
  const into = (file: string, to: string) => sentinel(["log", "import", file, "--database", to]);
  expect((await into("short.ndjson", other.url)).err).toContain("line 3");
  expect((await into("altered.ndjson", other.url)).err).toContain("Line 3");
  expect(await into("whole.ndjson", url)).toMatchObject({ code: 1, err: expect.stringContaining("3 events") });
});

test("an import with an event that cannot be read is refused with its line and id, and leaves no server behind", async () => {
  const other = await createTestDatabase(eventstoreMigrations);
  ends.push(() => other.drop());
  const otherDatabase = await openDatabase(other.url, { max: 1 });
  ends.push(() => otherDatabase.close());
  const unreadable = stored("incident-10", ["incident.opened", Uint8Array.of(10, 200, 1, 3)]);
  await otherDatabase.transaction((tx) => postgresEventStore.append(tx, [unreadable]));
  expect(await sentinel(["log", "export", "unreadable.ndjson", "--database", other.url])).toMatchObject({ code: 0 });
  const refused = await sentinel(["log", "import", "unreadable.ndjson", "--data", "refused"]);
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.err).toContain("Line 2 holds the event incident-10.0 of type incident.opened in stream incident-10.");
  expect((await sentinel(["log", "verify", "--data", "refused"])).out).toContain("0 events verified");
});

test("what cannot be done is said and leaves nothing behind", async () => {
  const before = await readdir(folder);
  expect(await sentinel(["log", "verify", "--data", "nowhere"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("nowhere"),
  });
  const blank = await createTestDatabase([]);
  ends.push(() => blank.drop());
  expect((await sentinel(["log", "verify", "--database", blank.url])).err).toContain("no event log");
  expect(await sentinel(["log", "export", "no/such/folder.ndjson", "--database", url])).toMatchObject({ code: 1 });
  expect(await sentinel(["log", "import", "missing.ndjson", "--data", "nowhere"])).toMatchObject({ code: 1 });
  expect(await sentinel(["log", "import"])).toMatchObject({ code: 2 });
  expect(await sentinel(["log", "verify", "--database", "mysql://secret@host/x"])).toMatchObject({
    code: 2,
    err: expect.not.stringContaining("secret"),
  });
  expect(await readdir(folder)).toEqual(before);
});
