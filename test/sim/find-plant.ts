import type { Violation } from "./invariants.ts";
import { simulate } from "./simulate.ts";
import type { Plant } from "./world.ts";

/** The first seed that shows the planted bug, and what it shows; undefined when none of `most` does. */
export async function findPlant(
  plant: Plant,
  most: number,
): Promise<{ readonly seed: number; readonly violation: Violation } | undefined> {
  for (let seed = 1; seed <= most; seed += 1) {
    const [violation] = (await simulate(seed, plant)).violations;
    if (violation !== undefined) return { seed, violation };
  }
  return undefined;
}
