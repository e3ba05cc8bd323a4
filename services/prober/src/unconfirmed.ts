import type { Watermark } from "@sentinel/contracts";
import { fingerprintOf, unpackFingerprints } from "@sentinel/messaging";
import type { Spooled } from "./spool/spool.ts";

/** Results that the fold has not confirmed, by partition, and by the content under which they left. */
export interface Unconfirmed {
  /** What stands for this result now: the entry itself, or what took its place under the same id. */
  current(entry: Spooled): Spooled | undefined;
  add(entry: Spooled): void;
  /** It left as these bytes, which are not those of the spool. */
  leftAs(entry: Spooled, bytes: Uint8Array): void;
  /** False when something else stands in its place. */
  remove(entry: Spooled): boolean;
  all(): readonly Spooled[];
  ofPart(part: number): readonly Spooled[];
  /** Those whose content the watermark says is safe. */
  confirmedBy(mark: Watermark): readonly Spooled[];
}

export function createUnconfirmed(): Unconfirmed {
  const byPart = new Map<number, Map<string, Spooled>>();
  const byPrint = new Map<string, Spooled>();
  const printsOf = new Map<string, string[]>();
  const current = (entry: Spooled): Spooled | undefined => byPart.get(entry.part)?.get(entry.id);
  const ofPart = (part: number): readonly Spooled[] => [...(byPart.get(part)?.values() ?? [])];
  const leftAs = (entry: Spooled, bytes: Uint8Array): void => {
    const print = fingerprintOf(bytes);
    byPrint.set(print, entry);
    const known = printsOf.get(entry.id) ?? [];
    if (!known.includes(print)) printsOf.set(entry.id, [...known, print]);
  };
  const forget = (entry: Spooled): boolean => {
    for (const print of printsOf.get(entry.id) ?? []) byPrint.delete(print);
    printsOf.delete(entry.id);
    return byPart.get(entry.part)?.delete(entry.id) === true;
  };
  return {
    current,
    add: (entry) => {
      forget(entry);
      const part = byPart.get(entry.part) ?? new Map<string, Spooled>();
      byPart.set(entry.part, part);
      part.set(entry.id, entry);
      leftAs(entry, entry.bytes);
    },
    leftAs: (entry, bytes) => {
      if (current(entry) === entry) leftAs(entry, bytes);
    },
    remove: (entry) => current(entry) === entry && forget(entry),
    all: () => [...byPart.keys()].flatMap(ofPart),
    ofPart,
    confirmedBy: ({ part, folded }) => {
      const found = unpackFingerprints(folded).flatMap((print) => byPrint.get(print) ?? []);
      return [...new Set(found)].filter((entry) => entry.part === part);
    },
  };
}
