import type { MaintenanceWindow } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { MemoryTx } from "@sentinel/eventstore/memory";
import type { Windows } from "../port.ts";

export function memoryWindows(tx: MemoryTx): Windows {
  const rows = tx.table<string, MaintenanceWindow>("maintenance_windows");
  return {
    all: async () => [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    save: async (window) => {
      if ([...rows.values()].some(({ id, name }) => id !== window.id && name === window.name)) {
        throw new SentinelError("maintenance_name_taken", { name: window.name });
      }
      rows.set(window.id, window);
    },
    delete: async (id) => {
      rows.delete(id);
    },
  };
}
