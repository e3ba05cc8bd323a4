import { expect, test } from "@jest/globals";
import { readSpoolMaxBytes } from "./spool-max-bytes.ts";

const read = (value: string | undefined): number => readSpoolMaxBytes({ SENTINEL_SPOOL_MAX_BYTES: value });

test("the spool takes 256 MB unless told otherwise", () => {
  expect([read(undefined), read(""), read("8000000")]).toEqual([256_000_000, 256_000_000, 8_000_000]);
});

test.each(["7999999", "256MB", "-1", "1e9", " 9000000"])("%j is refused by name, with what is expected", (value) => {
  expect(() => read(value)).toThrow(
    expect.objectContaining({
      code: "environment_invalid",
      params: { name: "SENTINEL_SPOOL_MAX_BYTES", value, expected: "≥ 8000000" },
    }),
  );
});
