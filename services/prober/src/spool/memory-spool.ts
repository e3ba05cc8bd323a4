import { CheckResult } from "@sentinel/contracts";
import { type Spool, type Spooled, toSpooled } from "./spool.ts";

/** A spool that ends with the process: for a simulation, where nothing needs to outlive it. */
export function createMemorySpool(): Spool {
  const entries = new Map<string, Spooled>();
  return {
    left: [],
    lastSlots: new Map(),
    append: async (result) => {
      const entry = toSpooled(result, CheckResult.encode(result).finish(), 0);
      entries.set(entry.id, entry);
      return entry;
    },
    release: async (released) => {
      for (const entry of released) entries.delete(entry.id);
    },
    size: () => entries.size,
    close: async () => undefined,
  };
}
