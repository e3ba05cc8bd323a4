import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type Database, eventstoreMigrations, openDatabase, postgresEventStore } from "@sentinel/eventstore/postgres";
import { incidentsMigrations } from "@sentinel/incidents";
import { startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import { openAsApplication } from "./open-as-application.ts";

const MIGRATIONS = [...eventstoreMigrations, ...incidentsMigrations];
const PASSWORD = "given-password";

let server: TestPostgres;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  server = await startTestPostgres();
}, 60_000);
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
afterAll(async () => await server.stop());

let made = 0;

/** An empty database with a table of somebody else's, owned by a new role with these rights; gives its address. */
async function databaseOf(rights: string) {
  made += 1;
  const role = `given_${made}`;
  const { url } = await server.createDatabase([]);
  const admin = await openDatabase(url, { max: 1 });
  ends.push(() => admin.close());
  const [row] = await admin.sql<{ name: string }[]>`SELECT current_database() AS name`;
  await admin.sql.unsafe(`CREATE ROLE ${role} LOGIN ${rights} PASSWORD '${PASSWORD}'`);
  await admin.sql.unsafe(`ALTER DATABASE ${row?.name} OWNER TO ${role}`);
  await admin.sql.unsafe(
    `DROP TABLE IF EXISTS schema_migrations; CREATE TABLE not_ours (id integer); ALTER TABLE not_ours OWNER TO ${role}`,
  );
  const address = new URL(url);
  [address.username, address.password] = [role, PASSWORD];
  const ownerOf = async (table: string) => {
    const rows = await admin.sql`SELECT tableowner FROM pg_tables WHERE tablename = ${table}`;
    return rows[0]?.["tableowner"];
  };
  return { url: address.href, role, ownerOf };
}

async function open(url: string) {
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const database = await openAsApplication(url, MIGRATIONS, { info: note, warn: note });
  ends.push(() => database.close());
  return { database, lines };
}

const event = (id: string) => ({ id, type: "T", schemaVersion: 1, payload: Uint8Array.of(1), metadata: {}, atMs: 0 });
const append = (to: Database, id: string) =>
  to.transaction((tx) => postgresEventStore.append(tx, [{ stream: "s", expected: "any", events: [event(id)] }]));
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (thrown: unknown) => (thrown instanceof Error && "code" in thrown ? thrown.code : thrown),
  );

test.each(["SUPERUSER", "CREATEROLE"])(
  "given a role with %s, the services work as one that can change no event, and other tables stay as they are",
  async (rights) => {
    const { url, role, ownerOf } = await databaseOf(rights);
    const { database, lines } = await open(url);
    expect(lines).toEqual(["incidents.log_protected"]);
    await append(database, "a");
    for (const forbidden of ["DELETE FROM events", "ALTER TABLE events DISABLE TRIGGER ALL", `SET ROLE ${role}`]) {
      expect(await codeOf(database.sql.unsafe(forbidden))).toBe("42501");
    }
    await database.sql`DELETE FROM outbox`;
    expect(await ownerOf("not_ours")).toBe(role);
    expect(await ownerOf("outbox")).toMatch(/^sentinel_app_\d+$/);
  },
);

test("a second process works beside the first, and neither locks the other out", async () => {
  const { url } = await databaseOf("CREATEROLE");
  const first = await open(url);
  const second = await open(url);
  expect(second.lines).toEqual(["incidents.log_protected"]);
  // More at once than connections are open, so that new ones log in.
  await Promise.all(Array.from({ length: 8 }, () => first.database.sql`SELECT pg_sleep(0.01)`));
  await append(first.database, "a");
  await append(second.database, "b");
});

test("given a role that may make none, it is used itself, and the log says that only the trigger protects", async () => {
  const { url, ownerOf, role } = await databaseOf("");
  const { database, lines } = await open(url);
  expect(lines).toEqual(["incidents.log_protected_by_trigger_only"]);
  await append(database, "a");
  expect(await codeOf(database.sql.unsafe("DELETE FROM events"))).not.toBe("done");
  expect(await ownerOf("outbox")).toBe(role);
});
