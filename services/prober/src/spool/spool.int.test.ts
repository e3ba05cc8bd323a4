import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { CheckResult, Verdict } from "@sentinel/contracts";
import { openSpool as open, type Spool, type Spooled } from "./spool.ts";

const T0 = Date.UTC(2026, 0, 1);
const folders: string[] = [];
const opened: Spool[] = [];
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spool-"));
  folders.push(folder);
});
afterAll(async () => {
  for (const each of folders) await rm(each, { recursive: true, force: true });
  // Those that were "killed" still hold a file; their folder is gone, so ending them fails.
  await Promise.allSettled(opened.map((spool) => spool.close()));
});

async function openSpool(where: string): Promise<Spool> {
  const spool = await open(where);
  opened.push(spool);
  return spool;
}

const result = (n: number, change: Partial<CheckResult> = {}): CheckResult => ({
  ...CheckResult.fromPartial({ monitorId: "mon_1", region: "local", prober: "p1" }),
  verdict: Verdict.HEALTHY,
  slotMs: T0 + n,
  ...change,
});
const slots = (entries: readonly Spooled[]): readonly number[] =>
  entries.map((entry) => CheckResult.decode(entry.bytes).slotMs - T0);
const segments = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(".spool")).toSorted();
const appendAll = (spool: Spool, results: readonly CheckResult[]): Promise<Spooled[]> =>
  Promise.all(results.map((each) => spool.append(each)));
const upTo = (count: number, change: Partial<CheckResult> = {}): CheckResult[] =>
  Array.from({ length: count }, (_, n) => result(n + 1, change));
const big = { reason: "x".repeat(100_000) };

