import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { withBuildLock } from "./build-lock.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sentinel-lock-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("work under one lock never overlaps, and one that fails lets the next in", async () => {
  const file = join(folder, "a.lock");
  let inside = 0;
  let most = 0;
  const work = (fails: boolean) =>
    withBuildLock(file, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      if (fails) throw new Error("broken");
    }).catch((error: unknown) => String(error));
  expect(await Promise.all([work(true), work(false), work(false)])).toEqual(["Error: broken", undefined, undefined]);
  expect(most).toBe(1);
});

test("a lock left behind by a process that is gone is taken over", async () => {
  const file = join(folder, "b.lock");
  const gone = spawnSync(process.execPath, ["-e", "process.stdout.write(String(process.pid))"], { encoding: "utf8" });
  await writeFile(file, gone.stdout);
  expect(await withBuildLock(file, async () => "done")).toBe("done");
});
