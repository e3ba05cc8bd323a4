import { type AppendAnnouncer, createHintBoard } from "@sentinel/eventstore";
import { type Database, postgresEventStore, postgresProjections, type Tx } from "@sentinel/eventstore/postgres";
import { announceAppends, projectOn } from "../appends.ts";
import type { FoldStore, FoldTx } from "../port.ts";
import { postgresChecks } from "./checks.ts";
import { createDayPartitions } from "./day-partitions.ts";
import { postgresHeartbeats } from "./heartbeats.ts";
import { postgresIncidents } from "./incidents.ts";
import { postgresKpis } from "./kpis.ts";
import { postgresMonitors, postgresStates } from "./monitors.ts";
import { postgresMembers } from "./members.ts";
import { postgresOutbox } from "./outbox.ts";
import { postgresPartitions } from "./partitions.ts";
import {
  postgresChannels,
  postgresClaims,
  postgresDeadLetters,
  postgresIdempotency,
  postgresTotals,
} from "./small-tables.ts";
import { postgresWindows } from "./windows.ts";
import { postgresUptime } from "./uptime.ts";

/**
 * The store in PostgreSQL; its tables come from `incidentsMigrations`, on top of those of the event store.
 * @param hints Told of each append after its commit; those of this process alone unless given.
 */
export function createPostgresFoldStore(database: Database, hints: AppendAnnouncer = createHintBoard()): FoldStore {
  const days = createDayPartitions(database);
  return {
    transaction: announceAppends(database, hints, foldTx),
    project: projectOn({ store: postgresEventStore, tables: postgresProjections, database, hints }, foldTx),
    prepareChecks: (slotsMs) => days.prepare(slotsMs),
    prune: async (before) => {
      await days.drop(before);
      await database.transaction(async (tx) => {
        await tx`DELETE FROM outbox WHERE done_at_ms < ${before.finishedMs}`;
        await tx`DELETE FROM idempotency WHERE at_ms < ${before.finishedMs}`;
      });
    },
  };
}

/** The tables as they are within one transaction. */
export function foldTx(tx: Tx): FoldTx {
  return {
    events: {
      append: (appends) => postgresEventStore.append(tx, appends),
      read: (stream) => postgresEventStore.read(tx, stream),
    },
    members: postgresMembers(tx),
    partitions: postgresPartitions(tx),
    checks: postgresChecks(tx),
    monitors: postgresMonitors(tx),
    states: postgresStates(tx),
    incidents: postgresIncidents(tx),
    uptime: postgresUptime(tx),
    totals: postgresTotals(tx),
    outbox: postgresOutbox(tx),
    claims: postgresClaims(tx),
    deadLetters: postgresDeadLetters(tx),
    idempotency: postgresIdempotency(tx),
    channels: postgresChannels(tx),
    kpis: postgresKpis(tx),
    heartbeats: postgresHeartbeats(tx),
    windows: postgresWindows(tx),
  };
}
