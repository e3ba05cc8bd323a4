import type { Monitor } from "@sentinel/contracts";
import { Nature, PARTITIONS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { createHintBoard } from "@sentinel/eventstore";
import {
  createMemoryEventStore,
  createMemoryProjections,
  MemoryDatabase,
  type MemoryTable,
  type MemoryTx,
} from "@sentinel/eventstore/memory";
import type { IncidentState, MonitorState } from "../../core/types.ts";
import { announceAppends, projectOn } from "../appends.ts";
import { jsonText } from "../json-text.ts";
import type {
  ChannelState,
  StoredDeadLetter,
  FoldStore,
  FoldTx,
  Idempotency,
  Incidents,
  MonitorTable,
  Partitions,
  RepairClaim,
} from "../port.ts";
import { memoryChecks, memoryUptime, pruneMemoryChecks } from "./memory-checks.ts";
import { memoryHeartbeats } from "./memory-heartbeats.ts";
import { memoryKpis } from "./memory-kpis.ts";
import { memoryMembers, type PartitionRow } from "./memory-members.ts";
import { memoryWindows } from "./memory-windows.ts";
import { memoryOutbox } from "./memory-outbox.ts";

/** It holds nothing itself, so one does for all transactions. */
const events = createMemoryEventStore();

/** The store in memory, with the same promises as in PostgreSQL; `monotonicMs` is the time that leases run by. */
export function createMemoryFoldStore(monotonicMs: () => number, database = new MemoryDatabase()): FoldStore {
  const hints = createHintBoard();
  const toFoldTx = (tx: MemoryTx): FoldTx => foldTx(tx, monotonicMs);
  const source = { store: events, tables: createMemoryProjections(), database, hints };
  return {
    transaction: announceAppends(database, hints, toFoldTx),
    project: projectOn(source, toFoldTx),
    prepareChecks: () => Promise.resolve(),
    prune: (before) => database.transaction(async (tx) => pruneMemoryChecks(tx, before)),
  };
}

function foldTx(tx: MemoryTx, monotonicMs: () => number): FoldTx {
  const states = tx.table<string, MonitorState>("monitor_state");
  const totals = tx.table<string, number>("totals");
  const claims = tx.table<string, RepairClaim & { readonly deadlineMs: number; readonly result: string }>(
    "repair_claims",
  );
  const counters = tx.table<string, number>("counters");
  const letters = tx.table<number, StoredDeadLetter>("dead_letters");
  const channels = tx.table<string, ChannelState>("channel_state");
  const channelOf = (name: string): ChannelState => channels.get(name) ?? { name, lastDeliveredAtMs: 0, lastError: "" };
  const bump = (name: string, by: number): void => totals.set(name, (totals.get(name) ?? 0) + by);
  return {
    events: {
      append: (appends) => events.append(tx, appends),
      read: (stream) => events.read(tx, stream),
    },
    members: memoryMembers(tx, monotonicMs),
    partitions: memoryPartitions(tx, monotonicMs),
    checks: memoryChecks(tx),
    monitors: memoryMonitors(tx.table("monitors")),
    states: {
      load: async (ids) => new Map(pick(states, ids)),
      save: async (changed) => {
        for (const [id, state] of changed) states.set(id, { ...state, beats: [] });
      },
    },
    incidents: memoryIncidents(tx),
    uptime: { since: async (hourMs) => memoryUptime(tx, hourMs) },
    totals: {
      add: async (deltas) => {
        for (const delta of deltas.values()) {
          bump("checks", delta.checks);
          bump("incidents", delta.incidents);
          bump("autoFixes", delta.autoFixes);
        }
      },
      sum: async () => ({
        checks: totals.get("checks") ?? 0,
        incidents: totals.get("incidents") ?? 0,
        autoFixes: totals.get("autoFixes") ?? 0,
      }),
    },
    outbox: memoryOutbox(tx, monotonicMs),
    claims: {
      claim: async ({ patienceMs, ...claim }) => {
        const key = `${claim.incidentId} ${claim.attempt}`;
        if (claims.has(key)) return false;
        claims.set(key, { ...claim, deadlineMs: monotonicMs() + patienceMs, result: "" });
        return true;
      },
      finish: async ({ incidentId, attempt }, _atMs, result) => {
        const claim = claims.get(`${incidentId} ${attempt}`);
        if (claim !== undefined) claims.set(`${incidentId} ${attempt}`, { ...claim, result });
      },
      unfinished: async () =>
        [...claims.values()]
          .filter(({ result }) => result === "")
          .map(({ deadlineMs, ...claim }) => ({ ...claim, overdueMs: monotonicMs() - deadlineMs })),
    },
    deadLetters: {
      add: async (added) => {
        for (const letter of added) {
          const id = (counters.get("dead_letters") ?? 0) + 1;
          counters.set("dead_letters", id);
          letters.set(id, { ...letter, id });
        }
      },
      list: async (limit, beforeId = Number.MAX_SAFE_INTEGER) =>
        [...letters.values()]
          .filter(({ id }) => id < beforeId)
          .toReversed()
          .slice(0, limit),
      find: async (id) => letters.get(id),
      take: async (id) => {
        const letter = letters.get(id);
        letters.delete(id);
        return letter;
      },
    },
    idempotency: memoryIdempotency(tx),
    channels: {
      delivered: async (name, atMs) =>
        channels.set(name, { ...channelOf(name), lastDeliveredAtMs: atMs, lastError: "" }),
      failed: async (name, error) => channels.set(name, { ...channelOf(name), lastError: error }),
      all: async () => [...channels.values()],
    },
    heartbeats: memoryHeartbeats(tx),
    kpis: memoryKpis(tx),
    windows: memoryWindows(tx),
  };
}

function pick<K, V>(table: MemoryTable<K, V>, keys: readonly K[]): [K, V][] {
  return keys.flatMap((key) => {
    const value = table.get(key);
    return value === undefined ? [] : [[key, value] satisfies [K, V]];
  });
}

function memoryPartitions(tx: MemoryTx, monotonicMs: () => number): Partitions {
  const rows = tx.table<number, PartitionRow>("partitions");
  const empty = {
    owner: "",
    epoch: 0,
    streamEpoch: "",
    lastSeq: 0,
    lastFingerprint: "",
    generation: 0,
    revision: 0,
    expiresAtMs: 0,
  };
  const row = (part: number): PartitionRow => rows.get(part) ?? { part, ...empty };
  const every = (): PartitionRow[] => {
    const all: PartitionRow[] = [];
    for (let part = 0; part < PARTITIONS; part += 1) all.push(row(part));
    return all;
  };
  return {
    hold: async (owner, ttlMs, force, wanted) => {
      const now = monotonicMs();
      for (const each of every()) {
        const mine = each.owner === owner;
        if (!mine && wanted?.includes(each.part) === false) continue;
        if (!mine && !force && each.owner !== "" && each.expiresAtMs > now) continue;
        rows.set(each.part, { ...each, owner, epoch: each.epoch + (mine ? 0 : 1), expiresAtMs: now + ttlMs });
      }
      return every().filter((each) => each.owner === owner);
    },
    release: async (owner, keep = []) => {
      for (const each of every()) {
        if (each.owner === owner && !keep.includes(each.part)) rows.set(each.part, { ...each, owner: "" });
      }
    },
    lock: async (parts) => [...new Set(parts)].sort((a, b) => a - b).map(row),
    advance: async (ends) => {
      for (const end of ends) rows.set(end.part, { ...row(end.part), ...end });
    },
    beginGeneration: async (parts, streamEpoch, wanted) => {
      const generation = wanted ?? 1 + Math.max(...parts.map((part) => row(part).generation));
      const begun = { streamEpoch, lastSeq: 0, lastFingerprint: "", generation };
      for (const part of parts) rows.set(part, { ...row(part), ...begun });
      return [...parts].sort((a, b) => a - b).map(row);
    },
    revise: async (parts) => {
      for (const part of new Set(parts)) rows.set(part, { ...row(part), revision: row(part).revision + 1 });
    },
    all: async () => every(),
  };
}

function memoryMonitors(table: MemoryTable<string, Monitor>): MonitorTable {
  return {
    load: async (ids) => pick(table, ids).map(([, monitor]) => monitor),
    named: async (names) => [...table.values()].filter(({ spec }) => names.includes(spec?.name ?? "")),
    all: async () => [...table.values()].sort((a, b) => ((a.spec?.name ?? "") < (b.spec?.name ?? "") ? -1 : 1)),
    save: async (monitor) => {
      const name = monitor.spec?.name ?? "";
      for (const other of table.values()) {
        if (other.id !== monitor.id && other.spec?.name === name)
          throw new SentinelError("monitor_name_taken", { name });
      }
      table.set(monitor.id, monitor);
    },
    delete: async (id) => {
      table.delete(id);
    },
  };
}

function memoryIncidents(tx: MemoryTx): Incidents {
  const rows = tx.table<number, IncidentState>("incidents");
  const ids = tx.table<string, number>("incident_ids");
  return {
    nextId: async () => {
      const next = (ids.get("last") ?? 0) + 1;
      ids.set("last", next);
      return next;
    },
    lock: async (wanted) => new Map(pick(rows, wanted)),
    find: async (id) => rows.get(id),
    save: async (states) => {
      for (const state of states) {
        const rival = [...rows.values()].find(
          (row) =>
            row.monitorId === state.monitorId &&
            (row.nature === Nature.SLO) === (state.nature === Nature.SLO) &&
            row.id !== state.id &&
            row.resolvedAtMs === 0,
        );
        if (state.resolvedAtMs === 0 && rival !== undefined) {
          throw new SentinelError("incident_already_open", { monitor: state.monitorName });
        }
        rows.set(state.id, asStored(state));
      }
    },
    list: async ({ openOnly, monitorId, beforeId, limit }) =>
      [...rows.values()]
        .filter((row) => !openOnly || row.resolvedAtMs === 0)
        .filter((row) => monitorId === "" || row.monitorId === monitorId)
        .filter((row) => beforeId === 0 || row.id < beforeId)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
  };
}

/** As it would come back from a column of JSON. */
function asStored(state: IncidentState): IncidentState {
  return JSON.parse(jsonText(state));
}

function memoryIdempotency(tx: MemoryTx): Idempotency {
  const rows = tx.table<string, { readonly requestHash: string; readonly response: string }>("idempotency");
  return {
    find: async (key) => rows.get(key),
    save: async (key, entry) => {
      if (!rows.has(key)) rows.set(key, entry);
    },
  };
}
