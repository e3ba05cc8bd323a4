import { Verdict } from "@sentinel/contracts";
import { expect, test } from "@jest/globals";
import { aRound, EVERY_MS, T0 } from "../core/fixtures.ts";
import { loadStates } from "../load-states.ts";
import type { FoldBench } from "./fold-bench.ts";

/** What healthy rounds change is in the check log, so it is not stored once more. */
export function quietRounds(bench: () => FoldBench): void {
  const startMs = T0 - 20 * EVERY_MS;
  test("healthy rounds store no state, and a process that comes after knows the same of the monitor", async () => {
    const { id } = await bench().monitor({ failuresToConfirm: 2 });
    const fold = (verdict: Verdict, ...slots: number[]) =>
      bench().fold(
        slots.map((n) =>
          bench().message(aRound(startMs + n * EVERY_MS, verdict, "", { monitorId: id, durationMs: n })),
        ),
      );
    const read = async () =>
      await bench().store.transaction(async (tx) => ({
        stored: (await tx.states.load([id])).get(id),
        known: (await loadStates(tx, [id], bench().clock.now())).get(id),
      }));
    await fold(Verdict.HEALTHY, 0);
    for (let n = 1; n < 6; n += 1) await fold(Verdict.HEALTHY, n);
    const folded = (await fold(Verdict.HEALTHY, 6)).states.get(id)?.state;
    const { stored, known } = await read();
    expect(stored?.lastSlotMs).toBe(startMs);
    expect(folded).toMatchObject({ lastSlotMs: startMs + 6 * EVERY_MS, healthyRounds: 7, responseTimeMs: 6 });
    expect(known).toEqual(folded);
    // Another process: a round that comes again is none, one that is late neither, and an outage begins where it does.
    bench().deps.cache.clear();
    expect((await fold(Verdict.HEALTHY, 6)).results).toEqual([]);
    await fold(Verdict.DOWN, 7);
    expect((await read()).stored).toMatchObject({
      failingRounds: 1,
      firstFailureMs: startMs + 7 * EVERY_MS,
      lastHealthyAtMs: startMs + 6 * EVERY_MS + 3,
    });
    expect((await fold(Verdict.DOWN, 8)).incidents).toMatchObject([{ startedAtMs: startMs + 7 * EVERY_MS }]);
  });
}
