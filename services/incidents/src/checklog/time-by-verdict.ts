import { type CheckResult, Verdict } from "@sentinel/contracts";

/** Time for which rounds speak, in milliseconds. */
export interface TimeByVerdict {
  /** Healthy or degraded. */
  readonly upMs: number;
  readonly downMs: number;
  readonly unknownMs: number;
  readonly missedMs: number;
}

export const NO_TIME: TimeByVerdict = { upMs: 0, downMs: 0, unknownMs: 0, missedMs: 0 };

export type TimedRound = Pick<CheckResult, "slotMs" | "verdict" | "missedUntilMs">;

/**
 * How long each verdict stood. A round speaks from its slot to the next one, no longer than twice the usual distance,
 * and the last one for the usual distance: what nobody looked at belongs to no side. Rounds out of turn split a span and
 * do not add to it. Time in maintenance is in none of the columns. The usual distance is the median of those given, or `everyMs` where there are fewer than two rounds.
 */
export function timeByVerdict(rounds: readonly TimedRound[], everyMs: number): TimeByVerdict {
  const sorted = rounds.toSorted((a, b) => a.slotMs - b.slotMs);
  const usualMs = usualDistance(sorted) ?? everyMs;
  const time = { ...NO_TIME };
  for (const [index, round] of sorted.entries()) {
    const next = sorted[index + 1]?.slotMs;
    const endMs = Math.max(round.slotMs, round.missedUntilMs);
    const standsMs = endMs - round.slotMs + (next === undefined ? usualMs : 2 * usualMs);
    const spanMs = next === undefined ? standsMs : Math.min(next - round.slotMs, standsMs);
    if (round.verdict !== Verdict.MAINTENANCE) time[column(round.verdict)] += spanMs;
  }
  return time;
}

export const addTime = (a: TimeByVerdict, b: TimeByVerdict): TimeByVerdict => ({
  upMs: a.upMs + b.upMs,
  downMs: a.downMs + b.downMs,
  unknownMs: a.unknownMs + b.unknownMs,
  missedMs: a.missedMs + b.missedMs,
});

export const takeTime = (a: TimeByVerdict, b: TimeByVerdict): TimeByVerdict => ({
  upMs: a.upMs - b.upMs,
  downMs: a.downMs - b.downMs,
  unknownMs: a.unknownMs - b.unknownMs,
  missedMs: a.missedMs - b.missedMs,
});

/** Per cent of the time known about that was not down; -1 when nothing is known. */
export function uptimePercent({ upMs, downMs }: TimeByVerdict): number {
  return upMs + downMs === 0 ? -1 : (100 * upMs) / (upMs + downMs);
}

function usualDistance(sorted: readonly TimedRound[]): number | undefined {
  const gaps = sorted
    .slice(1)
    .map((round, index) => round.slotMs - (sorted[index]?.slotMs ?? 0))
    .filter((gap, index) => gap > 0 && sorted[index]?.verdict !== Verdict.MISSED)
    .sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)];
}

function column(verdict: Verdict): keyof TimeByVerdict {
  switch (verdict) {
    case Verdict.HEALTHY:
    case Verdict.DEGRADED:
      return "upMs";
    case Verdict.DOWN:
      return "downMs";
    case Verdict.MISSED:
      return "missedMs";
    default:
      return "unknownMs";
  }
}
