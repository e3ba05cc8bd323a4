import { expect, test } from "@jest/globals";
import { readProberVariables } from "./prober-variables.ts";

test("first checks are spread and a host is asked by a hundred at a time, unless told otherwise", () => {
  expect(readProberVariables({})).toEqual({ firstChecks: "spread", perHost: 100 });
  expect(readProberVariables({ SENTINEL_FIRST_CHECKS: "", SENTINEL_PER_HOST: "" })).toEqual(readProberVariables({}));
  expect(readProberVariables({ SENTINEL_FIRST_CHECKS: "at-once", SENTINEL_PER_HOST: "8" })).toEqual({
    firstChecks: "at-once",
    perHost: 8,
  });
});

test.each([
  ["SENTINEL_FIRST_CHECKS", "now"],
  ["SENTINEL_PER_HOST", "0"],
  ["SENTINEL_PER_HOST", "many"],
])("%s=%s is refused, with what was expected", (name, value) => {
  expect(() => readProberVariables({ [name]: value })).toThrow(
    expect.objectContaining({ code: "environment_invalid", params: expect.objectContaining({ name, value }) }),
  );
});
