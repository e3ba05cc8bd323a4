import { CheckResult, Verdict } from "@sentinel/contracts";

/** A result that has to go from the spool before the fold confirmed it. */
export interface Dropped {
  readonly result: CheckResult;
  /** The bus may have it already, so the fold may as well. */
  readonly sent: boolean;
}

const REASON = "spool_full";

/**
 * The records that stand for dropped results. What never left becomes one record per unbroken run of a monitor. What
 * may be on its way keeps a record of its own, with its own identity: it counts as missed only if it never arrives.
 */
export function missedInstead(dropped: readonly Dropped[]): readonly CheckResult[] {
  const groups = Map.groupBy(dropped, ({ result }) => `${result.monitorId} ${result.region}`);
  return [...groups.values()].flatMap((group) => {
    const records: CheckResult[] = [];
    let joinable = false;
    for (const { result, sent } of group.toSorted((a, b) => a.result.slotMs - b.result.slotMs)) {
      const record = missedOf(result);
      const alone = sent || result.onDemand;
      const last = records.at(-1);
      if (last !== undefined && joinable && !alone) records[records.length - 1] = joined(last, record);
      else records.push(record);
      joinable = !alone;
    }
    return records;
  });
}

function missedOf(result: CheckResult): CheckResult {
  const { monitorId, region, prober, slotMs, monitorVersion, onDemand, missedSlots, missedUntilMs } = result;
  const was = result.verdict === Verdict.MISSED;
  return CheckResult.fromPartial({
    monitorId,
    region,
    prober,
    slotMs,
    monitorVersion,
    onDemand,
    verdict: Verdict.MISSED,
    // A slot that was missed for another reason stays missed for that reason.
    reason: was ? result.reason : REASON,
    missedSlots: was ? Math.max(1, missedSlots) : 1,
    missedUntilMs: was ? Math.max(slotMs, missedUntilMs) : slotMs,
  });
}

const joined = (first: CheckResult, next: CheckResult): CheckResult => ({
  ...first,
  reason: REASON,
  missedSlots: first.missedSlots + next.missedSlots,
  missedUntilMs: Math.max(first.missedUntilMs, next.missedUntilMs),
  monitorVersion: next.monitorVersion,
});
