import { CheckResult, Evidence, type Monitor, partitionOf, RepairMode, subjects, Verdict } from "@sentinel/contracts";
import type { Message } from "@sentinel/messaging";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { anEndpoint, aRepairPolicy, aRound, aSpec, EVERY_MS, T0 } from "./core/fixtures.ts";
import { type FoldBench, openFoldBench, type Story } from "./fold-bench.ts";
import { createMonitors } from "./monitors.ts";
import type { FoldStore } from "./store/port.ts";

const HOUR_MS = 3_600_000;

export interface OpenFold {
  readonly store: FoldStore;
  close(): Promise<void>;
}

/** What folding promises on every store. */
export function foldContract(name: string, open: () => Promise<OpenFold>, runs: number): void {
  describe(`folding: ${name}`, () => {
    let opened: OpenFold | undefined;
    let bench: FoldBench;
    beforeAll(async () => {
      opened = await open();
    }, 60_000);
    beforeEach(async () => {
      if (opened === undefined) throw new Error("the store is not open yet");
      bench = await openFoldBench(opened.store);
    });
    afterAll(async () => await opened?.close());

    splitsAndRepeats(() => bench, runs);
    badMessages(() => bench);
    ownership(() => bench);
    definitions(() => bench);
    sizes(() => bench);
  });
}

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

