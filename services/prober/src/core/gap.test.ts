import { expect, test } from "@jest/globals";
import { ProberBeat } from "@sentinel/contracts";
import { gapOf } from "./gap.ts";
import { ownersOf } from "./owners.ts";

const NOW = 1_800_000_000_000;
const TIMEOUT_MS = 10_000;
const GONE_MS = 4500;
const beat = (name: string, agoMs: number, draining = false): ProberBeat =>
  ProberBeat.fromPartial({ region: "eu", name, weight: 1, draining, atMs: NOW - agoMs });
const gap = (before: readonly ProberBeat[], lastMs: number, id = "m") =>
  gapOf({ id, lastMs, timeoutMs: TIMEOUT_MS, before, name: "p1", owners: 1, goneMs: GONE_MS, nowMs: NOW });
/** A monitor that this one of the two has. */
const idOf = (name: string): string => {
  const both = ["p1", "p2"].map((each) => ({ name: each, weight: 1 }));
  const found = Array.from({ length: 100 }, (_, i) => `m${i}`).find((id) => ownersOf(id, both)[0] === name);
  if (found === undefined) throw new Error("one of a hundred is of each");
  return found;
};

test("the only prober of its region knows exactly which slots it left out", () => {
  expect(gap([beat("p1", 60_000)], NOW - 70_000)).toEqual({ fromMs: NOW - 70_000, untilMs: NOW });
  expect(gap([beat("p1", 60_000, true)], NOW - 70_000)).toEqual({ fromMs: NOW - 70_000, untilMs: NOW });
  expect(gap([], 0)).toBeUndefined();
});

test("while others were there, nothing is missing once they had noticed", () => {
  const before = [beat("p1", 60_000), beat("p2", 1000)];
  expect(gap(before, NOW - 70_000)).toEqual({ fromMs: NOW - 70_000, untilMs: NOW - 60_000 + GONE_MS });
  // What another had meanwhile is not this one's to tell.
  expect(gap(before, NOW - 3_600_000)?.fromMs).toBe(NOW - 60_000 - TIMEOUT_MS);
  expect(gap([beat("p1", 60_000, true), beat("p2", 1000)], NOW - 70_000)).toBeUndefined();
  expect(gap([beat("p2", 1000)], 0)).toBeUndefined();
});

test("where all were gone, the slots of another are missing from what it said last, and one's own from what is known", () => {
  const before = [beat("p1", 60_000), beat("p2", 59_000)];
  expect(gap(before, NOW - 75_000, idOf("p1"))).toEqual({ fromMs: NOW - 75_000, untilMs: NOW });
  expect(gap(before, NOW - 3_600_000, idOf("p2"))).toEqual({
    fromMs: NOW - 59_000 - GONE_MS - TIMEOUT_MS,
    untilMs: NOW,
  });
});

test("where this one had left before the others went, they had its monitors", () => {
  const before = [beat("p1", 3_600_000), beat("p2", 60_000)];
  const fromMs = NOW - 60_000 - GONE_MS - TIMEOUT_MS;
  expect(gap(before, NOW - 3_600_000, idOf("p1"))).toEqual({ fromMs, untilMs: NOW });
});
