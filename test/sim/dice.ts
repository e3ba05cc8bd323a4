import type { Random } from "@sentinel/service-kit";
import { seededRandom } from "@sentinel/testkit";

/** Seeded chance, in the words that plans and faults use. */
export interface Dice extends Random {
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Dice of their own, so that more throws here change nothing there. */
  fork(): Dice;
}

export function createDice(seed: number): Dice {
  const random = seededRandom(seed);
  const between = (from: number, to: number): number => from + Math.floor(random.next() * (to - from + 1));
  return {
    ...random,
    between,
    chance: (probability) => random.next() < probability,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    fork: () => createDice(between(0, 2 ** 31)),
  };
}
