import { MaintenanceWindow } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Tx } from "@sentinel/eventstore/postgres";
import postgres from "postgres";
import type { Windows } from "../port.ts";

export function postgresWindows(tx: Tx): Windows {
  return {
    all: async () => {
      const rows = await tx<{ window: Uint8Array }[]>`SELECT "window" FROM maintenance_windows ORDER BY name`;
      return rows.map((row) => MaintenanceWindow.decode(row.window));
    },
    save: async (window) => {
      try {
        await tx`
          INSERT INTO maintenance_windows (id, name, "window")
          VALUES (${window.id}, ${window.name}, ${MaintenanceWindow.encode(window).finish()})
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, "window" = excluded."window"`;
      } catch (thrown) {
        if (thrown instanceof postgres.PostgresError && thrown.constraint_name === "maintenance_windows_name") {
          throw new SentinelError("maintenance_name_taken", { name: window.name }, { cause: thrown });
        }
        throw thrown;
      }
    },
    delete: async (id) => {
      await tx`DELETE FROM maintenance_windows WHERE id = ${id}`;
    },
  };
}
