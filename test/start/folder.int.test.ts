import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { Sentinel } from "../harness/sentinel.ts";
import { GUARD_MS, monitorNames, startAndEnd, told } from "./support.ts";

const root = join(import.meta.dirname, "../..");
const NOBODY = { uid: 65_534, gid: 65_534 };
const asRoot = process.getuid?.() === 0;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
}, GUARD_MS);

/** Says why a test cannot be made here; it then counts as passed only where the system denies what it needs. */
function cannot(reason: string): void {
  process.stdout.write(`not tried here: ${reason}\n`);
}

test("a data folder that this account cannot write is one sentence, and nothing changes in it", async () => {
  if (asRoot && spawnSync(process.execPath, [join(root, "cli/src/main.ts"), "--version"], NOBODY).status !== 0) {
    return cannot("this checkout is closed to other accounts, and root can write everywhere");
  }
  const sentinel = await Sentinel.create(asRoot ? { account: NOBODY } : {});
  const dir = join(sentinel.folder, "data");
  await chmod(sentinel.folder, 0o755);
  await mkdir(dir, { mode: 0o555 });
  undo.push(() => rm(sentinel.folder, { recursive: true }));
  expect(await startAndEnd(sentinel)).toEqual({
    code: 1,
    stderr: told("data_dir_not_writable", { dir, reason: "EACCES" }),
  });
  expect(await readdir(dir)).toEqual([]);
});

test("a data folder that cannot be made is one sentence", async () => {
  const sentinel = await Sentinel.create();
  undo.push(() => rm(sentinel.folder, { recursive: true }));
  const dir = join(sentinel.folder, "data");
  await writeFile(dir, "a file");
  expect(await startAndEnd(sentinel)).toEqual({
    code: 1,
    stderr: told("data_dir_not_writable", { dir, reason: "EEXIST" }),
  });
});

test(
  "no space is one sentence, wherever it runs out, and with space the next start is ready",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sentinel-full-"));
    await chmod(folder, 0o755);
    undo.push(() => rm(folder, { recursive: true }));
    const mount = (...args: string[]) => spawnSync("mount", [...args, folder], { encoding: "utf8" });
    if (mount("-t", "tmpfs", "-o", "size=64k,mode=0711", "tmpfs").status !== 0) {
      return cannot("mounting a small file system needs more rights than this account has");
    }
    undo.push(() => spawnSync("umount", [folder]));
    const sentinel = await Sentinel.create({
      folder,
      config: 'monitors: {kept: {endpoints: ["http://127.0.0.1:9/"], every: 10m}}\n',
    });
    undo.push(() => sentinel.stop());
    const full = told("disk_full", { dir: join(folder, "data/postgres") });
    // Before the database is begun, and in the middle of making it.
    for (const size of ["64k", "16m"]) {
      mount("-o", `remount,size=${size}`);
      expect(await startAndEnd(sentinel)).toEqual({ code: 1, stderr: full });
    }
    mount("-o", "remount,size=80m");
    sentinel.start();
    await sentinel.ready(GUARD_MS);
    await sentinel.stop();
    // When it is there, and there is no room for anything new.
    const filler = join(folder, "filler");
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]);
    expect(await startAndEnd(sentinel)).toEqual({ code: 1, stderr: full });
    await rm(filler);
    sentinel.start();
    await sentinel.ready(GUARD_MS);
    expect(await monitorNames(sentinel)).toEqual(["kept"]);
  },
  3 * GUARD_MS,
);
