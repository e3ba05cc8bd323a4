import type { MemoryTx } from "@sentinel/eventstore/memory";
import type { Outbox, OutboxRow } from "../port.ts";

interface Row extends OutboxRow {
  readonly dueAtMs: number;
  readonly claimedBy: string;
}

export function memoryOutbox(tx: MemoryTx, monotonicMs: () => number): Outbox {
  const rows = tx.table<string, Row>("outbox");
  // Apart, as all others are looked through each second and these grow in number for ever.
  const done = tx.table<string, Row>("outbox_done");
  const pending = (kind: Row["kind"]): Row[] => [...rows.values()].filter((row) => row.kind === kind);
  const isDue = ({ dueAtMs }: Row): boolean => dueAtMs <= monotonicMs();
  const change = (row: Row, changed: Partial<Row>): void => rows.set(row.key, { ...row, ...changed });
  const finish = (row: Row): void => {
    rows.delete(row.key);
    done.set(row.key, row);
  };
  const byId = (id: number): Row | undefined => [...rows.values()].find((row) => row.id === id);
  return {
    add: async (added) => {
      for (const row of added) {
        if (rows.has(row.key) || done.has(row.key)) continue;
        const fresh = {
          id: rows.size + done.size + 1,
          attempts: 0,
          maybeSent: false,
          dueAtMs: 0,
          claimedBy: "",
        };
        rows.set(row.key, { ...row, ...fresh });
      }
    },
    due: async (limit, parts) =>
      [...rows.values()]
        .filter((row) => parts.includes(row.part) && row.kind !== "notification" && isDue(row))
        .sort((a, b) => a.id - b.id)
        .slice(0, limit),
    published: async (ids, _nowMs, againInMs) => {
      const dueAtMs = monotonicMs() + againInMs;
      for (const id of ids) {
        const row = byId(id);
        if (row === undefined) continue;
        const sent = { ...row, attempts: row.attempts + 1, dueAtMs };
        if (row.kind === "event") finish(sent);
        else rows.set(row.key, sent);
      }
    },
    republish: async (parts) => {
      for (const row of pending("command")) if (parts.includes(row.part)) change(row, { dueAtMs: 0 });
    },
    finish: async (keys) => {
      for (const key of keys) {
        const row = rows.get(key);
        if (row !== undefined) finish(row);
      }
    },
    finishCommands: async (subject) => {
      for (const row of pending("command")) if (row.subject === subject) finish(row);
    },
    claimNotifications: async ({ owner, ttlMs, limit }) => {
      const dueAtMs = monotonicMs() + ttlMs;
      const first = new Map<string, Row>();
      for (const row of pending("notification").sort((a, b) => a.id - b.id)) {
        if (!first.has(row.subject)) first.set(row.subject, row);
      }
      return [...first.values()]
        .filter(isDue)
        .slice(0, limit)
        .map((row) => {
          const maybeSent = row.maybeSent || row.claimedBy !== "";
          const claimed = { ...row, attempts: row.attempts + 1, claimedBy: owner, dueAtMs, maybeSent };
          rows.set(row.key, claimed);
          return claimed;
        });
    },
    abandonOthers: async (owners) => {
      for (const row of pending("notification")) {
        if (row.claimedBy !== "" && !owners.includes(row.claimedBy)) change(row, { dueAtMs: 0 });
      }
    },
    retry: async (id, { inMs, maybeSent }) => {
      const row = byId(id);
      const dueAtMs = monotonicMs() + inMs;
      if (row !== undefined) change(row, { dueAtMs, claimedBy: "", maybeSent: row.maybeSent || maybeSent });
    },
    countSince: async (prefix, sinceMs) =>
      [...rows.values(), ...done.values()].filter(
        (row) => row.kind === "command" && row.subject.startsWith(prefix) && row.atMs >= sinceMs,
      ).length,
    pending: async () => ({
      event: pending("event").length,
      command: pending("command").length,
      notification: pending("notification").length,
    }),
  };
}
