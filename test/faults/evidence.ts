import { type CheckResult, type IncidentEvent } from "@sentinel/contracts";
import { decodeIncidentEvent } from "@sentinel/contracts/events";
import { type LogVerification, verifyLog } from "@sentinel/eventstore";
import { type Database, postgresEventStore, snapshotOf } from "@sentinel/eventstore/postgres";
import type { IncidentState, MonitorState } from "../../services/incidents/src/core/types.ts";
import { postgresChecks } from "../../services/incidents/src/store/postgres/checks.ts";
import { postgresUptime } from "../../services/incidents/src/store/postgres/uptime.ts";

export interface IncidentEventRow {
  readonly id: string;
  readonly incident: number;
  readonly version: number;
  readonly atMs: number;
  readonly event: IncidentEvent;
}

export interface OutboxEvidence {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly key: string;
  readonly attempts: number;
  readonly done: boolean;
}

export interface ClaimEvidence {
  readonly incident: number;
  readonly attempt: number;
  readonly monitorId: string;
  readonly claimedAtMs: number;
  readonly deadlineMs: number;
  readonly finishedAtMs: number | null;
}

/** Everything the database holds after a run, read in one snapshot by plain SQL. */
export interface Evidence {
  readonly verified: LogVerification;
  readonly monitors: readonly { readonly id: string; readonly name: string }[];
  readonly states: ReadonlyMap<string, MonitorState>;
  readonly incidents: readonly {
    readonly id: number;
    readonly monitorId: string;
    readonly open: boolean;
    readonly state: IncidentState;
  }[];
  /** Events of incidents, each stream in its order. */
  readonly events: readonly IncidentEventRow[];
  /** The check log as it is read by everybody, oldest slot first. */
  readonly checks: readonly CheckResult[];
  /** Rounds that were inserted more than once. */
  readonly doubled: readonly string[];
  readonly uptime: Readonly<Record<"healthy" | "degraded" | "down" | "unknown" | "missed", number>>;
  readonly totals: { readonly checks: number; readonly incidents: number; readonly autoFixes: number };
  readonly outbox: readonly OutboxEvidence[];
  readonly claims: readonly ClaimEvidence[];
  readonly deadLetters: readonly string[];
}

/** Reads the evidence; the chain is verified first, since it reads page by page. */
export async function readEvidence(database: Database): Promise<Evidence> {
  const verified = await verifyLog(postgresEventStore, database);
  return { verified, ...(await readSnapshot(database)) };
}

async function readSnapshot(database: Database): Promise<Omit<Evidence, "verified">> {
  return await snapshotOf(database).transaction(async (tx) => {
    const monitors = await tx<
      { id: string; name: string }[]
    >`SELECT id, name FROM monitors WHERE deleted_at_ms IS NULL`;
    const states = await tx<{ monitor_id: string; state: MonitorState }[]>`SELECT monitor_id, state FROM monitor_state`;
    const incidents = await tx<{ id: number; monitorId: string; open: boolean; state: IncidentState }[]>`
      SELECT id, monitor_id AS "monitorId", open, state FROM incidents ORDER BY id`;
    const events = await tx<EventRow[]>`
      SELECT event_id, stream, version, type, schema_version, payload, at_ms FROM events
      WHERE starts_with(stream, 'incident-') ORDER BY stream, version`;
    const log = postgresChecks(tx);
    const all = { beforeMs: Number.MAX_SAFE_INTEGER, afterMs: 0, limit: 1_000_000, oldestFirst: true };
    const checks: CheckResult[] = [];
    for (const { id } of monitors) checks.push(...(await log.list({ monitorId: id, ...all })));
    const doubled = await doubledRounds(log);
    const counts = await postgresUptime(tx).since(0);
    const counted = (verdict: keyof Evidence["uptime"]): number => counts.reduce((sum, each) => sum + each[verdict], 0);
    const [totals] = await tx<Evidence["totals"][]>`
      SELECT coalesce(sum(checks), 0)::integer AS checks, coalesce(sum(incidents), 0)::integer AS incidents,
        coalesce(sum(auto_fixes), 0)::integer AS "autoFixes" FROM totals`;
    const outbox = await tx<OutboxEvidence[]>`
      SELECT id, kind, subject, key, attempts, done_at_ms IS NOT NULL AS done FROM outbox ORDER BY id`;
    const claims = await tx<ClaimEvidence[]>`
      SELECT incident_id AS incident, attempt, monitor_id AS "monitorId", claimed_at_ms AS "claimedAtMs",
        deadline_ms AS "deadlineMs", finished_at_ms AS "finishedAtMs" FROM repair_claims ORDER BY claimed_at_ms`;
    const letters = await tx<{ reason: string; subject: string }[]>`SELECT reason, subject FROM dead_letters`;
    return {
      monitors: [...monitors],
      states: new Map(states.map((row) => [row.monitor_id, row.state])),
      incidents: [...incidents],
      events: events.map(eventOf),
      checks,
      doubled,
      uptime: {
        healthy: counted("healthy"),
        degraded: counted("degraded"),
        down: counted("down"),
        unknown: counted("unknown"),
        missed: counted("missed"),
      },
      totals: totals ?? { checks: 0, incidents: 0, autoFixes: 0 },
      outbox: [...outbox],
      claims: [...claims],
      deadLetters: letters.map((row) => `${row.reason} on ${row.subject}`),
    };
  });
}

/** Rounds that stand in hot segments more than once, which reading the log hides. */
async function doubledRounds(log: ReturnType<typeof postgresChecks>): Promise<readonly string[]> {
  const seen = new Set<string>();
  const doubled: string[] = [];
  for (const hourMs of await log.unpackedHours(Number.MAX_SAFE_INTEGER)) {
    for (const { results } of await log.segments(hourMs)) {
      for (const { monitorId, region, slotMs } of results(() => true)) {
        const key = `${monitorId}:${region}:${slotMs}`;
        if (seen.has(key)) doubled.push(key);
        seen.add(key);
      }
    }
  }
  return doubled;
}

interface EventRow {
  readonly event_id: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly payload: Uint8Array;
  readonly at_ms: number;
}

const eventOf = (row: EventRow): IncidentEventRow => ({
  id: row.event_id,
  incident: Number(row.stream.slice("incident-".length)),
  version: row.version,
  atMs: row.at_ms,
  event: decodeIncidentEvent({
    type: row.type,
    schemaVersion: row.schema_version,
    payload: new Uint8Array(row.payload),
  }),
});
