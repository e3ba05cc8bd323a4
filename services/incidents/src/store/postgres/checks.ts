import { CheckResult } from "@sentinel/contracts";
import type { Tx } from "@sentinel/eventstore/postgres";
import { decodeSlots } from "../../checklog/chunk.ts";
import { hourOf } from "../../checklog/spans.ts";
import type { CheckLog } from "../port.ts";
import { bytes, integers, texts } from "./arrays.ts";
import { postgresChunks } from "./chunks.ts";
import { beats, list, recent } from "./read-checks.ts";
import { forgetSegments, hotHeads, hotHours, insertSegments, segmentsOf } from "./segments.ts";

export function postgresChecks(tx: Tx): CheckLog {
  return {
    insert: (results, isNewer = () => false) => insert(tx, results, isNewer),
    newestSlotMs: async () => {
      const [row] = await tx<{ newest: number }[]>`
        SELECT greatest((SELECT max(to_ms) FROM check_segments), (SELECT packed_until_ms FROM check_packing)) AS newest`;
      return row?.newest ?? 0;
    },
    list: (query) => list(tx, query),
    beats: (monitorIds, count) => beats(tx, monitorIds, count),
    recent: (monitorIds, count) => recent(tx, monitorIds, count),
    unpackedHours: (beforeMs) => hotHours(tx, beforeMs),
    segments: (hourMs) => segmentsOf(tx, hourMs),
    forget: (hourMs, segments) =>
      forgetSegments(
        tx,
        hourMs,
        segments.map(({ id }) => id),
      ),
    ...postgresChunks(tx),
  };
}

type Key = Pick<CheckResult, "monitorId" | "region" | "slotMs">;

const keyOf = ({ monitorId, region, slotMs }: Key): string => `${monitorId} ${region} ${slotMs}`;

async function insert(
  tx: Tx,
  results: readonly CheckResult[],
  isNewer: (result: CheckResult) => boolean,
): Promise<readonly boolean[]> {
  if (results.length === 0) return [];
  const known = await knownAmong(
    tx,
    results.filter((result) => !isNewer(result)),
  );
  // The same round twice in one batch: the first is new, the second is old.
  const flags = results.map((result) => {
    const key = keyOf(result);
    return known.size < known.add(key).size;
  });
  const fresh = results.filter((_, index) => flags[index] === true);
  await Promise.all([insertSegments(tx, fresh), insertEvidence(tx, fresh)]);
  return flags;
}

/** Keys of those that are kept already, hot or packed. What is packed between the two looks is seen by the second. */
async function knownAmong(tx: Tx, suspects: readonly CheckResult[]): Promise<Set<string>> {
  const known = new Set<string>();
  if (suspects.length === 0) return known;
  const monitorIds = [...new Set(suspects.map(({ monitorId }) => monitorId))];
  const slots = suspects.map(({ slotMs }) => slotMs);
  const fromMs = slots.reduce((a, b) => Math.min(a, b));
  const toMs = slots.reduce((a, b) => Math.max(a, b)) + 1;
  for (const head of await hotHeads(tx, { fromMs, toMs, monitorIds })) known.add(keyOf(head));
  const hours = [...new Set(suspects.filter((each) => !known.has(keyOf(each))).map(({ slotMs }) => hourOf(slotMs)))];
  if (hours.length === 0) return known;
  const chunks = await tx<{ monitorId: string; region: string; chunk: Uint8Array }[]>`
    SELECT monitor_id AS "monitorId", region, chunk FROM check_chunks
    WHERE monitor_id = ANY(${texts(monitorIds)}::text[]) AND hour_ms = ANY(${integers(tx, hours)}::bigint[])`;
  for (const row of chunks) for (const slotMs of decodeSlots(row.chunk)) known.add(keyOf({ ...row, slotMs }));
  return known;
}

async function insertEvidence(tx: Tx, results: readonly CheckResult[]): Promise<void> {
  const failing = results.filter(({ endpoints }) => endpoints.some(({ evidence }) => evidence !== undefined));
  if (failing.length === 0) return;
  await tx`
    INSERT INTO check_evidence (monitor_id, region, slot_ms, result)
    SELECT * FROM unnest(
      ${texts(failing.map((result) => result.monitorId))}::text[],
      ${texts(failing.map((result) => result.region))}::text[],
      ${integers(
        tx,
        failing.map((result) => result.slotMs),
      )}::bigint[],
      ${bytes(
        tx,
        failing.map((result) => CheckResult.encode(result).finish()),
      )}::bytea[]
    ) ON CONFLICT DO NOTHING`;
}
