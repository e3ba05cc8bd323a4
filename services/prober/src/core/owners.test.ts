import { expect, test } from "@jest/globals";
import { sortableId } from "@sentinel/contracts";
import { seededRandom } from "@sentinel/testkit";
import { type Candidate, ownersOf } from "./owners.ts";

const random = seededRandom(7);
const MONITORS = Array.from({ length: 4000 }, (_, i) => sortableId("mon", 1_767_225_600_000 + i, random.bytes(10)));
const among = (count: number, weight = 1): readonly Candidate[] =>
  Array.from({ length: count }, (_, i) => ({ name: `prober-${i}`, weight }));

const owner = (id: string, candidates: readonly Candidate[]): string => ownersOf(id, candidates)[0] ?? "";
const moved = (before: readonly Candidate[], after: readonly Candidate[]): number =>
  MONITORS.filter((id) => owner(id, before) !== owner(id, after)).length / MONITORS.length;

test.each([1, 2, 3, 5, 9, 15])("one that joins %i others moves at most its own part and five per cent", (count) => {
  expect(moved(among(count), among(count + 1))).toBeLessThanOrEqual(1 / (count + 1) + 0.05);
});

test.each([2, 3, 5, 9, 16])("one of %i that goes moves its own monitors, and no other", (count) => {
  const before = among(count);
  const after = before.slice(1);
  expect(moved(before, after)).toBeLessThanOrEqual(1 / count + 0.05);
  const others = MONITORS.filter((id) => owner(id, before) !== "prober-0");
  expect(others.every((id) => owner(id, before) === owner(id, after))).toBe(true);
});

test("shares are as the weights", () => {
  const candidates = [
    { name: "a", weight: 1 },
    { name: "b", weight: 1 },
    { name: "c", weight: 2 },
  ];
  const share = (name: string): number =>
    MONITORS.filter((id) => owner(id, candidates) === name).length / MONITORS.length;
  expect(Math.abs(share("c") - 0.5)).toBeLessThan(0.03);
  expect(Math.abs(share("a") - 0.25)).toBeLessThan(0.03);
});

test("the order in which probers are known makes no difference, and several owners are different ones", () => {
  for (const id of MONITORS.slice(0, 200)) {
    const three = ownersOf(id, among(5), 3);
    expect(new Set(three).size).toBe(3);
    expect(ownersOf(id, among(5).toReversed(), 3)).toEqual(three);
    // The second is who takes over when the first goes.
    expect(
      owner(
        id,
        among(5).filter(({ name }) => name !== three[0]),
      ),
    ).toBe(three[1]);
  }
});
