import type { Tx } from "@sentinel/eventstore/postgres";
import type { NewOutboxRow, Outbox, OutboxRow } from "../port.ts";
import { bytes, integers } from "./arrays.ts";
import { storeNowMs } from "./store-now.ts";

interface Row {
  readonly id: number;
  readonly kind: NewOutboxRow["kind"];
  readonly subject: string;
  readonly part: number;
  readonly payload: Uint8Array;
  readonly key: string;
  readonly at_ms: number;
  readonly attempts: number;
  readonly maybe_sent: boolean;
  readonly traceparent: string;
}

const rowOf = (row: Row): OutboxRow => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  part: row.part,
  payload: new Uint8Array(row.payload),
  key: row.key,
  atMs: row.at_ms,
  attempts: row.attempts,
  maybeSent: row.maybe_sent,
  traceparent: row.traceparent,
});

export function postgresOutbox(tx: Tx): Outbox {
  return {
    add: (rows) => add(tx, rows),
    due: async (limit, parts) => {
      const rows = await tx<Row[]>`
        SELECT * FROM outbox WHERE kind IN ('event', 'command') AND done_at_ms IS NULL AND due_at_ms <= ${storeNowMs(tx)}
          AND part = ANY(${integers(tx, parts)}::bigint[])
        ORDER BY id LIMIT ${limit}`;
      return rows.map(rowOf);
    },
    published: async (ids, nowMs, againInMs) => {
      await tx`
        UPDATE outbox SET attempts = attempts + 1, due_at_ms = ${storeNowMs(tx)} + ${againInMs}::bigint,
          done_at_ms = CASE WHEN kind = 'event' THEN ${nowMs}::bigint ELSE done_at_ms END
        WHERE id = ANY(${integers(tx, ids)}::bigint[])`;
    },
    republish: async (parts) => {
      await tx`
        UPDATE outbox SET due_at_ms = 0
        WHERE kind = 'command' AND done_at_ms IS NULL AND part = ANY(${integers(tx, parts)}::bigint[])`;
    },
    finish: async (keys, nowMs) => {
      await tx`UPDATE outbox SET done_at_ms = ${nowMs} WHERE key = ANY(${[...keys]}::text[]) AND done_at_ms IS NULL`;
    },
    finishCommands: async (subject, nowMs) => {
      await tx`
        UPDATE outbox SET done_at_ms = ${nowMs}
        WHERE kind = 'command' AND done_at_ms IS NULL AND outbox.subject = ${subject}`;
    },
    claimNotifications: async ({ owner, ttlMs, limit }) => {
      const rows = await tx<Row[]>`
        UPDATE outbox SET attempts = attempts + 1, maybe_sent = maybe_sent OR claimed_by <> '',
          claimed_by = ${owner}, due_at_ms = ${storeNowMs(tx)} + ${ttlMs}::bigint
        WHERE id IN (
          SELECT id FROM outbox o WHERE kind = 'notification' AND done_at_ms IS NULL AND due_at_ms <= ${storeNowMs(tx)}
            AND NOT EXISTS (
              SELECT 1 FROM outbox e WHERE e.kind = 'notification' AND e.done_at_ms IS NULL
                AND e.subject = o.subject AND e.id < o.id)
          ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING *`;
      return rows.map(rowOf).sort((a, b) => a.id - b.id);
    },
    abandonOthers: async (owners) => {
      await tx`
        UPDATE outbox SET due_at_ms = 0
        WHERE kind = 'notification' AND done_at_ms IS NULL AND claimed_by <> ''
          AND claimed_by <> ALL(${[...owners]}::text[])`;
    },
    retry: async (id, { inMs, maybeSent }) => {
      await tx`
        UPDATE outbox SET due_at_ms = ${storeNowMs(tx)} + ${inMs}::bigint, claimed_by = '',
          maybe_sent = maybe_sent OR ${maybeSent}
        WHERE id = ${id}`;
    },
    countSince: async (prefix, sinceMs) => {
      const [row] = await tx<{ count: number }[]>`
        SELECT count(*)::integer AS count FROM outbox
        WHERE kind = 'command' AND at_ms >= ${sinceMs} AND starts_with(subject, ${prefix})`;
      return row?.count ?? 0;
    },
    pending: async () => {
      const rows = await tx<{ kind: NewOutboxRow["kind"]; count: number }[]>`
        SELECT kind, count(*)::integer AS count FROM outbox WHERE done_at_ms IS NULL GROUP BY kind`;
      const of = (kind: NewOutboxRow["kind"]): number => rows.find((row) => row.kind === kind)?.count ?? 0;
      return { event: of("event"), command: of("command"), notification: of("notification") };
    },
  };
}

async function add(tx: Tx, rows: readonly NewOutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    INSERT INTO outbox (kind, subject, part, payload, key, at_ms, due_at_ms, traceparent)
    SELECT kind, subject, part, payload, key, at_ms, 0, traceparent FROM unnest(
      ${rows.map((row) => row.kind)}::text[],
      ${rows.map((row) => row.subject)}::text[],
      ${integers(
        tx,
        rows.map((row) => row.part),
      )}::bigint[],
      ${bytes(
        tx,
        rows.map((row) => row.payload),
      )}::bytea[],
      ${rows.map((row) => row.key)}::text[],
      ${integers(
        tx,
        rows.map((row) => row.atMs),
      )}::bigint[],
      ${rows.map((row) => row.traceparent)}::text[]
    ) AS n (kind, subject, part, payload, key, at_ms, traceparent)
    ON CONFLICT (key) DO NOTHING`;
}
