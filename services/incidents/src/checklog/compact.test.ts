import { createServiceKit } from "@sentinel/service-kit";
import { VirtualClock } from "@sentinel/testkit";
import { CheckResult, Verdict } from "@sentinel/contracts";
import { expect, test } from "@jest/globals";
import { aRound, EVERY_MS, T0 } from "../core/fixtures.ts";
import { createMemoryFoldStore } from "../store/memory/memory-fold-store.ts";
import type { FoldStore } from "../store/port.ts";
import { compactOnce } from "./compact.ts";
import { HOUR_MS } from "./pack-hour.ts";

const NEVER = new AbortController().signal;

async function aStore(nowMs: number, monitors: readonly string[]) {
  const clock = new VirtualClock({ startMs: nowMs });
  const kit = { ...createServiceKit({ service: "test", env: { SENTINEL_LOG_LEVEL: "silent" } }), clock };
  const store = createMemoryFoldStore(() => clock.monotonic());
  const rounds = monitors.flatMap((monitorId) =>
    Array.from({ length: 300 }, (_, n) => aRound(T0 + n * EVERY_MS, Verdict.HEALTHY, "", { monitorId })),
  );
  const rows = rounds.map((round) => ({
    ...round,
    payload: CheckResult.encode(round).finish(),
    evidence: undefined,
  }));
  await store.transaction((tx) => tx.checks.insert(rows));
  return { kit, store, everyMsOf: () => EVERY_MS };
}

const unpacked = (store: FoldStore) =>
  store.transaction((tx) => tx.checks.packable({ beforeMs: Number.MAX_SAFE_INTEGER, afterId: "", limit: 10_000 }));

test("hours are packed five minutes after their end, all of every monitor, and the running hour is not", async () => {
  const ids = Array.from({ length: 25 }, (_, n) => `mon_${String(n).padStart(2, "0")}`);
  const deps = await aStore(T0 + 2 * HOUR_MS + 4 * 60_000, ids);
  expect(await compactOnce(deps, NEVER)).toBe(25 * 120);
  await deps.kit.clock.advance(2 * 60_000);
  expect(await compactOnce(deps, NEVER)).toBe(25 * 120);
  expect(await unpacked(deps.store)).toEqual(ids.map((monitorId) => ({ monitorId, hourMs: T0 + 2 * HOUR_MS })));
  expect(await compactOnce(deps, NEVER)).toBe(0);
});

test("hours that cannot be packed stay as they are and do not hold up the others", async () => {
  const deps = await aStore(T0 + 4 * HOUR_MS, ["mon_a", "mon_b"]);
  const damaged = { ...aRound(T0 + 1, Verdict.HEALTHY), monitorId: "mon_0", evidence: undefined };
  const rows = Array.from({ length: 10 }, (_, n) => ({
    ...damaged,
    monitorId: `mon_0${n}`,
    payload: Uint8Array.of(255),
  }));
  await deps.store.transaction((tx) => tx.checks.insert(rows));
  expect(await compactOnce(deps, NEVER)).toBe(600);
  expect((await unpacked(deps.store)).map(({ monitorId }) => monitorId)).toEqual(rows.map((row) => row.monitorId));
});

test("it ends between two transactions when the process is to stop", async () => {
  const deps = await aStore(T0 + 2 * HOUR_MS + 10 * 60_000, ["mon_a"]);
  expect(await compactOnce(deps, AbortSignal.abort())).toBe(0);
  expect(await unpacked(deps.store)).toHaveLength(1);
});
