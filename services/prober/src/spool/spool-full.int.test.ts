import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { CheckResult, Verdict } from "@sentinel/contracts";
import { openSpool, type Overflow, type Spool, type Spooled } from "./spool.ts";

const MAX_BYTES = 80_000;
const folders: string[] = [];
const killed: Spool[] = [];
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spool-full-"));
  folders.push(folder);
});
afterAll(async () => {
  for (const each of folders) await rm(each, { recursive: true, force: true });
  // It still holds a file; its folder is gone, so ending it fails.
  await Promise.allSettled(killed.map((spool) => spool.close()));
});

const result = (slotMs: number, monitorId = "mon_1"): CheckResult => ({
  ...CheckResult.fromPartial({ monitorId, region: "local", prober: "p1", reason: "x".repeat(1000) }),
  verdict: Verdict.DOWN,
  slotMs,
});
const decoded = (entries: readonly Spooled[]): readonly CheckResult[] =>
  entries.map((entry) => CheckResult.decode(entry.bytes));
const onDisk = async (): Promise<number> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".spool"));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};
/** Every slot that the entries speak of, and by which verdict. */
const slotsOf = (results: readonly CheckResult[]) => ({
  missed: results.filter(({ reason }) => reason === "spool_full").reduce((sum, each) => sum + each.missedSlots, 0),
  kept: results.filter(({ verdict }) => verdict === Verdict.DOWN).map(({ slotMs }) => slotMs),
});
async function fill(spool: Spool, from: number, count: number): Promise<readonly Spooled[]> {
  const appended: Spooled[] = [];
  for (let slot = from; slot < from + count; slot += 1) appended.push(await spool.append(result(slot)));
  return appended;
}

describe("a full spool", () => {
  test("stays within its size, loses the oldest first, and each slot it lost is on record, after a restart too", async () => {
    const spool = await openSpool(folder, { maxBytes: MAX_BYTES });
    const overflows: Overflow[] = [];
    spool.onOverflow?.((overflow) => overflows.push(overflow));
    await fill(spool, 1, 300);
    expect(await onDisk()).toBeLessThanOrEqual(MAX_BYTES);
    expect(spool.bytes?.()).toBe(await onDisk());
    const told = decoded(overflows.flatMap(({ missed }) => missed));
    expect(told[0]).toMatchObject({ verdict: Verdict.MISSED, reason: "spool_full", slotMs: 1, monitorId: "mon_1" });

    killed.push(spool);
    const again = await openSpool(folder, { maxBytes: MAX_BYTES });
    const { missed, kept } = slotsOf(decoded(again.left));
    expect(missed + kept.length).toBe(300);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => 301 - kept.length + n));
    expect(kept.length).toBeGreaterThan(40);
    expect(again.lastSlots.get("mon_1")?.inTurnMs).toBe(300);
    await again.close();
  });

  test("may not send what it gives up, and calls missed what may be on its way only in its own name", async () => {
    const spool = await openSpool(folder, { maxBytes: MAX_BYTES });
    const overflows: Overflow[] = [];
    spool.onOverflow?.((overflow) => overflows.push(overflow));
    const first = await fill(spool, 1, 5);
    for (const entry of first.slice(0, 3)) entry.sent = true;
    await fill(spool, 6, 80);
    const [overflow] = overflows;
    expect(overflow?.dropped.every(({ dropped }) => dropped)).toBe(true);
    const slots = decoded(overflow?.missed ?? []).map(({ slotMs, missedSlots }) => [slotMs, missedSlots > 1]);
    expect(slots).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ]);
    expect(overflow?.missed.slice(0, 3).map(({ id }) => id)).toEqual(first.slice(0, 3).map(({ id }) => id));
    await spool.close();
  });

  test("has room again as soon as the fold confirms, and then loses nothing", async () => {
    const spool = await openSpool(folder, { maxBytes: MAX_BYTES });
    let overflows = 0;
    spool.onOverflow?.(() => (overflows += 1));
    for (let round = 0; round < 10; round += 1) await spool.release(await fill(spool, round * 40, 40));
    expect([overflows, spool.size()]).toEqual([0, 0]);
    await spool.close();
    expect(await onDisk()).toBe(0);
  });
});
