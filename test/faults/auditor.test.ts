import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CheckResult, Verdict } from "@sentinel/contracts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { type Database, openDatabase } from "@sentinel/eventstore/postgres";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { postgresChecks } from "../../services/incidents/src/store/postgres/checks.ts";
import { insertSegments } from "../../services/incidents/src/store/postgres/segments.ts";
import { until } from "../harness/sentinel.ts";
import { audit, type AuditOptions } from "./auditor.ts";
import { readEvidence } from "./evidence.ts";
import type { Ledgers } from "./ledger.ts";
import { settle } from "./settle.ts";
import { EVERY_MS, FAILURES_TO_CONFIRM, removeStage, type Stage } from "./stage.ts";
import { openAllInOne } from "./stage-all-in-one.ts";

let stage: Stage;
let postgres: EmbeddedPostgres;
let ledgers: Ledgers;
let options: AuditOptions;
let copies = 0;

/** One real outage, repaired, with a kill in it; then the database is copied for each damage. */
beforeAll(async () => {
  stage = await openAllInOne({ monitors: 2 });
  await stage.start();
  const { world } = stage;
  world.targets[0]?.fallAsleep();
  await until("the end of the outage", () => (world.ledgers.deliveries.length >= 4 ? true : undefined), 60_000);
  await stage.kill("sentinel");
  await stage.restart("sentinel");
  expect((await settle(stage)).findings).toEqual([]);
  await sleep(EVERY_MS);
  await stage.stop();
  ({ ledgers } = world);
  const cutMs = Date.now() - 5000;
  options = { everyMs: EVERY_MS, failuresToConfirm: FAILURES_TO_CONFIRM, cutMs };
  const dir = join(stage.folder, "data/postgres");
  postgres = await startEmbeddedPostgres({ dir, log: { debug: () => undefined }, durable: false });
}, 120_000);

afterAll(async () => {
  await postgres.stop();
  await removeStage(stage);
});

