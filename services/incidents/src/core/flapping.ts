import { type Beat, Verdict } from "@sentinel/contracts";

/** Rounds that are looked at. */
export const FLAPPING_ROUNDS = 20;
const START_PERCENT = 30;
const STOP_PERCENT = 25;
const OLDEST_WEIGHT = 0.8;
const NEWEST_WEIGHT = 1.2;

export interface Changes {
  /** Rounds in which it began or ceased to work. */
  readonly count: number;
  /** The same by weight, newer ones more, in per cent of all rounds looked at. */
  readonly percent: number;
}

const isFailing = ({ verdict }: Pick<Beat, "verdict">): boolean =>
  verdict === Verdict.DOWN || verdict === Verdict.DEGRADED;

const isJudged = (beat: Pick<Beat, "verdict">): boolean => isFailing(beat) || beat.verdict === Verdict.HEALTHY;

/**
 * How much a service changed between working and failing within its last 20 judged rounds; degraded or down makes no
 * difference. Where there were fewer rounds, the others count as without a change.
 */
export function changesOf(beats: readonly Pick<Beat, "verdict">[]): Changes {
  const failing = beats.filter(isJudged).slice(-FLAPPING_ROUNDS).map(isFailing);
  let count = 0;
  let weight = 0;
  for (let age = 1; age < failing.length; age += 1) {
    const index = failing.length - age;
    if (failing[index] === failing[index - 1]) continue;
    count += 1;
    weight += NEWEST_WEIGHT - ((NEWEST_WEIGHT - OLDEST_WEIGHT) * (age - 1)) / (FLAPPING_ROUNDS - 2);
  }
  return { count, percent: (100 * weight) / FLAPPING_ROUNDS };
}

/** It goes up and down: at least 30 % of its rounds are changes. */
export const startsFlapping = (beats: readonly Pick<Beat, "verdict">[]): boolean =>
  changesOf(beats).percent >= START_PERCENT;

/** Steady again: fewer than 25 %. Between the two it stays what it was. */
export const isSteady = (beats: readonly Pick<Beat, "verdict">[]): boolean => changesOf(beats).percent < STOP_PERCENT;

/** Good rounds in a row after which it counts as steady, if nothing else comes between; at least `least`. */
export function roundsUntilSteady(beats: readonly Pick<Beat, "verdict">[], least: number): number {
  const ahead = [...beats];
  let rounds = 0;
  do {
    ahead.push({ verdict: Verdict.HEALTHY });
    rounds += 1;
  } while (rounds < least || !isSteady(ahead));
  return rounds;
}
