import type { Outcome } from "./simulate.ts";

/**
 * The first seed from 1 that shows a planted mistake; undefined when none of `most` does. A world in which a promise is
 * broken without the mistake as well shows nothing.
 */
export async function findPlant(
  simulate: (seed: number, planted: boolean) => Promise<Outcome>,
  most: number,
): Promise<Outcome | undefined> {
  for (let seed = 1; seed <= most; seed += 1) {
    const outcome = await simulate(seed, true);
    if (outcome.violations.length > 0 && (await simulate(seed, false)).violations.length === 0) return outcome;
  }
  return undefined;
}
