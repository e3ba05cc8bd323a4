import { IncidentEvent, IncidentOpened, IncidentReopened, Resolution } from "@sentinel/contracts";
import { schemaVersionOf } from "@sentinel/contracts/events";
import type { NewEvent } from "@sentinel/eventstore";
import {
  appendCommitted,
  type Database,
  eventstoreMigrations,
  migrate,
  openDatabase,
} from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, incidentsMigrations } from "@sentinel/incidents";
import { systemClock } from "@sentinel/service-kit";
import { kpiProjection } from "../../services/incidents/src/project-kpis.ts";
import { type Figure, times } from "./report.ts";

const GOAL_S = 10;
const GOAL_EVENTS = 1_000_000;
const MONITORS = 200;
const WRITERS = 4;
const INCIDENTS_AT_ONCE = 400;
const FROM_MS = 1_700_000_000_000;

type Case = NonNullable<IncidentEvent["event"]>;

/** The figures of incidents made anew from a log of incidents, each of which was reopened once. */
export async function rebuild(url: string, events: number, cpuMs: () => number): Promise<Figure> {
  const database = await openDatabase(url, { max: 10 });
  try {
    await migrate(database, [...eventstoreMigrations, ...incidentsMigrations]);
    await fill(database, Math.ceil(events / incidentEvents(1).length));
    const [held] = await database.sql<{ count: number }[]>`SELECT sum(head)::bigint AS count FROM heads`;
    const count = held?.count ?? 0;
    const before = cpuMs();
    const seconds = await project(database, count);
    const cpuS = (cpuMs() - before) / 1000;
    return {
      what: `a projection (figures of incidents) rebuilt from ${count} events`,
      value: `${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} events/s, ${cpuS.toFixed(1)} s CPU`,
      against: `goal: ${GOAL_EVENTS} events in ≤ ${GOAL_S} s`,
      ratio: times(count / seconds / (GOAL_EVENTS / GOAL_S)),
    };
  } finally {
    await database.close();
  }
}

async function fill(database: Database, incidents: number): Promise<void> {
  let next = 1;
  const writer = async (): Promise<void> => {
    while (next <= incidents) {
      const first = next;
      next += INCIDENTS_AT_ONCE;
      const ids = Array.from(
        { length: Math.min(INCIDENTS_AT_ONCE, incidents + 1 - first) },
        (_, index) => first + index,
      );
      await appendCommitted(
        database,
        ids.map((id) => ({ stream: `incident-${id}`, expected: "none", events: incidentEvents(id) })),
      );
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

function incidentEvents(incidentId: number): readonly NewEvent[] {
  const monitor = incidentId % MONITORS;
  const startedAtMs = FROM_MS + incidentId * 10_000;
  const monitorId = `mon_${String(monitor).padStart(26, "0")}`;
  const resolved = (downtimeMs: number): Case => ({
    $case: "resolved",
    value: { resolution: Resolution.AUTO_FIX, actor: "", downtimeMs, verifiedBySlotMs: startedAtMs + downtimeMs },
  });
  const happened: readonly Case[] = [
    {
      $case: "opened",
      value: IncidentOpened.fromPartial({ incidentId, monitorId, monitorName: `shop ${monitor}`, startedAtMs }),
    },
    { $case: "acknowledged", value: { actor: "ada" } },
    resolved(60_000),
    { $case: "reopened", value: IncidentReopened.fromPartial({ startedAtMs: startedAtMs + 90_000 }) },
    resolved(120_000),
  ];
  return happened.map((event, index) => ({
    id: `evt_${String(incidentId).padStart(22, "0")}${index}`,
    type: `incident.${event.$case}`,
    schemaVersion: schemaVersionOf(`incident.${event.$case}`),
    payload: IncidentEvent.encode({ event }).finish(),
    metadata: { actor: "sentinel" },
    atMs: startedAtMs + index * 20_000,
  }));
}

/** Seconds until it has caught up and serves. */
async function project(database: Database, events: number): Promise<number> {
  const stop = new AbortController();
  const caughtUp = Promise.withResolvers<void>();
  let applied = 0;
  const from = performance.now();
  const ended = createPostgresFoldStore(database).project(
    kpiProjection,
    { clock: systemClock, signal: stop.signal, pollMs: 60_000 },
    {
      onApplied: (count) => (applied += count),
      onCaughtUp: () => caughtUp.resolve(),
      onTrouble: (error) => caughtUp.reject(error),
      onParked: ({ stream, reason }) => caughtUp.reject(new Error(`${stream} was parked: ${reason}`)),
    },
  );
  await caughtUp.promise;
  const seconds = (performance.now() - from) / 1000;
  stop.abort();
  await ended;
  if (applied !== events) throw new Error(`${applied} of ${events} events were applied`);
  return seconds;
}