function urlOf(name: string): string {
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** The rules that find something in a copy of the database with this done to it. */
async function rulesAfter(
  damage: string | Rounds,
  seen: Ledgers = ledgers,
  told: AuditOptions = options,
): Promise<readonly string[]> {
  copies += 1;
  const name = `copy_${copies}`;
  const admin = await openDatabase(urlOf("template1"), { max: 1 });
  await admin.sql.unsafe(`CREATE DATABASE ${name} TEMPLATE postgres`);
  await admin.close();
  const database = await openDatabase(urlOf(name), { max: 2 });
  try {
    if (typeof damage === "function") await changeRounds(database, damage);
    else if (damage !== "") await database.sql.unsafe(damage);
    const found = audit(await readEvidence(database), seen, told);
    return [...new Set(found.map(({ rule }) => rule))];
  } finally {
    await database.close();
  }
}

/** What is left of the rounds of the check log, oldest slot first. */
type Rounds = (rounds: readonly CheckResult[]) => readonly CheckResult[];

/** Writes the hot part of the check log anew. */
async function changeRounds(database: Database, change: Rounds): Promise<void> {
  await database.transaction(async (tx) => {
    const log = postgresChecks(tx);
    const rounds: CheckResult[] = [];
    for (const hourMs of await log.unpackedHours(Number.MAX_SAFE_INTEGER)) {
      for (const { results } of await log.segments(hourMs)) rounds.push(...results(() => true));
    }
    await tx`DELETE FROM check_segments`;
    await insertSegments(tx, change(rounds.toSorted((a, b) => a.slotMs - b.slotMs)));
  });
}

test("a sound log has nothing to find", async () => {
  expect(await rulesAfter("")).toEqual([]);
});

const LAST = "WHERE id = (SELECT max(id) FROM incidents)";
const UNLOCK = "ALTER TABLE events DISABLE TRIGGER ALL;";

test.each([
  ["an event is altered", `${UNLOCK} UPDATE events SET at_ms = at_ms + 1 WHERE type = 'incident.opened'`, "log-hash"],
  ["an event is removed", `${UNLOCK} DELETE FROM events WHERE type = 'incident.repairStarted'`, "log-gap"],
  ["a version is skipped", `${UNLOCK} DELETE FROM events WHERE type = 'incident.repairStarted'`, "stream-gap"],
  [
    "the last event is removed",
    `${UNLOCK} DELETE FROM events WHERE (part, gpos) = (SELECT part, head FROM heads WHERE head > 0 LIMIT 1)`,
    "log-head",
  ],
  [
    "an incident says otherwise than its events",
    `UPDATE incidents SET state = jsonb_set(state, '{downtimeMs}', '1')`,
    "incident-not-fold",
  ],
  ["an incident has no row", `DELETE FROM incidents ${LAST}`, "incident-lost"],
  [
    "an incident has no events",
    `INSERT INTO incidents SELECT id + 1, monitor_id, false, state FROM incidents ${LAST}`,
    "incident-without-events",
  ],
  [
    "two incidents of a monitor are open",
    `DROP INDEX incidents_one_open; UPDATE incidents SET open = true; INSERT INTO incidents SELECT id + 1, monitor_id, true, state FROM incidents ${LAST}`,
    "two-open-incidents",
  ],
  ["an incident is open although all works", `UPDATE incidents SET open = true ${LAST}`, "open-although-healthy"],
  [
    "a monitor believes in an incident that is over",
    `UPDATE monitor_state SET state = jsonb_set(state, '{openIncidentId}', '77')`,
    "monitor-state-wrong",
  ],
  ["a total is wrong", `UPDATE totals SET incidents = incidents + 1`, "totals-incidents"],
  ["the repairs are counted wrong", `UPDATE totals SET auto_fixes = auto_fixes + 1`, "totals-auto-fixes"],
  [
    "the hours are counted wrong",
    `INSERT INTO uptime_hourly SELECT id, (SELECT min(hour_ms) FROM check_segments), 0, 0, 1, 0, 0 FROM monitors LIMIT 1`,
    "uptime-down",
  ],
  ["a command is left in the outbox", `UPDATE outbox SET done_at_ms = NULL WHERE kind = 'command'`, "outbox-not-empty"],
  ["a repair is not seen through", `UPDATE repair_claims SET finished_at_ms = NULL`, "claim-not-finished"],
  ["a repair was made without a claim", `DELETE FROM repair_claims`, "repair-without-claim"],
  ["a knock was made without a claim", `DELETE FROM repair_claims`, "knock-without-claim"],
  [
    "a claim led to nothing",
    `INSERT INTO repair_claims SELECT incident_id, attempt + 1, monitor_id, executor, claimed_at_ms, deadline_ms, finished_at_ms, result FROM repair_claims LIMIT 1`,
    "claim-without-start",
  ],
  ["a message was sent without a claim", `DELETE FROM outbox WHERE kind = 'notification'`, "message-without-claim"],
  [
    "a message was dropped",
    `INSERT INTO outbox (kind, subject, payload, key, at_ms, due_at_ms, traceparent, done_at_ms) VALUES ('notification', 'ops/1', '', 'evt_x-ops', 1, 1, '', 1)`,
    "message-lost",
  ],
  [
    "a message could not be understood",
    `INSERT INTO dead_letters (source, subject, payload, reason, at_ms) VALUES ('checks', 'x', '', 'planted', 1)`,
    "dead-letter",
  ],
])("found: %s", async (_what, damage, rule) => {
  expect(await rulesAfter(damage)).toContain(rule);
});

test.each<[string, Rounds, string]>([
  ["a round of the check log is gone", (all) => all.filter((each) => each !== healthy(all)[8]), "totals-checks"],
  [
    "a slot is lost",
    (all) => all.filter(({ slotMs }) => slotMs <= first(all).slotMs + 3000 || slotMs >= first(all).slotMs + 6000),
    "slot-lost",
  ],
  [
    "what a target answered is not in the log",
    (all) => all.filter((each) => !healthy(all).includes(each)),
    "answer-lost",
  ],
  ["what was on the prober's disk is not in the log", () => [], "acknowledged-lost"],
  [
    "the failing rounds behind an incident are gone",
    (all) => all.filter(({ verdict }) => verdict !== Verdict.DOWN),
    "incident-without-outage",
  ],
  [
    "a check is of a time that is not there yet",
    (all) => all.map((each) => (each === all.at(-1) ? { ...each, slotMs: each.slotMs + 120_000 } : each)),
    "check-of-the-future",
  ],
  ["a round is kept twice", (all) => [...all, first(all)], "check-doubled"],
])("found: %s", async (_what, change, rule) => {
  expect(await rulesAfter(change)).toContain(rule);
});

const healthy: Rounds = (all) => all.filter(({ verdict }) => verdict === Verdict.HEALTHY);

const first = <T>(all: readonly T[]): T => {
  const [item] = all;
  if (item === undefined) throw new Error("the run left nothing of this kind");
  return item;
};

test("found: nothing is checked any more", async () => {
  expect(await rulesAfter("", ledgers, { ...options, cutMs: options.cutMs + 60_000 })).toContain("probing-stopped");
});

test("found: a message that was recorded never arrived", async () => {
  expect(await rulesAfter("", { ...ledgers, deliveries: ledgers.deliveries.slice(1) })).toContain(
    "message-not-received",
  );
});

test("found: a message came twice without saying so", async () => {
  const again = { ...first(ledgers.deliveries), atMs: Date.now() };
  expect(await rulesAfter("", { ...ledgers, deliveries: [...ledgers.deliveries, again] })).toContain("message-doubled");
});

test("found: messages came in the wrong order", async () => {
  expect(await rulesAfter("", { ...ledgers, deliveries: ledgers.deliveries.toReversed() })).toContain(
    "messages-out-of-order",
  );
});

test("found: a repair went on after its executor was killed", async () => {
  const knock = first(ledgers.targets.flatMap(({ answered }) => answered).filter((each) => each.knock));
  const targets = ledgers.targets.map((target) =>
    target.answered.includes(knock)
      ? { ...target, answered: [...target.answered, { ...knock, atMs: knock.atMs + 800 }] }
      : target,
  );
  const kills = [{ atMs: knock.atMs + 100, what: "incidents", prober: false, executor: true }];
  expect(await rulesAfter("", { ...ledgers, targets, kills })).toContain("repair-twice");
});

test("found: a result of a request that no target saw", async () => {
  const targets = ledgers.targets.map((target) => ({
    ...target,
    answered: target.answered.filter((_, index) => index !== 1),
  }));
  expect(await rulesAfter("", { ...ledgers, targets })).toContain("result-never-asked");
});
