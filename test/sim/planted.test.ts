import { describe, expect, test } from "@jest/globals";
import { findPlant } from "./find-plant.ts";
import known from "./planted-seeds.json" with { type: "json" };
import { PLANTS } from "./plants.ts";
import { type Outcome, simulate } from "./simulate.ts";

const WITHIN_MS = 120_000;

test("a dozen mistakes and more are planted, and of each a world is known that shows it", () => {
  expect(Object.keys(known).length).toBeGreaterThanOrEqual(12);
  expect(Object.keys(known).toSorted()).toEqual(Object.keys(PLANTS).toSorted());
});

test("these worlds are of those that keep every promise without a mistake", () => {
  // The command that runs many simulates the first 200.
  expect(Math.max(...Object.values(known))).toBeLessThanOrEqual(200);
});

describe("a planted mistake is found", () => {
  test.each(Object.entries(known))(
    "%s",
    async (name, seed) => {
      const plant = PLANTS[name];
      expect(plant).toBeDefined();
      expect((await simulate(seed, plant)).violations).not.toEqual([]);
    },
    WITHIN_MS,
  );
});

test("a world that breaks a promise without the mistake shows nothing", async () => {
  const nothing = { simulatedMs: 0, events: 0, checks: 0, lives: 0, story: [] };
  const outcome = (seed: number, broken: boolean): Promise<Outcome> =>
    Promise.resolve({ ...nothing, seed, violations: broken ? [{ rule: "one", what: "two" }] : [] });
  const found = await findPlant((seed, planted) => outcome(seed, seed === 2 || (planted && seed === 3)), 5);
  expect(found).toMatchObject({ seed: 3 });
  expect(await findPlant((seed) => outcome(seed, true), 5)).toBeUndefined();
});