function splitsAndRepeats(bench: () => FoldBench, runs: number): void {
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

function badMessages(bench: () => FoldBench): void {
  const lettersOf = async (subject: string): Promise<readonly string[]> =>
    (await bench().store.transaction((tx) => tx.deadLetters.list(100)))
      .filter((letter) => letter.subject === subject)
      .map(({ reason }) => reason);

  const bad: readonly (readonly [string, string, (good: CheckResult) => Partial<Message>])[] = [
    ["that is not a CheckResult", "not_a_check_result", () => ({ data: Uint8Array.of(255, 255, 255) })],
    ["without a monitor", "not_a_check_result", () => ({ data: new Uint8Array() })],
    [
      "in the wrong partition",
      "wrong_partition",
      ({ monitorId }) => ({ subject: `chk.v1.${(partitionOf(monitorId) + 1) % 64}.${monitorId}.local` }),
    ],
    [
      "in a partition that does not exist",
      "wrong_partition",
      ({ monitorId }) => ({ subject: `chk.v1.99.${monitorId}.local` }),
    ],
    [
      "whose subject names no partition",
      "wrong_partition",
      ({ monitorId }) => ({ subject: `chk.v1.first.${monitorId}` }),
    ],
    [
      "of a slot long ago",
      "slot_out_of_range",
      (good) => ({ data: encoded({ ...good, slotMs: T0 - 32 * 24 * HOUR_MS }) }),
    ],
    [
      "of a slot in the far future",
      "slot_out_of_range",
      (good) => ({ data: encoded({ ...good, slotMs: T0 + 25 * HOUR_MS }) }),
    ],
    [
      "of a slot no number can hold",
      "not_a_check_result",
      () => ({ data: Uint8Array.of(0x20, ...Array.from({ length: 9 }, () => 0xff), 1 - 1) }),
    ],
    [
      "with a text no column can hold",
      "not_a_check_result",
      (good) => ({ data: encoded({ ...good, reason: "a\u0000b" }) }),
    ],
    ["with an absurd duration", "not_a_check_result", (good) => ({ data: encoded({ ...good, durationMs: 1e300 }) })],
    [
      "with a duration that is no number",
      "not_a_check_result",
      (good) => ({ data: encoded({ ...good, durationMs: Number.NaN }) }),
    ],
    [
      "with an absurd count of missed slots",
      "not_a_check_result",
      (good) => ({ data: encoded({ ...good, missedSlots: 4_000_000_000 }) }),
    ],
  ];
  test.each(bad)("a message %s becomes a dead letter and does not stop the rest", async (_what, reason, breakIt) => {
    const { id } = await bench().monitor({ failuresToConfirm: 1 });
    const round = (n: number): CheckResult => aRound(T0 + n, Verdict.DOWN, "http_status", { monitorId: id });
    const broken = bench().message(round(1), breakIt(round(1)));
    const lettersBefore = (await lettersOf(broken.subject)).length;
    const folded = await bench().fold([bench().message(round(0)), broken, bench().message(round(2))]);
    expect(folded.results.map(({ slotMs }) => slotMs)).toEqual([T0, T0 + 2]);
    expect(folded.deadLetters).toBe(1);
    expect((await lettersOf(broken.subject)).slice(lettersBefore)).toEqual([reason]);
    expect(await bench().incidents(id)).toHaveLength(1);
  });

  test("a batch of bad messages only still moves the cursor", async () => {
    const { id } = await bench().monitor();
    const broken = bench().message(aRound(T0, Verdict.DOWN, "", { monitorId: id }), {
      data: Uint8Array.of(255),
      seq: 4711,
    });
    await bench().fold([broken]);
    const partitions = await bench().store.transaction((tx) => tx.partitions.all());
    expect(partitions[partitionOf(id)]).toMatchObject({ streamEpoch: "e1", lastSeq: 4711 });
  });

  test("texts a database cannot hold, deep in the evidence, are kept without what it cannot hold", async () => {
    const { id } = await bench().monitor({ failuresToConfirm: 1 });
    const params = { error: "half \ud83d and nul \u0000 of a certificate's name" };
    const endpoints = [anEndpoint(Verdict.DOWN, "tls_untrusted", { evidence: Evidence.fromPartial({ params }) })];
    await bench().fold([bench().message(aRound(T0, Verdict.DOWN, "tls_untrusted", { monitorId: id, endpoints }))]);
    expect(await bench().incidents(id)).toHaveLength(1);
  });

  test("rounds of a monitor nobody knows stay in the check log and mean nothing more", async () => {
    const monitorId = "mon_nobody_knows";
    const folded = await bench().fold(
      [1, 2, 3].map((n) => bench().message(aRound(T0 + n, Verdict.DOWN, "", { monitorId }))),
    );
    expect(folded).toMatchObject({ incidents: [], timeline: [] });
    expect(folded.results).toHaveLength(3);
    expect((await bench().story(monitorId)).state).toBeUndefined();
  });
}

const encoded = (result: CheckResult): Uint8Array => CheckResult.encode(result).finish();

function ownership(bench: () => FoldBench): void {
  test("after another owner took over, nothing is written", async () => {
    const { id } = await bench().monitor({ failuresToConfirm: 1 });
    await bench().store.transaction((tx) => tx.partitions.hold("other", 600_000, true));
    const batch = [bench().message(aRound(T0, Verdict.DOWN, "", { monitorId: id }))];
    const refused = { code: "lease_lost", params: { part: String(partitionOf(id)), owner: "other" } };
    await expect(bench().fold(batch)).rejects.toMatchObject(refused);
    expect(await bench().story(id)).toMatchObject({ state: undefined, beats: [], incidents: [], uptime: [] });
  });

  test("a lease that went away and came back is another lease", async () => {
    const { id } = await bench().monitor();
    await bench().store.transaction((tx) => tx.partitions.hold("other", 600_000, true));
    await bench().store.transaction((tx) => tx.partitions.hold(bench().deps.owner, 600_000, true));
    const batch = [bench().message(aRound(T0, Verdict.DOWN, "", { monitorId: id }))];
    await expect(bench().fold(batch)).rejects.toMatchObject({ code: "lease_lost" });
  });

  test("the new owner goes on where the old one ended, with the states it left", async () => {
    const { id } = await bench().monitor();
    const round = (n: number) => bench().message(aRound(T0 + n * EVERY_MS, Verdict.DOWN, "", { monitorId: id }));
    await bench().fold([round(0)]);
    const next = await openFoldBench(bench().store, { owner: "next" });
    const folded = await next.fold([round(1)]);
    expect(folded.incidents).toMatchObject([{ monitorId: id, startedAtMs: T0 }]);
  });
}

function definitions(bench: () => FoldBench): void {
  const monitors = (of: FoldBench) =>
    createMonitors({ kit: of.kit, store: of.store, channelsOf: () => [], onChanged: () => undefined });
  const options = { actor: "ada", expectedVersion: 0 };
  const created = async (spec: Parameters<typeof aSpec>[0] = {}): Promise<Monitor> => {
    const { id } = await bench().monitor();
    return await monitors(bench()).create(aSpec({ name: `${id}-named`, ...spec }), {
      source: "MONITOR_SOURCE_API",
      actor: "ada",
      idempotencyKey: "",
    });
  };
  const foldDown = (id: string, ...slots: number[]) =>
    bench().fold(
      slots.map((n) => bench().message(aRound(T0 + n * EVERY_MS, Verdict.DOWN, "http_status", { monitorId: id }))),
    );

  test("a monitor changed between two batches is folded by its new definition", async () => {
    const monitor = await created({ failuresToConfirm: 5 });
    await foldDown(monitor.id, 0);
    await monitors(bench()).change(
      monitor.id,
      aSpec({ name: monitor.spec?.name ?? "", failuresToConfirm: 2 }),
      options,
    );
    expect((await foldDown(monitor.id, 1)).incidents).toHaveLength(1);
  });

  test("a paused monitor opens nothing and its open incident ends with the pause; then it begins anew", async () => {
    const monitor = await created({ failuresToConfirm: 2 });
    const name = monitor.spec?.name ?? "";
    await foldDown(monitor.id, 0, 1);
    await monitors(bench()).change(monitor.id, aSpec({ name, paused: true }), options);
    expect(await bench().incidents(monitor.id)).toMatchObject([
      { resolution: "RESOLUTION_MONITOR_PAUSED", resolvedAtMs: T0 },
    ]);
    expect((await foldDown(monitor.id, 2, 3, 4)).incidents).toEqual([]);
    await monitors(bench()).change(monitor.id, aSpec({ name, paused: false }), options);
    expect((await foldDown(monitor.id, 5)).incidents).toEqual([]);
    expect((await foldDown(monitor.id, 6)).incidents).toHaveLength(1);
  });

  test("a failing round before a pause does not count after it", async () => {
    const monitor = await created({ failuresToConfirm: 2 });
    const name = monitor.spec?.name ?? "";
    await foldDown(monitor.id, 0);
    await monitors(bench()).change(monitor.id, aSpec({ name, paused: true }), options);
    await monitors(bench()).change(monitor.id, aSpec({ name, paused: false }), options);
    expect((await foldDown(monitor.id, 100)).incidents).toEqual([]);
    expect((await foldDown(monitor.id, 101)).incidents).toMatchObject([{ startedAtMs: T0 + 100 * EVERY_MS }]);
  });

  test("a deleted monitor opens nothing any more, and its open incident ends with it", async () => {
    const monitor = await created();
    await foldDown(monitor.id, 0, 1);
    await monitors(bench()).remove(monitor.id, options);
    expect(await bench().incidents(monitor.id)).toMatchObject([{ resolution: "RESOLUTION_MONITOR_DELETED" }]);
    expect((await foldDown(monitor.id, 2, 3, 4)).incidents).toEqual([]);
    expect(await bench().incidents(monitor.id)).toHaveLength(1);
  });
}

function sizes(bench: () => FoldBench): void {
  test("an outage of 200 monitors in one batch opens 200 incidents with numbers of their own", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 200; n += 1)
      ids.push((await bench().monitor({ repair: aRepairPolicy({ mode: RepairMode.AUTO }) })).id);
    const rounds = [0, 1].flatMap((n) =>
      ids.map((monitorId) =>
        bench().message(aRound(T0 + n * EVERY_MS, Verdict.DOWN, "connect_refused", { monitorId })),
      ),
    );
    const folded = await bench().fold(rounds);
    expect(new Set(folded.incidents.map(({ id }) => id)).size).toBe(200);
    expect(new Set(folded.incidents.map(({ monitorId }) => monitorId))).toEqual(new Set(ids));
    // Of a large outage no more than the cap of all repairs in an hour is tried.
    const requested = folded.incidents.flatMap(({ repairs }) => repairs);
    expect(requested.length).toBeGreaterThan(0);
    expect(requested.length).toBeLessThanOrEqual(60);
  });

  test("hours folded at once tell two outages far apart as two, and one that comes back at once as one", async () => {
    const { id } = await bench().monitor();
    const at = (hours: number, n: number, verdict: Verdict) =>
      bench().message(aRound(T0 - 5 * HOUR_MS + hours * HOUR_MS + n * EVERY_MS, verdict, "", { monitorId: id }));
    const outage = (hours: number, n: number) => [
      at(hours, n, Verdict.DOWN),
      at(hours, n + 1, Verdict.DOWN),
      at(hours, n + 2, Verdict.HEALTHY),
    ];
    const folded = await bench().fold([...outage(0, 0), ...outage(0, 3), ...outage(3, 0)]);
    expect(folded.incidents).toMatchObject([
      { reopened: 1, downtimeMs: 4 * EVERY_MS },
      { reopened: 0, downtimeMs: 2 * EVERY_MS },
    ]);
    expect(folded.uptime.map(({ down, healthy }) => ({ down, healthy }))).toEqual([
      { down: 4, healthy: 2 },
      { down: 2, healthy: 1 },
    ]);
  });

  test("an answer to a check asked for ends the command that asked", async () => {
    const { id } = await bench().monitor();
    const row = {
      kind: "command",
      subject: subjects.checkNow(id),
      payload: new Uint8Array(),
      key: `check.${id}`,
      atMs: T0,
      traceparent: "",
    } as const;
    await bench().store.transaction((tx) => tx.outbox.add([row]));
    const due = async () =>
      (await bench().store.transaction((tx) => tx.outbox.due(T0 + HOUR_MS, 1_000_000))).filter(
        ({ key }) => key === row.key,
      );
    await bench().fold([bench().message(aRound(T0 + 1, Verdict.HEALTHY, "", { monitorId: id }))]);
    expect(await due()).toHaveLength(1);
    const late = { monitorId: id, onDemand: true, startedAtMs: T0 - 1 };
    await bench().fold([bench().message(aRound(T0 + 2, Verdict.HEALTHY, "", late))]);
    expect(await due()).toHaveLength(1);
    await bench().fold([bench().message(aRound(T0 + 3, Verdict.HEALTHY, "", { ...late, startedAtMs: T0 }))]);
    expect(await due()).toEqual([]);
  });
}
