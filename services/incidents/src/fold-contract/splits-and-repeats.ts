import { type CheckResult, type Monitor, Verdict } from "@sentinel/contracts";
import type { Message } from "@sentinel/messaging";
import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { aRound, EVERY_MS, T0 } from "../core/fixtures.ts";
import type { FoldBench, Story } from "./fold-bench.ts";

const HOUR_MS = 3_600_000;

/** One round of one of the monitors: how long after the one before it, and what was seen. */
interface Step {
  readonly monitor: number;
  readonly gap: number;
  readonly verdict: Verdict;
}

const MONITORS = 3;
const aStep = fc.record<Step>({
  monitor: fc.nat(MONITORS - 1),
  gap: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 25 }) }),
  verdict: fc.oneof(
    { weight: 5, arbitrary: fc.constant(Verdict.HEALTHY) },
    { weight: 5, arbitrary: fc.constant(Verdict.DOWN) },
    { weight: 2, arbitrary: fc.constant(Verdict.DEGRADED) },
    { weight: 1, arbitrary: fc.constantFrom(Verdict.MISSED, Verdict.UNKNOWN) },
  ),
});

/** Their rounds, each monitor's in the order of its slots. */
function roundsOf(steps: readonly Step[], monitors: readonly Monitor[]): readonly CheckResult[] {
  const slots = monitors.map(() => T0 - 6 * HOUR_MS);
  return steps.map(({ monitor, gap, verdict }) => {
    const slotMs = (slots[monitor] ?? T0) + gap * EVERY_MS;
    slots[monitor] = slotMs;
    const reason = verdict === Verdict.DOWN ? "http_status" : "";
    const missedSlots = verdict === Verdict.MISSED ? gap : 0;
    return aRound(slotMs, verdict, reason, { monitorId: monitors[monitor]?.id ?? "", missedSlots });
  });
}

const newMonitors = async (bench: FoldBench): Promise<readonly Monitor[]> => {
  const monitors: Monitor[] = [];
  for (let n = 0; n < MONITORS; n += 1) monitors.push(await bench.monitor());
  return monitors;
};

const storiesOf = async (bench: FoldBench, monitors: readonly Monitor[]): Promise<readonly Story[]> => {
  const stories: Story[] = [];
  for (const { id } of monitors) stories.push(await bench.story(id));
  return stories;
};

/** The same messages in batches of these sizes, over and over. */
function* split<T>(items: readonly T[], sizes: readonly number[]): Generator<readonly T[]> {
  for (let at = 0, n = 0; at < items.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    yield items.slice(at, at + size);
    at += size;
  }
}

/** Steps of all monitors in another order that keeps each monitor's own. */
function interleave(steps: readonly Step[], picks: readonly number[]): readonly Step[] {
  const queues = Array.from({ length: MONITORS }, (_, monitor) => steps.filter((step) => step.monitor === monitor));
  const merged: Step[] = [];
  for (let n = 0; merged.length < steps.length; n += 1) {
    const waiting = queues.filter((queue) => queue.length > 0);
    const next = waiting[(picks[n % picks.length] ?? 0) % waiting.length]?.shift();
    if (next !== undefined) merged.push(next);
  }
  return merged;
}

/** However the rounds arrive, the story is the same. */
export function splitsAndRepeats(bench: () => FoldBench, runs: number): void {
  const aSize = fc.integer({ min: 1, max: 20 });
  test("the same rounds give the same stories in any batches, repeated, and interleaved in any way", async () => {
    const property = fc.asyncProperty(
      fc.array(aStep, { minLength: 1, maxLength: 60 }),
      fc.array(aSize, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }),
      fc.nat(10),
      async (steps, sizes, picks, back) => {
        const [straight, other] = [await newMonitors(bench()), await newMonitors(bench())];
        await bench().fold(roundsOf(steps, straight).map((round) => bench().message(round)));
        const messages = roundsOf(interleave(steps, picks), other).map((round) => bench().message(round));
        let before: readonly Message[] = [];
        for (const batch of split(messages, sizes)) {
          // As after a crash: some of the last batch comes again, and nothing is remembered.
          if (back % 2 === 1) bench().deps.cache.clear();
          await bench().fold([...before.slice(-back), ...batch, ...batch.slice(0, back)]);
          before = batch;
        }
        expect(await storiesOf(bench(), other)).toEqual(await storiesOf(bench(), straight));
      },
    );
    await fc.assert(property, { numRuns: runs, seed: 20_260_101 });
  }, 60_000);

  test("totals and outbox count each round, incident and message once, however often a batch comes", async () => {
    const [monitor] = await newMonitors(bench());
    const id = monitor?.id ?? "";
    const levels = () =>
      bench().store.transaction(async (tx) => ({ ...(await tx.totals.sum()), ...(await tx.outbox.pending()) }));
    const before = await levels();
    const verdicts = [Verdict.HEALTHY, Verdict.DOWN, Verdict.DOWN, Verdict.HEALTHY, Verdict.MISSED];
    const batch = verdicts.map((verdict, n) =>
      bench().message(aRound(T0 - HOUR_MS + n * EVERY_MS, verdict, "", { monitorId: id })),
    );
    const first = await bench().fold(batch);
    expect(first.totals).toEqual({ checks: 4, incidents: 1, autoFixes: 0 });
    const after = await levels();
    expect(after).toMatchObject({ checks: before.checks + 4, incidents: before.incidents + 1 });
    // Opened and resolved, to two channels.
    expect(after.notification - before.notification).toBe(4);
    const again = await bench().fold([...batch, ...batch]);
    expect(again).toMatchObject({ results: [], incidents: [], timeline: [], totals: { checks: 0 } });
    expect(await levels()).toEqual(after);
  });

  test("what is told of a batch is what was stored", async () => {
    const { id } = await bench().monitor();
    const rounds = [Verdict.DOWN, Verdict.DOWN].map((verdict, n) =>
      aRound(T0 - HOUR_MS + n * EVERY_MS, verdict, "http_status", { monitorId: id }),
    );
    const folded = await bench().fold(rounds.map((round) => bench().message(round)));
    expect(folded.results).toEqual(rounds);
    expect(folded.incidents).toEqual(await bench().incidents(id));
    const story = await bench().story(id);
    expect({ ...folded.states.get(id)?.state, beats: [] }).toEqual({
      ...story.state,
      openIncidentId: folded.incidents[0]?.id,
      lastIncidentId: folded.incidents[0]?.id,
    });
    expect(folded.states.get(id)?.state.beats).toEqual(story.beats);
  });
}
