import type { CheckResult } from "@sentinel/contracts";
import type { Tx } from "@sentinel/eventstore/postgres";
import { decodeHeads, decodeSegment, encodeSegment, type RoundHead } from "../../checklog/segment.ts";
import { HOUR_MS, hourOf } from "../../checklog/spans.ts";
import type { HotSegment } from "../port.ts";
import { bytes, integers, texts } from "./arrays.ts";

/** So that a few stand on one page, and who looks for one monitor of a batch of thousands reads a part of it. */
const ROUNDS_AT_MOST = 100;

/** A hash of the monitor's id by which segments are searched; others may have the same, and are sorted out after. */
function monitorKey(monitorId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < monitorId.length; at += 1) hash = Math.imul(hash ^ monitorId.charCodeAt(at), 0x01000193);
  return hash | 0;
}

/** Adds rounds, each monitor's in the order given, as few rows. */
export async function insertSegments(tx: Tx, results: readonly CheckResult[]): Promise<void> {
  if (results.length === 0) return;
  const segments = [...Map.groupBy(results, ({ slotMs }) => hourOf(slotMs)).values()].flatMap(inSegments);
  const heads = segments.map((rounds) => boundsOf(rounds));
  const numbers = (value: (head: Bounds) => number): string => integers(tx, heads.map(value));
  await tx`
    INSERT INTO check_segments (hour_ms, from_ms, to_ms, rounds, keys, data)
    SELECT hour_ms, from_ms, to_ms, rounds, keys::int[], data FROM unnest(
      ${numbers(({ hourMs }) => hourMs)}::bigint[], ${numbers(({ fromMs }) => fromMs)}::bigint[],
      ${numbers(({ toMs }) => toMs)}::bigint[], ${numbers(({ rounds }) => rounds)}::int[],
      ${texts(heads.map(({ keys }) => keys))}::text[],
      ${bytes(tx, segments.map(encodeSegment))}::bytea[]
    ) AS n (hour_ms, from_ms, to_ms, rounds, keys, data)`;
}

/** Of a large batch, rounds of the same monitor stand together: fewer segments have any of it. */
function inSegments(rounds: readonly CheckResult[]): CheckResult[][] {
  if (rounds.length <= ROUNDS_AT_MOST) return [[...rounds]];
  const sorted = rounds.toSorted((a, b) => (a.monitorId < b.monitorId ? -1 : a.monitorId > b.monitorId ? 1 : 0));
  const count = Math.ceil(sorted.length / ROUNDS_AT_MOST);
  const size = Math.ceil(sorted.length / count);
  return Array.from({ length: count }, (_, n) => sorted.slice(n * size, (n + 1) * size));
}

interface Bounds {
  readonly hourMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rounds: number;
  /** An array literal. */
  readonly keys: string;
}

function boundsOf(rounds: readonly CheckResult[]): Bounds {
  const slots = rounds.map(({ slotMs }) => slotMs);
  const fromMs = slots.reduce((a, b) => Math.min(a, b));
  const toMs = slots.reduce((a, b) => Math.max(a, b));
  const keys = [...new Set(rounds.map(({ monitorId }) => monitorId))].map(monitorKey);
  return { hourMs: hourOf(fromMs), fromMs, toMs, rounds: rounds.length, keys: `{${keys.join(",")}}` };
}

interface SegmentsQuery {
  readonly fromMs: number;
  /** Rounds before it. */
  readonly toMs: number;
  readonly monitorIds: readonly string[];
}

/** More monitors than these and it is quicker to read all. */
const SEARCHED = 200;

/** Segments that may have such rounds, as they came. */
async function matching(tx: Tx, { fromMs, toMs, monitorIds }: SegmentsQuery): Promise<readonly Uint8Array[]> {
  const among =
    monitorIds.length > SEARCHED
      ? tx``
      : tx`AND (keys && ${integers(tx, monitorIds.map(monitorKey))}::int[] OR keys IS NULL)`;
  const rows = await tx<{ data: Uint8Array }[]>`
    SELECT data FROM check_segments
    WHERE hour_ms > ${fromMs - HOUR_MS} AND hour_ms < ${toMs} AND to_ms >= ${fromMs} AND from_ms < ${toMs} ${among}
    ORDER BY hour_ms, id`;
  return rows.map(({ data }) => data);
}

/** Hot rounds of one monitor. */
export async function hotRounds(
  tx: Tx,
  query: { readonly monitorId: string; readonly fromMs: number; readonly toMs: number },
): Promise<CheckResult[]> {
  const { monitorId, fromMs, toMs } = query;
  const segments = await matching(tx, { fromMs, toMs, monitorIds: [monitorId] });
  return segments
    .flatMap((data) => decodeSegment(data, (id) => id === monitorId))
    .filter(({ slotMs }) => slotMs >= fromMs && slotMs < toMs);
}

/** Heads of hot rounds of some monitors. */
export async function hotHeads(tx: Tx, query: SegmentsQuery): Promise<RoundHead[]> {
  const wanted = new Set(query.monitorIds);
  const found: RoundHead[] = [];
  for (const data of await matching(tx, query)) {
    for (const head of decodeHeads(data)) if (wanted.has(head.monitorId)) found.push(head);
  }
  return found;
}

export async function hotHours(tx: Tx, beforeMs: number): Promise<readonly number[]> {
  const rows = await tx<{ hour_ms: number }[]>`
    SELECT DISTINCT hour_ms FROM check_segments WHERE hour_ms < ${beforeMs} ORDER BY 1`;
  return rows.map((row) => row.hour_ms);
}

export async function segmentsOf(tx: Tx, hourMs: number): Promise<readonly HotSegment[]> {
  const rows = await tx<{ id: number; rounds: number; counted: boolean; data: Uint8Array }[]>`
    SELECT id, rounds, counted, data FROM check_segments WHERE hour_ms = ${hourMs} ORDER BY id`;
  return rows.map(({ data, ...row }) => ({ ...row, results: (wanted) => decodeSegment(data, wanted) }));
}

export async function forgetSegments(tx: Tx, hourMs: number, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx`DELETE FROM check_segments WHERE hour_ms = ${hourMs} AND id = ANY(${integers(tx, ids)}::bigint[])`;
}
