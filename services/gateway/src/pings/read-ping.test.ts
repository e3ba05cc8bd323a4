import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { readPing, readRunId } from "./read-ping.ts";

const TOKEN = "5f0e8a3e-6b54-4b8c-9d3a-0d0c1d9e7a11";

const short = (path: string): string => {
  const { token, slug, kind, exitCode } = readPing(path.split("/"));
  return [token === TOKEN ? "token" : token, slug, kind.replace("PING_KIND_", ""), exitCode].join(" ").trim();
};

describe("what follows /ping/", () => {
  test.each([
    [TOKEN, "token  SUCCESS"],
    [`${TOKEN}/start`, "token  START"],
    [`${TOKEN}/fail`, "token  FAIL"],
    [`${TOKEN}/log`, "token  LOG"],
    [`${TOKEN}/0`, "token  SUCCESS"],
    [`${TOKEN}/17`, "token  FAIL 17"],
    [`${TOKEN}/255`, "token  FAIL 255"],
    ["key/nightly-backup", "key nightly-backup SUCCESS"],
    ["key/nightly-backup/start", "key nightly-backup START"],
    ["key/nightly-backup/3", "key nightly-backup FAIL 3"],
    ["key/2026", "key 2026 SUCCESS"],
    ["otherToken/fail", "otherToken  FAIL"],
  ])("%s is %s", (path, read) => {
    expect(short(path)).toBe(read);
  });

  test.each([`${TOKEN}/256`, `${TOKEN}/stop`, `${TOKEN}/-1`, "key/slug/constructor", "key/slug/1.5"])(
    "%s is refused",
    (path) => {
      expect(() => short(path)).toThrow(expect.objectContaining({ code: "ping_malformed" }));
    },
  );

  test("anything else is read or refused, never misread as another error", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (parts) => {
        try {
          readPing(parts);
        } catch (error) {
          expect(error).toMatchObject({ code: "ping_malformed" });
        }
      }),
    );
  });
});

test("a run is named by a UUID or not at all", () => {
  expect(readRunId(undefined)).toBe("");
  expect(readRunId(TOKEN.toUpperCase())).toBe(TOKEN);
  expect(() => readRunId("7")).toThrow(expect.objectContaining({ code: "ping_malformed" }));
});
