import { describe, expect, test } from "@jest/globals";
import { SentinelError } from "@sentinel/contracts/errors";
import { folderError, startError } from "./start-error.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe("what the file system refused", () => {
  test.each([
    ["ENOSPC", "disk_full"],
    ["EDQUOT", "disk_full"],
    ["EACCES", "data_dir_not_writable"],
    ["EROFS", "data_dir_not_writable"],
    ["ENOTDIR", "data_dir_not_writable"],
  ])("%s is %s, with the folder", (code, expected) => {
    expect(folderError(systemError(code), "/data")).toMatchObject({ code: expected, params: { dir: "/data" } });
  });

  test("anything else stays what it was", () => {
    const own = new SentinelError("data_dir_in_use", { dir: "/data", pid: "1" });
    const other = new RangeError("other");
    expect(folderError(own, "/data")).toBe(own);
    expect(folderError(other, "/data")).toBe(other);
  });
});

describe("what PostgreSQL said last", () => {
  test("about a full disk is disk_full", () => {
    const lines = ['FATAL:  could not write lock file "postmaster.pid": No space left on device', "LOG:  bye"];
    expect(startError(lines, "/data")).toMatchObject({ code: "disk_full", params: { dir: "/data" } });
  });

  test("is the reason: the last fatal line, without its label", () => {
    const lines = ["LOG:  starting", 'FATAL:  data directory "/data" has wrong ownership', "HINT:  fix it"];
    expect(startError(lines, "/data")).toMatchObject({
      code: "postgres_start_failed",
      params: { reason: 'data directory "/data" has wrong ownership' },
    });
  });

  test("is the last line when none is fatal, and said plainly when there is none", () => {
    expect(startError(["cannot load libraries"], "/data").params).toEqual({ reason: "cannot load libraries" });
    expect(startError([], "/data").params).toEqual({ reason: "nothing" });
  });
});
