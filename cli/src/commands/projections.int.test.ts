import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { IncidentEvent, IncidentOpened } from "@sentinel/contracts";
import { appendCommitted, type Database, eventstoreMigrations, openDatabase } from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, incidentsMigrations } from "@sentinel/incidents";
import { createTestDatabase, type TestDatabase, VirtualClock } from "@sentinel/testkit";
import { kpiProjection } from "../../../services/incidents/src/project-kpis.ts";
import { runCli } from "../run-cli.ts";

let made: TestDatabase;
let database: Database;
beforeAll(async () => {
  made = await createTestDatabase([...eventstoreMigrations, ...incidentsMigrations]);
  database = await openDatabase(made.url, { max: 4 });
});
afterAll(async () => {
  await database.close();
  await made.drop();
});

async function sentinel(...args: readonly string[]) {
  let [out, err] = ["", ""];
  const code = await runCli(["projections", ...args], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    drained: () => Promise.resolve(),
    env: { LANG: "en_GB.UTF-8", SENTINEL_DATABASE_URL: made.url },
    cwd: "/",
    now: () => 0,
  });
  return { code, out, err };
}

/** Follows the log until everything in it was applied or parked. */
async function project(apply: typeof kpiProjection.apply): Promise<void> {
  const stop = new AbortController();
  const options = { clock: new VirtualClock(), signal: stop.signal, pollMs: 1000 };
  const observer = { onCaughtUp: () => stop.abort() };
  await createPostgresFoldStore(database).project({ ...kpiProjection, apply }, options, observer);
}

test("a parked stream is listed with its reason, and let go by hand once its event can be used", async () => {
  expect(await sentinel()).toMatchObject({ code: 0, out: "No parked streams: every event could be used.\n" });
  const value = IncidentOpened.fromPartial({ incidentId: 7, monitorId: "mon_1", monitorName: "shop" });
  const payload = IncidentEvent.encode({ event: { $case: "opened", value } }).finish();
  const event = { id: "evt_7", type: "incident.opened", schemaVersion: 1, payload, metadata: {}, atMs: 5000 };
  await appendCommitted(database, [{ stream: "incident-7", expected: "none", events: [event] }]);
  await project(() => Promise.reject(new RangeError("too early")));

  const listed = await sentinel("list");
  expect(listed).toMatchObject({ code: 0, err: "" });
  expect(listed.out).toMatch(/incident_kpis\s+incident-7\s+1\s.*RangeError: too early/);
  expect(await sentinel("unpark", "incident-8")).toMatchObject({ code: 1, out: "" });

  expect(await sentinel("unpark", "incident-7")).toEqual({
    code: 0,
    err: "",
    out: "Stream incident-7 goes on: what it had waiting was applied.\n",
  });
  expect(JSON.parse((await sentinel("-o", "json")).out)).toEqual({ parked: [] });
  const [row] = await database.sql<{ incidents: number }[]>`SELECT incidents FROM incident_kpis`;
  expect(row).toEqual({ incidents: 1 });
});

test("a stream whose event still cannot be used stays parked, and the command says why", async () => {
  const event = { id: "evt_9", type: "incident.opened", schemaVersion: 1, payload: Uint8Array.of(10, 200, 1, 3) };
  const events = [{ ...event, metadata: {}, atMs: 5000 }];
  await appendCommitted(database, [{ stream: "incident-9", expected: "none", events }]);
  await project((tx, applied) => kpiProjection.apply(tx, applied));
  const refused = await sentinel("unpark", "incident-9");
  expect(refused).toMatchObject({ code: 1, err: "" });
  expect(refused.out).toMatch(/^Stream incident-9 stays parked: /);
  expect((await sentinel()).out).toContain("incident-9");
});
