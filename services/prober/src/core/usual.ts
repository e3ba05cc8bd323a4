import { type CheckResult, Verdict } from "@sentinel/contracts";

/** What is usual for a monitor, by its own last rounds. */
export interface Usual {
  /** 95 of 100 rounds took no longer. */
  readonly p95Ms: number;
  /** A round that takes longer is slow. */
  readonly limitMs: number;
}

/** Rounds remembered, and how many of them it takes to call something usual. */
const KEPT = 60;
const LEAST = 20;
const TIMES = 3;
/** Nobody minds what takes less; below it a busy machine makes the difference. */
const FLOOR_MS = 1000;
/** So that what stays slow becomes usual in the end. */
const SLOW_COUNTED_EVERY = 10;

type Round = Pick<CheckResult, "verdict" | "reason" | "durationMs">;

/** How long the last good rounds of each monitor took, the oldest first. */
export interface UsualTimes {
  /** Takes what is known from elsewhere, where nothing is known yet. */
  begin(monitorId: string, rounds: readonly Round[]): void;
  note(monitorId: string, round: Round): void;
  /** Undefined while too few rounds are known. */
  of(monitorId: string): Usual | undefined;
  forget(monitorId: string): void;
}

interface Times {
  readonly durationsMs: number[];
  slow: number;
}

export function createUsualTimes(): UsualTimes {
  const times = new Map<string, Times>();
  const note = (monitorId: string, { verdict, reason, durationMs }: Round): void => {
    const isSlow = reason === "slower_than_usual";
    if (durationMs <= 0 || (verdict !== Verdict.HEALTHY && !isSlow)) return;
    const known = times.get(monitorId) ?? { durationsMs: [], slow: 0 };
    times.set(monitorId, known);
    if (isSlow) known.slow += 1;
    if (isSlow && known.slow % SLOW_COUNTED_EVERY !== 0) return;
    known.durationsMs.push(durationMs);
    if (known.durationsMs.length > KEPT) known.durationsMs.shift();
  };
  return {
    begin: (monitorId, rounds) => {
      if (times.has(monitorId)) return;
      for (const round of rounds) note(monitorId, round);
    },
    note,
    of: (monitorId) => {
      const known = times.get(monitorId)?.durationsMs ?? [];
      if (known.length < LEAST) return undefined;
      const p95Ms = known.toSorted((a, b) => a - b)[Math.ceil(known.length * 0.95) - 1] ?? 0;
      return { p95Ms, limitMs: Math.max(FLOOR_MS, TIMES * p95Ms) };
    },
    forget: (monitorId) => void times.delete(monitorId),
  };
}
