import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
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
  const file = join(folder, "a");
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
  const file = join(folder, "b");
  const gone = spawnSync(process.execPath, ["-e", "process.stdout.write(String(process.pid))"], { encoding: "utf8" });
  await mkdir(file);
  await writeFile(join(file, "owner"), `${gone.stdout} 1 of-a-life-before\n`);
  expect(await withBuildLock(file, async () => "done")).toBe("done");
  expect(await readdir(file)).toEqual([]);
});

test("two processes that find the lock of one that is gone work one after the other", async () => {
  const file = join(folder, "c");
  await mkdir(file);
  await writeFile(join(file, "owner"), "1999999999 1 of-a-life-before\n");
  const script = `
    import { mkdirSync, rmdirSync } from "node:fs";
    import { withBuildLock } from ${JSON.stringify(new URL("./build-lock.ts", import.meta.url).href)};
    const inside = ${JSON.stringify(join(folder, "inside"))};
    for (let round = 0; round < 5; round += 1) {
      await withBuildLock(${JSON.stringify(file)}, async () => {
        mkdirSync(inside);
        await new Promise((resolve) => setTimeout(resolve, 20));
        rmdirSync(inside);
      });
    }`;
  const ended = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise<number | null>((resolve) =>
          spawn(process.execPath, ["--input-type=module", "-e", script]).once("close", resolve),
        ),
    ),
  );
  expect(ended).toEqual([0, 0, 0]);
}, 60_000);
