import { PARTITIONS } from "@sentinel/contracts";
import type { MemoryTx } from "@sentinel/eventstore/memory";
import type { Members, Partition } from "../port.ts";

export interface PartitionRow extends Partition {
  readonly expiresAtMs: number;
}

interface LeadRow {
  readonly owner: string;
  readonly expiresAtMs: number;
}

export function memoryMembers(tx: MemoryTx, monotonicMs: () => number): Members {
  const expiries = tx.table<string, number>("members");
  const leads = tx.table<string, LeadRow>("lead_lease");
  const partitions = tx.table<number, PartitionRow>("partitions");
  const alive = (row: LeadRow | undefined): string =>
    row === undefined || row.expiresAtMs <= monotonicMs() ? "" : row.owner;
  const owners = (): string[] => {
    const nowMs = monotonicMs();
    const found: string[] = [];
    for (let part = 0; part < PARTITIONS; part += 1) {
      const row = partitions.get(part);
      found.push(row === undefined || row.expiresAtMs <= nowMs ? "" : row.owner);
    }
    return found;
  };
  return {
    beat: async (owner, ttlMs, force) => {
      const expiresAtMs = monotonicMs() + ttlMs;
      for (const [other, expiry] of expiries) {
        if (other !== owner && (force || expiry <= monotonicMs())) expiries.delete(other);
      }
      expiries.set(owner, expiresAtMs);
      if (force || ["", owner].includes(alive(leads.get("lead")))) leads.set("lead", { owner, expiresAtMs });
    },
    standing: async () => ({
      members: [...expiries.entries()]
        .filter(([, expiry]) => expiry > monotonicMs())
        .map(([owner]) => owner)
        .toSorted(),
      lead: alive(leads.get("lead")),
      owners: owners(),
    }),
    leave: async (owner) => {
      expiries.delete(owner);
      if (leads.get("lead")?.owner === owner) leads.delete("lead");
    },
  };
}
