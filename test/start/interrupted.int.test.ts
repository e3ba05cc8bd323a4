import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Sentinel, until } from "../harness/sentinel.ts";
import { ended, GUARD_MS, postgresGone } from "./support.ts";

const CLEAN = { code: 0, signal: null };

let sentinel: Sentinel;
beforeEach(async () => {
  sentinel = await Sentinel.create();
  sentinel.start();
});
afterEach(() => sentinel.remove(), GUARD_MS);

describe("a start that is asked to stop", () => {
  const moments: readonly (readonly [when: string, reached: () => Promise<unknown>])[] = [
    ["as soon as it says its name", async () => sentinel.output.includes("Sentinel ")],
    [
      "while the database is made",
      async () => (await postgresFiles()).some((file) => /^cluster-\w+\/data\/base/.test(file)),
    ],
    ["when the database is there", async () => sentinel.output.includes("database is ready")],
  ];
  test.each(moments)(
    "%s ends as asked, leaves no PostgreSQL, and the next start is whole",
    async (when, reached) => {
      await until(when, async () => ((await reached()) === true ? true : undefined), GUARD_MS);
      sentinel.kill("SIGINT");
      expect(await ended(sentinel)).toEqual(CLEAN);
      expect(sentinel.stderr).toBe("");
      await postgresGone(sentinel);
      sentinel.start();
      await sentinel.ready(GUARD_MS);
    },
    2 * GUARD_MS,
  );

  const postgresFiles = (): Promise<string[]> =>
    readdir(join(sentinel.folder, "data/postgres"), { recursive: true }).catch((): string[] => []);
});
