import type { Tx } from "@sentinel/eventstore/postgres";
import { PARTITIONS } from "@sentinel/contracts";
import type { Partition, Partitions } from "../port.ts";
import { integers } from "./arrays.ts";

interface Row {
  readonly part: number;
  readonly owner: string;
  readonly epoch: number;
  readonly stream_epoch: string;
  readonly last_seq: number;
  readonly last_fingerprint: string;
  readonly generation: number;
  readonly revision: number;
}

const EVERY = Array.from({ length: PARTITIONS }, (_, part) => part);

const partitionOfRow = (row: Row): Partition => ({
  part: row.part,
  owner: row.owner,
  epoch: row.epoch,
  streamEpoch: row.stream_epoch,
  lastSeq: row.last_seq,
  lastFingerprint: row.last_fingerprint,
  generation: row.generation,
  revision: row.revision,
});

export function postgresPartitions(tx: Tx): Partitions {
  return {
    hold: async (owner, ttlMs, force, wanted = EVERY) => {
      const parts = integers(tx, wanted);
      // Locked in order first: an UPDATE alone takes its rows in any order.
      const mine = await tx<{ part: number }[]>`
        SELECT part FROM partitions WHERE owner = ${owner} OR (${force} AND part = ANY(${parts}::bigint[]))
        ORDER BY part FOR UPDATE`;
      // What a process that hangs has locked is not waited for: the next look finds it, and the rest is folded meanwhile.
      const free = await tx<{ part: number }[]>`
        SELECT part FROM partitions
        WHERE part = ANY(${parts}::bigint[]) AND owner <> ${owner} AND (owner = '' OR expires_at < clock_timestamp())
        ORDER BY part FOR UPDATE SKIP LOCKED`;
      const held = [...mine, ...free].map(({ part }) => part);
      const rows = await tx<Row[]>`
        UPDATE partitions SET
          epoch = epoch + CASE WHEN owner = ${owner} THEN 0 ELSE 1 END,
          owner = ${owner},
          expires_at = clock_timestamp() + ${ttlMs}::float8 * interval '1 millisecond'
        WHERE part = ANY(${integers(tx, held)}::bigint[])
        RETURNING part, owner, epoch, stream_epoch, last_seq, last_fingerprint, generation, revision`;
      return rows.map(partitionOfRow).sort((a, b) => a.part - b.part);
    },
    release: async (owner, keep = []) => {
      const kept = integers(tx, keep);
      await tx`
        SELECT part FROM partitions WHERE owner = ${owner} AND part <> ALL(${kept}::bigint[]) ORDER BY part FOR UPDATE`;
      await tx`UPDATE partitions SET owner = '' WHERE owner = ${owner} AND part <> ALL(${kept}::bigint[])`;
    },
    lock: async (parts) => {
      const rows = await tx<Row[]>`
        SELECT part, owner, epoch, stream_epoch, last_seq, last_fingerprint, generation, revision FROM partitions
        WHERE part = ANY(${integers(tx, parts)}::bigint[]) ORDER BY part FOR UPDATE`;
      return rows.map(partitionOfRow);
    },
    advance: async (ends) => {
      await tx`
        UPDATE partitions SET stream_epoch = n.stream_epoch, last_seq = n.last_seq, last_fingerprint = n.last_fingerprint
        FROM unnest(
          ${integers(
            tx,
            ends.map((end) => end.part),
          )}::bigint[],
          ${ends.map((end) => end.streamEpoch)}::text[],
          ${integers(
            tx,
            ends.map((end) => end.lastSeq),
          )}::bigint[],
          ${ends.map((end) => end.lastFingerprint)}::text[]
        ) AS n (part, stream_epoch, last_seq, last_fingerprint)
        WHERE partitions.part = n.part`;
    },
    beginGeneration: async (parts, streamEpoch, generation) => {
      const wanted = integers(tx, parts);
      await tx`SELECT part FROM partitions WHERE part = ANY(${wanted}::bigint[]) ORDER BY part FOR UPDATE`;
      const rows = await tx<Row[]>`
        UPDATE partitions SET stream_epoch = ${streamEpoch}, last_seq = 0, last_fingerprint = '',
          generation = coalesce(
            ${generation ?? null}::integer,
            1 + (SELECT max(generation) FROM partitions WHERE part = ANY(${wanted}::bigint[])))
        WHERE part = ANY(${wanted}::bigint[])
        RETURNING part, owner, epoch, stream_epoch, last_seq, last_fingerprint, generation, revision`;
      return rows.map(partitionOfRow).sort((a, b) => a.part - b.part);
    },
    revise: async (parts) => {
      const wanted = integers(tx, parts);
      await tx`SELECT part FROM partitions WHERE part = ANY(${wanted}::bigint[]) ORDER BY part FOR UPDATE`;
      await tx`UPDATE partitions SET revision = revision + 1 WHERE part = ANY(${wanted}::bigint[])`;
    },
    all: async () => {
      const rows = await tx<Row[]>`
        SELECT part, owner, epoch, stream_epoch, last_seq, last_fingerprint, generation, revision FROM partitions ORDER BY part`;
      return rows.map(partitionOfRow);
    },
  };
}
