import { partitionOf } from "@sentinel/contracts";
import {
  type AppendAnnouncer,
  type ProjectionDefinition,
  type ProjectionSource,
  runProjection,
  type Transactions,
} from "@sentinel/eventstore";
import type { FoldStore, FoldTx } from "./port.ts";

/** Transactions that say after their commit which partitions of the log have grown. */
export function announceAppends<Tx>(
  database: Transactions<Tx>,
  hints: Pick<AppendAnnouncer, "announce">,
  toFoldTx: (tx: Tx) => FoldTx,
): FoldStore["transaction"] {
  return async (fn) => {
    const grown = new Set<number>();
    const result = await database.transaction((tx) => {
      const inner = toFoldTx(tx);
      const append: FoldTx["events"]["append"] = (appends) => {
        for (const { stream } of appends) grown.add(partitionOf(stream));
        return inner.events.append(appends);
      };
      return fn({ ...inner, events: { ...inner.events, append } });
    });
    if (grown.size > 0) hints.announce([...grown]);
    return result;
  };
}

/** Projections that see the store's tables as everybody else does. */
export function projectOn<Tx>(
  source: Omit<ProjectionSource<Tx>, "clock">,
  toFoldTx: (tx: Tx) => FoldTx,
): FoldStore["project"] {
  return (definition, { clock, signal, pollMs }, observer) => {
    const { name, version } = definition;
    const inner: ProjectionDefinition<Tx> = {
      name,
      version,
      apply: (tx, events) => definition.apply(toFoldTx(tx), events),
      drop: (tx, generation) => definition.drop(toFoldTx(tx), generation),
    };
    return runProjection({ ...source, clock }, inner, signal, { observer, pollMs });
  };
}
