import type { Outcome } from "./simulate.ts";

/** The first seed from 1 that shows the planted mistake; undefined when none of `most` does. */
export async function findPlant(
  simulate: (seed: number) => Promise<Outcome>,
  most: number,
): Promise<Outcome | undefined> {
  for (let seed = 1; seed <= most; seed += 1) {
    const outcome = await simulate(seed);
    if (outcome.violations.length > 0) return outcome;
  }
  return undefined;
}
