import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckResult } from "@sentinel/contracts";

const SLOTS_FILE = "last-slots.json";

/** How far the rounds of a monitor have come. */
export interface LastSlots {
  /** The newest instant that names a result. */
  readonly newestMs: number;
  /** The newest slot that was run in its turn, or is on record as missed: those before it need no record any more. */
  readonly inTurnMs: number;
}

/** What a former life of the prober is not known for. */
export const NO_SLOTS: LastSlots = { newestMs: 0, inTurnMs: 0 };

/** With this result; one out of turn says nothing about the slots before it, whose rounds may still run. */
export function withResult(
  { newestMs, inTurnMs }: LastSlots,
  result: Pick<CheckResult, "slotMs" | "missedUntilMs" | "onDemand">,
): LastSlots {
  const lastMs = Math.max(result.slotMs, result.missedUntilMs);
  return { newestMs: Math.max(newestMs, lastMs), inTurnMs: result.onDemand ? inTurnMs : Math.max(inTurnMs, lastMs) };
}

export interface LastSlotsFile {
  readonly byMonitor: ReadonlyMap<string, LastSlots>;
  note(result: CheckResult): void;
  save(): Promise<void>;
}

/** The last slots of each monitor, also of results that are gone from the spool. */
export async function openLastSlots(folder: string): Promise<LastSlotsFile> {
  const byMonitor = await readLastSlots(folder);
  let saving = Promise.resolve();
  return {
    byMonitor,
    note: (result) =>
      void byMonitor.set(result.monitorId, withResult(byMonitor.get(result.monitorId) ?? NO_SLOTS, result)),
    save: () => {
      // One after the other: they share the file that becomes the new one.
      saving = saving.catch(() => undefined).then(() => writeLastSlots(folder, byMonitor));
      return saving;
    },
  };
}

async function readLastSlots(folder: string): Promise<Map<string, LastSlots>> {
  const text = await readFile(join(folder, SLOTS_FILE), "utf8").catch(() => "{}");
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return new Map(entries.flatMap(([id, value]) => lastSlotsOf(value).map((slots) => [id, slots] as const)));
  } catch {
    // A damaged file costs the record of a gap, never a result.
    return new Map();
  }
}

/** A number alone, or two where a round out of turn came last. */
function lastSlotsOf(value: unknown): readonly LastSlots[] {
  const [newestMs, inTurnMs = newestMs]: readonly unknown[] = Array.isArray(value) ? value : [value];
  return typeof newestMs === "number" && typeof inTurnMs === "number" ? [{ newestMs, inTurnMs }] : [];
}

async function writeLastSlots(folder: string, byMonitor: ReadonlyMap<string, LastSlots>): Promise<void> {
  const file = join(folder, SLOTS_FILE);
  const values = [...byMonitor].map(
    ([id, { newestMs, inTurnMs }]) => [id, newestMs === inTurnMs ? newestMs : [newestMs, inTurnMs]] as const,
  );
  await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(values)), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