describe("what was appended", () => {
  test("is there again after a clean end, in order, with its subject and partition", async () => {
    const spool = await openSpool(folder);
    const [first] = await appendAll(spool, upTo(3));
    expect(spool.size()).toBe(3);
    await spool.close();
    const again = await openSpool(folder);
    expect(slots(again.left)).toEqual([1, 2, 3]);
    expect(again.left[0]).toMatchObject({
      id: `mon_1:local:${T0 + 1}`,
      subject: first?.subject,
      part: first?.part,
      ack: undefined,
    });
    expect(again.lastSlots.get("mon_1")?.inTurnMs).toBe(T0 + 3);
    await again.close();
  });

  test("is on disk as soon as it is said to be: kill -9 at any moment loses nothing of it", async () => {
    const script = `
      import { CheckResult } from "@sentinel/contracts";
      import { openSpool } from ${JSON.stringify(new URL("./spool.ts", import.meta.url).href)};
      const spool = await openSpool(${JSON.stringify(folder)});
      const loop = async (monitorId) => {
        for (let slotMs = 1; ; slotMs += 1) {
          const entry = await spool.append(CheckResult.fromPartial({ monitorId, region: "local", slotMs }));
          process.stdout.write(entry.id + "\\n");
        }
      };
      await Promise.all(["mon_a", "mon_b", "mon_c"].map(loop));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (said.length === 200) child.kill("SIGKILL");
    }
    await exited;
    const spool = await openSpool(folder);
    const found = new Set(spool.left.map((entry) => entry.id));
    expect(said.length).toBeGreaterThanOrEqual(200);
    expect(said.filter((id) => !found.has(id))).toEqual([]);
    await spool.close();
  });

  test("is found again though a write before it broke off half way", async () => {
    const script = `
      import { CheckResult } from "@sentinel/contracts";
      import { openSpool } from ${JSON.stringify(new URL("./spool.ts", import.meta.url).href)};
      const spool = await openSpool(${JSON.stringify(folder)});
      for (let slotMs = 1; slotMs <= 12; slotMs += 1) {
        const result = CheckResult.fromPartial({ monitorId: "mon_a", slotMs, reason: "x".repeat(40_000) });
        await spool.append(result).then(
          (entry) => process.stdout.write("kept " + entry.id + "\\n"),
          (error) => process.stdout.write("failed " + error.code + "\\n"),
        );
      }
      process.kill(process.pid, "SIGKILL");`;
    // No file may pass 100 kB here, so that a write fails in the middle, as on a disk that is full for a moment.
    const limited = `trap "" XFSZ; ulimit -f 200; exec "$0" --input-type=module -e "$1"`;
    const child = spawn("sh", ["-c", limited, process.execPath, script], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) said.push(line);
    await exited;
    expect(said.filter((line) => line === "failed EFBIG").length).toBeGreaterThan(1);
    const spool = await openSpool(folder);
    expect(said.filter((line) => line.startsWith("kept"))).toEqual(spool.left.map((entry) => `kept ${entry.id}`));
    expect(spool.left.length).toBeGreaterThan(6);
  });

  test("counts once when it is appended twice, and both copies go when it is released", async () => {
    const spool = await openSpool(folder);
    await spool.append(result(1, big));
    const second = await spool.append(result(1, big));
    expect(spool.size()).toBe(1);
    await spool.release([second]);
    expect(spool.size()).toBe(0);
    await spool.close();
    expect(await segments()).toEqual([]);
  });
});

describe("a damaged end", () => {
  test.each([
    ["half a head", Buffer.from([9, 0, 0])],
    ["a record cut short", Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5, 6])],
    ["a record whose sum is wrong", Buffer.from([2, 0, 0, 0, 1, 2, 3, 4, 5, 6])],
    ["zeros the system left", Buffer.alloc(4096)],
  ])("%s is passed over, and nothing before it or after the restart is lost", async (_what, tail) => {
    const spool = await openSpool(folder);
    await appendAll(spool, upTo(2));
    const [name = ""] = await segments();
    await appendFile(join(folder, name), tail);
    // Killed here: nothing was closed.
    const again = await openSpool(folder);
    expect(slots(again.left)).toEqual([1, 2]);
    await again.append(result(3));
    const third = await openSpool(folder);
    expect(slots(third.left)).toEqual([1, 2, 3]);
  });

  test("of the list of slots costs the record of a gap, never a result", async () => {
    const spool = await openSpool(folder);
    await appendAll(spool, upTo(2));
    await spool.close();
    await writeFile(join(folder, "last-slots.json"), '{"mon_1": 17');
    const again = await openSpool(folder);
    expect(slots(again.left)).toEqual([1, 2]);
    expect(again.lastSlots.get("mon_1")?.inTurnMs).toBe(T0 + 2);
    await again.close();
  });
});

describe("what was released", () => {
  test("is gone after the next start, and what was not is still there", async () => {
    const spool = await openSpool(folder);
    const entries = await appendAll(spool, upTo(5));
    await spool.release(entries.filter((_, n) => n !== 3));
    expect(spool.size()).toBe(1);
    await spool.close();
    const again = await openSpool(folder);
    expect(slots(again.left)).toEqual([4]);
    await again.release(again.left);
    await again.close();
    expect(await segments()).toEqual([]);
    expect((await openSpool(folder)).left).toEqual([]);
  });

  test("gives its segment back as soon as nothing in it is waited for", async () => {
    const spool = await openSpool(folder);
    const first = await appendAll(spool, upTo(3, big));
    const [name = ""] = await segments();
    await spool.release(first);
    const next = await spool.append(result(9));
    await spool.release([]);
    expect(await segments()).not.toContain(name);
    expect((await segments()).length).toBe(1);
    const killed = await openSpool(folder);
    expect(killed.left.map((entry) => entry.id)).toEqual([next.id]);
    expect(killed.lastSlots.get("mon_1")?.inTurnMs).toBe(T0 + 9);
  });

  test("keeps a full segment while one result in it is waited for", async () => {
    const spool = await openSpool(folder);
    const entries: Spooled[] = [];
    for (const each of upTo(45, big)) entries.push(await spool.append(each));
    expect((await segments()).length).toBe(2);
    const [kept, ...others] = entries;
    await spool.release(others);
    expect((await segments()).length).toBe(2);
    await spool.release(kept === undefined ? [] : [kept]);
    expect((await segments()).length).toBe(1);
    await spool.close();
  });

  test("leaves the newest slot of each monitor known, also of missed ones, and apart from rounds out of turn", async () => {
    const spool = await openSpool(folder);
    const entries = await appendAll(spool, [
      result(5),
      result(3),
      result(7, { onDemand: true }),
      result(1, { monitorId: "mon_2", verdict: Verdict.MISSED, missedSlots: 4, missedUntilMs: T0 + 40 }),
    ]);
    await spool.release(entries);
    await spool.close();
    const again = await openSpool(folder);
    expect(Object.fromEntries(again.lastSlots)).toEqual({
      mon_1: { newestMs: T0 + 7, inTurnMs: T0 + 5 },
      mon_2: { newestMs: T0 + 40, inTurnMs: T0 + 40 },
    });
    expect(JSON.parse(await readFile(join(folder, "last-slots.json"), "utf8"))).toEqual({
      mon_1: [T0 + 7, T0 + 5],
      mon_2: T0 + 40,
    });
  });
});
