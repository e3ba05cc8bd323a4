import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { makePlan } from "./plan.ts";
import { simulate } from "./simulate.ts";

/** Few and short ones, as the whole suite has to stay quick; the command that runs many has all of them. */
const EACH = 2;
const SHORT_MS = 1_200_000;
const isShort = (seed: number): boolean => makePlan(seed).forMs < SHORT_MS;
const corpus: unknown = JSON.parse(await readFile(join(import.meta.dirname, "corpus.json"), "utf8"));
const known = Array.isArray(corpus) ? corpus.filter((seed) => typeof seed === "number") : [];
const fresh = Array.from({ length: 100 }, (_, index) => 1001 + index);

test("there are seeds that failed once", () => expect(known.length).toBeGreaterThan(0));

test.each([...known.filter(isShort).slice(0, EACH), ...fresh.filter(isShort).slice(0, EACH)])(
  "world %d keeps every promise, whatever breaks",
  async (seed) => {
    const { violations } = await simulate(seed);
    expect(violations).toEqual([]);
  },
);

test("a seed tells the same story each time", async () => {
  const [once, again] = [await simulate(7), await simulate(7)];
  expect(again).toEqual(once);
});
