import { describe, expect, test } from "@jest/globals";
import { findPlant } from "./find-plant.ts";
import { PLANTS } from "./plants.ts";
import { simulate } from "./simulate.ts";

/** Shown by one of the first worlds; the others take longer, and the command that runs many worlds tries them all. */
const QUICK: readonly string[] = [
  "rows that were there already are folded again",
  "results leave the spool as soon as they are in it",
  "a claim is given to whoever asks, and a repair that runs may be started",
  "a wake-up is sent twice",
  "an incident recovers while its repair runs",
  "the try is not recorded before the message is sent",
  "what is opened or mended is counted twice",
];

test("a dozen mistakes and more are planted", () => expect(Object.keys(PLANTS).length).toBeGreaterThanOrEqual(12));

describe("a planted mistake is found", () => {
  test.each(QUICK)("%s", async (name) => {
    const plant = PLANTS[name];
    expect(plant).toBeDefined();
    if (plant !== undefined) expect(await findPlant((seed) => simulate(seed, plant), 3)).toBeDefined();
  });
});
