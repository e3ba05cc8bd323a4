import { PARTITIONS } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { partitionsOf } from "./rendezvous.ts";

const members = (count: number): string[] => Array.from({ length: count }, (_, index) => `member-${index}`);
const shares = (all: readonly string[]) => new Map(all.map((member) => [member, partitionsOf(member, all)]));
const every = Array.from({ length: PARTITIONS }, (_, part) => part);

describe("partitions shared by rendezvous", () => {
  test.each([1, 2, 3, 5, 9])("each partition belongs to exactly one of %d members", (count) => {
    const all = [...shares(members(count)).values()].flat();
    expect(all.toSorted((a, b) => a - b)).toEqual(every);
  });

  test("the order in which members are named means nothing", () => {
    const all = members(4);
    expect(partitionsOf("member-2", all.toReversed())).toEqual(partitionsOf("member-2", all));
  });

  test("a second member gets about half", () => {
    const counts = Array.from({ length: 50 }, (_, n) => partitionsOf(`b-${n}`, [`a-${n}`]).length);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(29);
    expect(mean).toBeLessThan(35);
    expect(Math.min(...counts)).toBeGreaterThan(16);
  });

  test("a member that goes moves only its own partitions", () => {
    const before = shares(members(4));
    const after = shares(members(3));
    for (const [member, parts] of after) expect(parts).toEqual(expect.arrayContaining([...(before.get(member) ?? [])]));
  });

  test("a process that is not entered yet counts itself", () => {
    expect(partitionsOf("alone", [])).toEqual(every);
  });
});
