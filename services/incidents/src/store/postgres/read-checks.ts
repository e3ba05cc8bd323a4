import { type Beat, CheckResult } from "@sentinel/contracts";
import type { Tx } from "@sentinel/eventstore/postgres";
import { decodeChunk } from "../../checklog/chunk.ts";
import type { RoundHead } from "../../checklog/segment.ts";
import { HOUR_MS, hourOf } from "../../checklog/spans.ts";
import type { ChecksQuery, RecentRound } from "../port.ts";
import { integers } from "./arrays.ts";
import { hotHeads, hotHours, hotRounds } from "./segments.ts";

/** Chunks read at a time until there are rounds enough. */
const CHUNKS_AT_A_TIME = 24;
const MONITORS_AT_A_TIME = 500;

type Direction = "ASC" | "DESC";

/** Rounds of one monitor, hot and packed alike, in the order wanted. */
export async function list(tx: Tx, query: ChecksQuery): Promise<readonly CheckResult[]> {
  const direction: Direction = query.oldestFirst === true ? "ASC" : "DESC";
  const { monitorId, beforeMs, afterMs, limit } = query;
  const hot = await hotRounds(tx, { monitorId, fromMs: afterMs, toMs: beforeMs });
  const packed = await packedRounds(tx, query, direction);
  const inOrder = ordered(once([...packed, ...hot]), direction).slice(0, limit);
  return await withEvidence(tx, monitorId, inOrder);
}

/** While an hour is packed its rounds are kept twice. */
const once = <T extends { readonly region: string; readonly slotMs: number }>(rounds: readonly T[]): T[] => {
  const seen = new Set<string>();
  return rounds.filter(({ region, slotMs }) => seen.size < seen.add(`${slotMs} ${region}`).size);
};

const order = (tx: Tx, direction: Direction) => (direction === "ASC" ? tx`ASC` : tx`DESC`);

const ordered = (rounds: readonly CheckResult[], direction: Direction): CheckResult[] =>
  rounds.toSorted((a, b) => (direction === "ASC" ? a.slotMs - b.slotMs : b.slotMs - a.slotMs));

/** The first `limit` packed rounds of the query, or more. */
async function packedRounds(tx: Tx, query: ChecksQuery, direction: Direction): Promise<CheckResult[]> {
  const { monitorId, beforeMs, afterMs, limit } = query;
  const found: CheckResult[] = [];
  for (let seen = 0; found.length < limit; seen += CHUNKS_AT_A_TIME) {
    const chunks = await tx<{ region: string; chunk: Uint8Array }[]>`
      SELECT region, chunk FROM check_chunks
      WHERE monitor_id = ${monitorId} AND hour_ms < ${beforeMs} AND hour_ms > ${afterMs - HOUR_MS}
      ORDER BY hour_ms ${order(tx, direction)}, region LIMIT ${CHUNKS_AT_A_TIME} OFFSET ${seen}`;
    const rounds = chunks.flatMap(({ region, chunk }) => decodeChunk(chunk, { monitorId, region }));
    found.push(...rounds.filter(({ slotMs }) => slotMs < beforeMs && slotMs >= afterMs));
    if (chunks.length < CHUNKS_AT_A_TIME) break;
  }
  return found;
}

async function withEvidence(
  tx: Tx,
  monitorId: string,
  rounds: readonly CheckResult[],
): Promise<readonly CheckResult[]> {
  if (rounds.length === 0) return rounds;
  const slots = rounds.map(({ slotMs }) => slotMs);
  const rows = await tx<{ region: string; slot_ms: number; result: Uint8Array }[]>`
    SELECT region, slot_ms, result FROM check_evidence WHERE monitor_id = ${monitorId}
      AND slot_ms >= ${slots.reduce((a, b) => Math.min(a, b))} AND slot_ms <= ${slots.reduce((a, b) => Math.max(a, b))}`;
  const seen = new Map(rows.map((row) => [`${row.region} ${row.slot_ms}`, row.result]));
  return rounds.map((round) => {
    const evidence = seen.get(`${round.region} ${round.slotMs}`);
    return evidence === undefined ? round : CheckResult.decode(evidence);
  });
}

type Seen = Omit<RoundHead, "monitorId" | "missedSlots">;

const seenOf = ({ region, slotMs, verdict, durationMs, reason, startedAtMs }: Seen): Seen => ({
  region,
  slotMs,
  verdict,
  durationMs,
  reason,
  startedAtMs,
});

