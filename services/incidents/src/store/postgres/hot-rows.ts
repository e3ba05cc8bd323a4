import { verdictFromJSON } from "@sentinel/contracts";
import type { CheckRow } from "../port.ts";

/** A row that is not packed yet, as the table has it. */
export interface HotRow {
  readonly monitor_id: string;
  readonly region: string;
  readonly slot_ms: number;
  readonly verdict: string;
  readonly duration_ms: number;
  readonly reason: string;
  readonly payload: Uint8Array;
}

export const rowOf = (row: HotRow): Omit<CheckRow, "evidence"> => ({
  monitorId: row.monitor_id,
  region: row.region,
  slotMs: row.slot_ms,
  verdict: verdictFromJSON(row.verdict),
  durationMs: row.duration_ms,
  reason: row.reason,
  payload: row.payload,
});
