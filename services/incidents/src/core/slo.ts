import type { Slo, SloStatus } from "@sentinel/contracts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * How fast is too fast, after "Alerting on SLOs" in The Site Reliability Workbook (Google, chapter 5): 2 % of the budget of
 * 30 days within an hour, or 5 % within six. The short window shows that it still goes on, so that an alert ends soon.
 */
export const BURN_WINDOWS = {
  fast: { burn: 14.4, longMs: HOUR_MS, shortMs: 5 * MINUTE_MS },
  slow: { burn: 6, longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS },
} as const;

export type BurnSpeed = keyof typeof BURN_WINDOWS;

/** For how long a monitor was down within a span that ends now, in milliseconds. */
export type DownWithin = (spanMs: number) => number;

/** The share of time that may be down. */
const allowed = ({ target }: Pick<Slo, "target">): number => 1 - target / 100;

/**
 * How many times faster than the objective allows the budget was used up. It is measured against the whole span, so that
 * a monitor that was made a moment ago does not seem to have failed for all of it.
 */
export const burnRate = (slo: Pick<Slo, "target">, downMs: number, spanMs: number): number =>
  downMs / spanMs / allowed(slo);

/** How fast the budget is being used up too fast, if it is: the long window says it matters, the short one that it goes on. */
export function burnSpeed(slo: Pick<Slo, "target">, downWithin: DownWithin): BurnSpeed | undefined {
  const burns = (speed: BurnSpeed): boolean => {
    const { burn, longMs, shortMs } = BURN_WINDOWS[speed];
    return [longMs, shortMs].every((spanMs) => burnRate(slo, downWithin(spanMs), spanMs) >= burn);
  };
  if (burns("fast")) return "fast";
  return burns("slow") ? "slow" : undefined;
}

/** How an objective is kept; `known` is the time by verdict over its whole window. */
export function sloStatus(
  slo: Slo,
  known: { readonly upMs: number; readonly downMs: number },
  downWithin: DownWithin,
  atMs: number,
): SloStatus {
  const knownMs = known.upMs + known.downMs;
  const { fast, slow } = BURN_WINDOWS;
  return {
    budgetLeft: knownMs === 0 ? undefined : 100 * (1 - burnRate(slo, known.downMs, slo.windowMs)),
    uptime: knownMs === 0 ? -1 : (100 * known.upMs) / knownMs,
    burn1h: burnRate(slo, downWithin(fast.longMs), fast.longMs),
    burn6h: burnRate(slo, downWithin(slow.longMs), slow.longMs),
    atMs,
  };
}
