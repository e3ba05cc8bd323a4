import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckResult } from "@sentinel/contracts";

const SLOTS_FILE = "last-slots.json";

export interface LastSlots {
  readonly byMonitor: ReadonlyMap<string, number>;
  note(result: CheckResult): void;
  save(): Promise<void>;
}

/** The newest slot of each monitor, also of results that are gone from the spool. */
export async function createLastSlots(folder: string): Promise<LastSlots> {
  const byMonitor = await readLastSlots(folder);
  let saving = Promise.resolve();
  return {
    byMonitor,
    note: ({ monitorId, slotMs, missedUntilMs }) => {
      const last = Math.max(slotMs, missedUntilMs);
      if (last > (byMonitor.get(monitorId) ?? 0)) byMonitor.set(monitorId, last);
    },
    save: () => {
      // One after the other: they share the file that becomes the new one.
      saving = saving.catch(() => undefined).then(() => writeLastSlots(folder, byMonitor));
      return saving;
    },
  };
}

async function readLastSlots(folder: string): Promise<Map<string, number>> {
  const text = await readFile(join(folder, SLOTS_FILE), "utf8").catch(() => "{}");
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return new Map(entries.flatMap(([id, slot]) => (typeof slot === "number" ? [[id, slot] as const] : [])));
  } catch {
    // A damaged file costs the record of a gap, never a result.
    return new Map();
  }
}

async function writeLastSlots(folder: string, lastSlots: ReadonlyMap<string, number>): Promise<void> {
  const file = join(folder, SLOTS_FILE);
  await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(lastSlots)), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
