import { createServiceKit } from "@sentinel/service-kit";
import { VirtualClock } from "@sentinel/testkit";
import { Verdict } from "@sentinel/contracts";
import { expect, test } from "@jest/globals";
import { aRound, EVERY_MS, T0 } from "../core/fixtures.ts";
import { createMemoryFoldStore } from "../store/memory/memory-fold-store.ts";
import type { FoldStore } from "../store/port.ts";
import { compactOnce } from "./compact.ts";
import { HOUR_MS } from "./spans.ts";

const NEVER = new AbortController().signal;

async function aStore(nowMs: number, monitors: readonly string[]) {
  const clock = new VirtualClock({ startMs: nowMs });
  const kit = { ...createServiceKit({ service: "test", env: { SENTINEL_LOG_LEVEL: "silent" } }), clock };
  const store = createMemoryFoldStore(() => clock.monotonic());
  const rounds = monitors.flatMap((monitorId) =>
    Array.from({ length: 300 }, (_, n) => aRound(T0 + n * EVERY_MS, Verdict.HEALTHY, "", { monitorId })),
  );
  await store.transaction((tx) => tx.checks.insert(rounds));
  return { kit, store, everyMsOf: () => EVERY_MS };
}

const unpacked = (store: FoldStore) => store.transaction((tx) => tx.checks.unpackedHours(Number.MAX_SAFE_INTEGER));

test("hours are packed five minutes after their end, all of every monitor, and the running hour is not", async () => {
  const ids = Array.from({ length: 25 }, (_, n) => `mon_${String(n).padStart(2, "0")}`);
  const deps = await aStore(T0 + 2 * HOUR_MS + 4 * 60_000, ids);
  expect(await compactOnce(deps, NEVER)).toBe(25 * 120);
  await deps.kit.clock.advance(2 * 60_000);
  expect(await compactOnce(deps, NEVER)).toBe(25 * 120);
  expect(await unpacked(deps.store)).toEqual([T0 + 2 * HOUR_MS]);
  expect(await compactOnce(deps, NEVER)).toBe(0);
});

test("what is interrupted half way is begun again, and each round is packed once", async () => {
  const deps = await aStore(
    T0 + 2 * HOUR_MS + 10 * 60_000,
    Array.from({ length: 25 }, (_, n) => `mon_${n}`),
  );
  const stopping = new AbortController();
  let packs = 0;
  const store: FoldStore = {
    ...deps.store,
    transaction: (fn) =>
      deps.store.transaction((tx) =>
        fn({
          ...tx,
          checks: {
            ...tx.checks,
            pack: (hours) => {
              packs += 1;
              if (packs === 2) stopping.abort();
              return tx.checks.pack(hours);
            },
          },
        }),
      ),
  };
  expect(await compactOnce({ ...deps, store }, stopping.signal)).toBe(20 * 120);
  expect(await unpacked(deps.store)).toEqual([T0, T0 + HOUR_MS, T0 + 2 * HOUR_MS]);
  expect(await compactOnce(deps, NEVER)).toBe(5 * 120 + 25 * 120);
  expect(await unpacked(deps.store)).toEqual([T0 + 2 * HOUR_MS]);
});

test("hours that cannot be packed stay as they are and do not hold up the others", async () => {
  const deps = await aStore(T0 + 2 * HOUR_MS + 10 * 60_000, ["mon_a"]);
  const store: FoldStore = {
    ...deps.store,
    transaction: (fn) =>
      deps.store.transaction((tx) =>
        fn({
          ...tx,
          checks: {
            ...tx.checks,
            pack: (hours) => (hours[0]?.hourMs === T0 ? Promise.reject(new Error("no room")) : tx.checks.pack(hours)),
          },
        }),
      ),
  };
  expect(await compactOnce({ ...deps, store }, NEVER)).toBe(120);
  expect(await unpacked(deps.store)).toEqual([T0, T0 + 2 * HOUR_MS]);
});

test("it ends between two transactions when the process is to stop", async () => {
  const deps = await aStore(T0 + 2 * HOUR_MS + 10 * 60_000, ["mon_a"]);
  expect(await compactOnce(deps, AbortSignal.abort())).toBe(0);
  expect(await unpacked(deps.store)).toHaveLength(3);
});
