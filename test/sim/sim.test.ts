import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { simulate } from "./simulate.ts";

/** Few, as the whole suite has to stay quick; the command that runs many begins with every seed that failed once. */
const FRESH = 3;
const KNOWN = 3;
const corpus: unknown = JSON.parse(await readFile(join(import.meta.dirname, "corpus.json"), "utf8"));
const known = Array.isArray(corpus) ? corpus.filter((seed) => typeof seed === "number") : [];
const fresh = Array.from({ length: FRESH }, (_, index) => 1001 + index);

test("there are seeds that failed once", () => expect(known.length).toBeGreaterThan(0));

test.each([...known.slice(0, KNOWN), ...fresh])("world %d keeps every promise, whatever breaks", async (seed) => {
  const { violations } = await simulate(seed);
  expect(violations).toEqual([]);
});

test("a seed tells the same story each time", async () => {
  const [once, again] = [await simulate(7), await simulate(7)];
  expect(again).toEqual(once);
});
