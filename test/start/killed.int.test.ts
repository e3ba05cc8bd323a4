import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { Sentinel } from "../harness/sentinel.ts";
import { ended, GUARD_MS, monitorNames } from "./support.ts";

const YAML = 'monitors: {shop: {endpoints: ["http://127.0.0.1:9/"], every: 10m}}\n';

let sentinel: Sentinel;
afterEach(() => sentinel.remove(), GUARD_MS);

const files = (): Promise<string[]> =>
  readdir(join(sentinel.folder, "data/postgres"), { recursive: true }).catch((): string[] => []);

const moments: readonly (readonly [when: string, reached: () => Promise<boolean>])[] = [
  ["when the making of the database is noted", async () => (await files()).includes("initialising")],
  [
    "while the database is made",
    async () => (await files()).some((name) => /^cluster-\w+\/data\/base\/1\/\d/.test(name)),
  ],
  ["while the database starts", async () => (await files()).some((name) => name === "cluster/data/postmaster.pid")],
  ["when the schema is there", async () => sentinel.output.includes("The database is ready")],
  ["when it says that it runs", async () => sentinel.output.includes("Sentinel is running")],
];

test(
  "kill -9 in the middle of the first start, five times, each time further on: a normal start then is whole",
  async () => {
    sentinel = await Sentinel.create({ config: YAML });
    for (const [when, reached] of moments) {
      sentinel.output = "";
      sentinel.start();
      // Asked without a pause, for the moment may be short; a start that passed it shows by saying that it runs.
      while (!(await reached()) && !sentinel.output.includes("Sentinel is running")) await new Promise(setImmediate);
      expect(sentinel.exitCode).toBeUndefined();
      sentinel.kill("SIGKILL");
      expect([when, await ended(sentinel), sentinel.stderr]).toEqual([when, { code: null, signal: "SIGKILL" }, ""]);
    }
    sentinel.start();
    await sentinel.ready(GUARD_MS);
    expect(await monitorNames(sentinel)).toEqual(["shop"]);
    const left = await readdir(join(sentinel.folder, "data/postgres"));
    expect(left.filter((name) => name !== "cluster")).toEqual(["owner"]);
  },
  3 * GUARD_MS,
);