export async function beats(tx: Tx, monitorIds: readonly string[], count: number) {
  const found = await recent(tx, monitorIds, count);
  return new Map<string, readonly Beat[]>(
    [...found].map(([id, rounds]) => [id, rounds.map(({ startedAtMs: _, ...beat }) => beat)]),
  );
}

/** The last rounds of each monitor, oldest first: hot ones, and of chunks where these are not enough. */
export async function recent(
  tx: Tx,
  monitorIds: readonly string[],
  count: number,
): Promise<ReadonlyMap<string, readonly RecentRound[]>> {
  const found = await hotBeats(tx, monitorIds, count);
  for (let at = 0; at < monitorIds.length; at += MONITORS_AT_A_TIME) {
    await addPackedBeats(tx, monitorIds.slice(at, at + MONITORS_AT_A_TIME), count, found);
  }
  return new Map([...found].map(([id, seen]) => [id, seen.map(({ region: _, ...round }) => round)]));
}

const last = (seen: readonly Seen[], count: number): Seen[] =>
  once(seen)
    .sort((a, b) => a.slotMs - b.slotMs)
    .slice(-count);

/** Hour by hour back in time, for those monitors that still lack rounds. */
async function hotBeats(tx: Tx, ids: readonly string[], count: number): Promise<Map<string, Seen[]>> {
  const found = new Map<string, Seen[]>(ids.map((id) => [id, []]));
  for (const hourMs of (await hotHours(tx, Number.MAX_SAFE_INTEGER)).toReversed()) {
    const lacking = ids.filter((id) => (found.get(id)?.length ?? 0) < count);
    if (lacking.length === 0) break;
    for (const head of await hotHeads(tx, { fromMs: hourMs, toMs: hourMs + HOUR_MS, monitorIds: lacking })) {
      found.get(head.monitorId)?.push(seenOf(head));
    }
    for (const id of lacking) found.set(id, last(found.get(id) ?? [], count));
  }
  return found;
}

/** Chunk by chunk back in time, for those monitors that still lack rounds. */
async function addPackedBeats(tx: Tx, ids: readonly string[], count: number, found: Map<string, Seen[]>) {
  // A chunk can only matter where it reaches past the oldest of the rounds found so far.
  let open = ids.map((id) => ({ id, beforeMs: Number.MAX_SAFE_INTEGER, afterMs: oldestNeeded(found.get(id), count) }));
  while (open.length > 0) {
    const chunks = await newestChunks(tx, open);
    const byMonitor = Map.groupBy(chunks, (chunk) => chunk.monitor_id);
    open = open.flatMap(({ id }) => {
      const mine = byMonitor.get(id) ?? [];
      if (mine.length === 0) return [];
      const rounds = mine.flatMap(({ region, chunk }) => decodeChunk(chunk, { monitorId: id, region }));
      const all = last([...rounds.map(seenOf), ...(found.get(id) ?? [])], count);
      found.set(id, all);
      return [{ id, beforeMs: Math.min(...mine.map((chunk) => chunk.hour_ms)), afterMs: oldestNeeded(all, count) }];
    });
  }
}

/** Chunks of hours up to this one add nothing. */
function oldestNeeded(beats: readonly Seen[] | undefined, count: number): number {
  const [oldest] = beats ?? [];
  return oldest === undefined || (beats?.length ?? 0) < count ? -1 : hourOf(oldest.slotMs) - 1;
}

/** All regions of the newest hour within the bounds of each monitor. */
const newestChunks = (
  tx: Tx,
  open: readonly { readonly id: string; readonly beforeMs: number; readonly afterMs: number }[],
) =>
  tx<{ monitor_id: string; hour_ms: number; region: string; chunk: Uint8Array }[]>`
    SELECT k.monitor_id, k.hour_ms, k.region, k.chunk
    FROM unnest(
      ${open.map(({ id }) => id)}::text[],
      ${integers(
        tx,
        open.map(({ beforeMs }) => beforeMs),
      )}::bigint[],
      ${integers(
        tx,
        open.map(({ afterMs }) => afterMs),
      )}::bigint[]) AS m (id, before_ms, after_ms)
    CROSS JOIN LATERAL (
      SELECT hour_ms FROM check_chunks
      WHERE monitor_id = m.id AND hour_ms < m.before_ms AND hour_ms > m.after_ms ORDER BY hour_ms DESC LIMIT 1
    ) newest
    JOIN check_chunks k ON k.monitor_id = m.id AND k.hour_ms = newest.hour_ms`;
