import type { Totals } from "@sentinel/contracts";
import type { Tx } from "@sentinel/eventstore/postgres";
import type { ChannelStates, DeadLetters, Idempotency, RepairClaims, StoredDeadLetter, TotalsTable } from "../port.ts";
import { bytes, integers } from "./arrays.ts";
import { storeNowMs } from "./store-now.ts";

export function postgresTotals(tx: Tx): TotalsTable {
  return {
    add: async (deltas) => {
      const values = [...deltas.values()];
      await tx`
        INSERT INTO totals AS t (part, checks, incidents, auto_fixes)
        SELECT * FROM unnest(
          ${integers(tx, [...deltas.keys()])}::bigint[],
          ${integers(
            tx,
            values.map((value) => value.checks),
          )}::bigint[],
          ${integers(
            tx,
            values.map((value) => value.incidents),
          )}::bigint[],
          ${integers(
            tx,
            values.map((value) => value.autoFixes),
          )}::bigint[])
        ON CONFLICT (part) DO UPDATE SET checks = t.checks + excluded.checks,
          incidents = t.incidents + excluded.incidents, auto_fixes = t.auto_fixes + excluded.auto_fixes`;
    },
    sum: async () => {
      const [row] = await tx<Totals[]>`
        SELECT coalesce(sum(checks), 0)::bigint AS checks, coalesce(sum(incidents), 0)::bigint AS incidents,
          coalesce(sum(auto_fixes), 0)::bigint AS "autoFixes" FROM totals`;
      return row ?? { checks: 0, incidents: 0, autoFixes: 0 };
    },
  };
}

export function postgresClaims(tx: Tx): RepairClaims {
  return {
    claim: async (claim) => {
      const rows = await tx`
        INSERT INTO repair_claims (incident_id, attempt, monitor_id, executor, claimed_at_ms, deadline_ms)
        VALUES (${claim.incidentId}, ${claim.attempt}, ${claim.monitorId}, ${claim.executor}, ${storeNowMs(tx)},
          ${storeNowMs(tx)} + ${claim.patienceMs}::bigint)
        ON CONFLICT DO NOTHING RETURNING 1`;
      return rows.length > 0;
    },
    finish: async ({ incidentId, attempt }, atMs, result) => {
      await tx`
        UPDATE repair_claims SET finished_at_ms = ${atMs}, result = ${result}
        WHERE incident_id = ${incidentId} AND attempt = ${attempt}`;
    },
    unfinished: async () =>
      await tx`
        SELECT incident_id AS "incidentId", attempt, monitor_id AS "monitorId", executor,
          ${storeNowMs(tx)} - deadline_ms AS "overdueMs"
        FROM repair_claims WHERE finished_at_ms IS NULL ORDER BY claimed_at_ms`,
  };
}

export function postgresDeadLetters(tx: Tx): DeadLetters {
  return {
    add: async (letters) => {
      if (letters.length === 0) return;
      await tx`
        INSERT INTO dead_letters (source, subject, payload, reason, at_ms)
        SELECT * FROM unnest(
          ${letters.map((letter) => letter.source)}::text[],
          ${letters.map((letter) => letter.subject)}::text[],
          ${bytes(
            tx,
            letters.map((letter) => letter.payload),
          )}::bytea[],
          ${letters.map((letter) => letter.reason)}::text[],
          ${integers(
            tx,
            letters.map((letter) => letter.atMs),
          )}::bigint[])`;
    },
    list: async (limit, beforeId = Number.MAX_SAFE_INTEGER) =>
      await tx`
        SELECT id, source, subject, payload, reason, at_ms AS "atMs" FROM dead_letters
        WHERE id < ${beforeId} ORDER BY id DESC LIMIT ${limit}`,
    find: async (id) => {
      const [row] = await tx<StoredDeadLetter[]>`
        SELECT id, source, subject, payload, reason, at_ms AS "atMs" FROM dead_letters WHERE id = ${id}`;
      return row;
    },
    take: async (id) => {
      const [row] = await tx<StoredDeadLetter[]>`
        DELETE FROM dead_letters WHERE id = ${id}
        RETURNING id, source, subject, payload, reason, at_ms AS "atMs"`;
      return row;
    },
  };
}

export function postgresIdempotency(tx: Tx): Idempotency {
  return {
    find: async (key) => {
      const [row] = await tx<{ requestHash: string; response: string }[]>`
        SELECT request_hash AS "requestHash", response FROM idempotency WHERE key = ${key}`;
      return row;
    },
    save: async (key, { requestHash, response, atMs }) => {
      await tx`
        INSERT INTO idempotency (key, request_hash, response, at_ms)
        VALUES (${key}, ${requestHash}, ${response}, ${atMs}) ON CONFLICT DO NOTHING`;
    },
  };
}

export function postgresChannels(tx: Tx): ChannelStates {
  return {
    delivered: async (name, atMs) => {
      await tx`
        INSERT INTO channel_state (name, last_delivered_at_ms) VALUES (${name}, ${atMs})
        ON CONFLICT (name) DO UPDATE SET last_delivered_at_ms = excluded.last_delivered_at_ms, last_error = ''`;
    },
    failed: async (name, error) => {
      await tx`
        INSERT INTO channel_state (name, last_error) VALUES (${name}, ${error})
        ON CONFLICT (name) DO UPDATE SET last_error = excluded.last_error`;
    },
    all: async () =>
      await tx`
        SELECT name, last_delivered_at_ms AS "lastDeliveredAtMs", last_error AS "lastError"
        FROM channel_state ORDER BY name`,
  };
}
