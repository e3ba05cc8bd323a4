import { expect, test } from "@jest/globals";
import { Resolution, Verdict } from "@sentinel/contracts";
import { aRound, EVERY_MS } from "../core/fixtures.ts";
import type { FoldBench } from "./fold-bench.ts";

const TOGETHER_MS = 31_000;

/** Rounds that come after newer ones. */
export function lateRounds(bench: () => FoldBench): void {
  const watched = async () => {
    const { id } = await bench().monitor();
    const startMs = bench().clock.now();
    const fold = (verdict: Verdict, ...rounds: readonly number[]) =>
      bench().fold(
        rounds.map((n) => bench().message(aRound(startMs + (n - 20) * EVERY_MS, verdict, "", { monitorId: id }))),
      );
    const notifications = async () => (await bench().store.transaction((tx) => tx.outbox.pending())).notification;
    return { id, startMs, fold, notifications };
  };

  test("an outage whose rounds come after newer ones is recorded as over, once, and nobody is told", async () => {
    const { id, startMs, fold, notifications } = await watched();
    const before = await notifications();
    await fold(Verdict.HEALTHY, 1, 2, 6, 7);
    await fold(Verdict.DOWN, 4);
    await fold(Verdict.DOWN, 3, 5);
    expect(await bench().incidents(id)).toEqual([]);
    await bench().clock.advance(TOGETHER_MS);
    await fold(Verdict.HEALTHY, 8);
    const [incident, ...others] = await bench().incidents(id);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      over: true,
      startedAtMs: startMs + (3 - 20) * EVERY_MS,
      downtimeMs: 3 * EVERY_MS,
      resolution: Resolution.RECOVERED,
      repairs: [],
    });
    expect(incident?.diagnosis).toBeDefined();
    expect(await notifications()).toBe(before);
    await bench().clock.advance(TOGETHER_MS);
    // The rest of it comes later still.
    await fold(Verdict.DOWN, 5, 4);
    await fold(Verdict.HEALTHY, 9);
    expect(await bench().incidents(id)).toHaveLength(1);
  });

  test("late rounds of an outage that is known, and too few of them, record nothing", async () => {
    const { id, fold } = await watched();
    await fold(Verdict.HEALTHY, 1);
    await fold(Verdict.DOWN, 3, 5);
    await fold(Verdict.HEALTHY, 7, 8, 9, 10);
    await fold(Verdict.DOWN, 4, 6, 9.5);
    await bench().clock.advance(TOGETHER_MS);
    await fold(Verdict.HEALTHY, 11, 12);
    expect(await bench().incidents(id)).toHaveLength(1);
  });
}
