import { describe, expect, test } from "@jest/globals";
import { countVerdicts, stripOf } from "./beats.ts";
import { beat } from "./testing/sample-views.ts";

const bars = (path: string | undefined): readonly number[] =>
  [...(path ?? "").matchAll(/M(\d+) /g)].map(([, x]) => (Number(x) - 1) / 6);

describe("the strip of the last rounds", () => {
  test("the newest round stands at the right, and missing history leaves its places at the left", () => {
    const { paths, empty, viewBox } = stripOf([beat("healthy"), beat("down")], 4);
    expect(bars(empty)).toEqual([0, 1]);
    expect(bars(paths.get("healthy"))).toEqual([2]);
    expect(bars(paths.get("down"))).toEqual([3]);
    expect(viewBox).toBe("0 0 24 22");
  });

  test("only the last rounds are shown and counted", () => {
    const beats = [beat("down"), beat("healthy"), beat("healthy"), beat("missed")];
    expect(stripOf(beats, 3).paths.has("down")).toBe(false);
    expect([...countVerdicts(beats, 3)]).toEqual([
      ["healthy", 2],
      ["missed", 1],
    ]);
  });

  test("every verdict has a height of its own, so that the strip can be read without colour", () => {
    const verdicts = ["healthy", "degraded", "down", "unknown", "missed"] as const;
    const tops = verdicts.map(
      (verdict) => /M\d+ (\d+)/.exec(stripOf([beat(verdict)], 1).paths.get(verdict) ?? "")?.[1],
    );
    expect(new Set(tops).size).toBe(verdicts.length);
  });
});
