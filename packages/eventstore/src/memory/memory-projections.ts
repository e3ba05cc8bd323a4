import { PARTITIONS } from "@sentinel/contracts";
import type { ParkedStream, ProjectionKey, ProjectionTables } from "../projection-tables.ts";
import type { Head } from "../plan-append.ts";
import type { MemoryTx } from "./memory-database.ts";

interface CursorRow extends ProjectionKey {
  readonly part: number;
  readonly gpos: number;
}

interface ParkedRow extends ProjectionKey {
  readonly parked: ParkedStream;
}

const idOf = ({ name, generation }: ProjectionKey, rest: string | number): string => `${generation} ${rest} ${name}`;
const PARTS = Array.from({ length: PARTITIONS }, (_, part) => part);

/** Where projections stand, in a `MemoryDatabase`. Its transactions take turns, so nothing needs a lock. */
export function createMemoryProjections(): ProjectionTables<MemoryTx> {
  const serving = (tx: MemoryTx) => tx.table<string, number>("projections");
  const cursors = (tx: MemoryTx) => tx.table<string, CursorRow>("projection_cursors");
  const parked = (tx: MemoryTx) => tx.table<string, ParkedRow>("projection_parked");
  const of = <T extends ProjectionKey>(rows: Iterable<T>, { name, generation }: ProjectionKey): readonly T[] =>
    [...rows].filter((row) => row.name === name && row.generation === generation);
  return {
    serving: async (tx, name) => serving(tx).get(name) ?? 0,
    begin: async (tx, key) => {
      const now = serving(tx).get(key.name) ?? 0;
      if (now > key.generation) return now;
      for (const part of PARTS) {
        const id = idOf(key, part);
        if (!cursors(tx).has(id)) cursors(tx).set(id, { ...key, part, gpos: 0 });
      }
      return now;
    },
    lockCursor: async (tx, key, part) => cursors(tx).get(idOf(key, part))?.gpos,
    advance: async (tx, key, part, gpos) => cursors(tx).set(idOf(key, part), { ...key, part, gpos }),
    behind: async (tx, key) => {
      const heads = tx.table<number, Head>("eventstore.heads");
      if (!cursors(tx).has(idOf(key, 0))) return undefined;
      return PARTS.map((part) => {
        const gpos = cursors(tx).get(idOf(key, part))?.gpos ?? 0;
        return { part, events: (heads.get(part)?.gpos ?? 0) - gpos };
      }).filter(({ events }) => events > 0);
    },
    serve: async (tx, { name, generation }) => {
      if ((serving(tx).get(name) ?? 0) >= generation) return false;
      serving(tx).set(name, generation);
      return true;
    },
    generations: async (tx, name) => [
      ...new Set([...cursors(tx).values()].filter((row) => row.name === name).map(({ generation }) => generation)),
    ],
    forget: async (tx, key) => {
      for (const { part } of of(cursors(tx).values(), key)) cursors(tx).delete(idOf(key, part));
      for (const row of of(parked(tx).values(), key)) parked(tx).delete(idOf(key, row.parked.stream));
    },
    parked: async (tx, key) => of(parked(tx).values(), key).map((row) => row.parked),
    parkedAmong: async (tx, key, streams) =>
      streams.flatMap((stream) => parked(tx).get(idOf(key, stream))?.parked ?? []),
    park: async (tx, key, row) => parked(tx).set(idOf(key, row.stream), { ...key, parked: row }),
    skip: async (tx, key, counts) => {
      for (const [stream, count] of counts) {
        const row = parked(tx).get(idOf(key, stream));
        if (row === undefined) continue;
        const skipped = row.parked.skipped + count;
        parked(tx).set(idOf(key, stream), { ...row, parked: { ...row.parked, skipped } });
      }
    },
    unpark: async (tx, key, stream) => void parked(tx).delete(idOf(key, stream)),
  };
}
