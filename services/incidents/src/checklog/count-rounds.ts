import { Verdict } from "@sentinel/contracts";
import { uptimeColumn } from "../board.ts";
import type { UptimeCounts } from "../store/port.ts";
import type { RoundHead } from "./segment.ts";
import { hourOf } from "./spans.ts";

const NONE = { healthy: 0, degraded: 0, down: 0, unknown: 0, missed: 0 };

/** Rounds by monitor, hour and verdict; one that says that slots were missed counts as all of these. */
export function countRounds(
  rounds: Iterable<Pick<RoundHead, "monitorId" | "slotMs" | "verdict" | "missedSlots">>,
): readonly UptimeCounts[] {
  const counts = new Map<string, UptimeCounts>();
  for (const { monitorId, slotMs, verdict, missedSlots } of rounds) {
    // Of what was expected to fail nothing is counted, and of what worked meanwhile neither.
    if (verdict === Verdict.MAINTENANCE) continue;
    const hourMs = hourOf(slotMs);
    const key = `${monitorId} ${hourMs}`;
    const before = counts.get(key) ?? { monitorId, hourMs, ...NONE };
    const column = uptimeColumn(verdict);
    const by = verdict === Verdict.MISSED ? Math.max(1, missedSlots) : 1;
    counts.set(key, { ...before, [column]: before[column] + by });
  }
  return [...counts.values()];
}

/** Adds up counts of the same monitor and hour. */
export function addCounts(counts: Iterable<UptimeCounts>): readonly UptimeCounts[] {
  const sums = new Map<string, UptimeCounts>();
  for (const each of counts) {
    const key = `${each.monitorId} ${each.hourMs}`;
    const before = sums.get(key);
    sums.set(key, before === undefined ? each : sum(before, each));
  }
  return [...sums.values()];
}

const sum = (a: UptimeCounts, b: UptimeCounts): UptimeCounts => ({
  ...a,
  healthy: a.healthy + b.healthy,
  degraded: a.degraded + b.degraded,
  down: a.down + b.down,
  unknown: a.unknown + b.unknown,
  missed: a.missed + b.missed,
});
