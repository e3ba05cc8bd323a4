import type { HeartbeatState } from "@sentinel/contracts";
import type { MemoryTx } from "@sentinel/eventstore/memory";
import type { HeartbeatTable } from "../heartbeat-table.ts";

export function memoryHeartbeats(tx: MemoryTx): HeartbeatTable {
  const tokens = tx.table<string, string>("ping_tokens");
  const heard = tx.table<string, readonly HeartbeatState[]>("pings");
  const newest = (id: string): HeartbeatState | undefined => heard.get(id)?.at(-1);
  return {
    token: async (owner, fresh) => {
      const known = tokens.get(owner);
      if (known !== undefined) return known;
      tokens.set(owner, fresh);
      return fresh;
    },
    ownerOf: async (token) => [...tokens].find(([, each]) => each === token)?.[0],
    lock: async (id) => newest(id),
    save: async (id, state, keep) => {
      heard.set(id, [...(heard.get(id) ?? []), state].slice(-keep));
    },
    at: async (id, seq) => heard.get(id)?.find((each) => each.seq === seq) ?? newest(id),
    forget: async (ids) => {
      for (const id of ids) {
        tokens.delete(id);
        heard.delete(id);
      }
    },
  };
}
