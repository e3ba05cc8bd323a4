import { type Monitor, RepairMode, subjects, Verdict, partitionOf } from "@sentinel/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { aRepairPolicy, aRound, aSpec, EVERY_MS, T0 } from "./core/fixtures.ts";
import { badMessages } from "./fold-contract/bad-messages.ts";
import { type FoldBench, openFoldBench } from "./fold-contract/fold-bench.ts";
import { lateRounds } from "./fold-contract/late-rounds.ts";
import { quietRounds } from "./fold-contract/quiet-rounds.ts";
import { splitsAndRepeats } from "./fold-contract/splits-and-repeats.ts";
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
    lateRounds(() => bench);
    quietRounds(() => bench);
    ownership(() => bench);
    definitions(() => bench);
    sizes(() => bench);
  });
}

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
    await foldDown(monitor.id, -100);
    await monitors(bench()).change(monitor.id, aSpec({ name, paused: true }), options);
    await monitors(bench()).change(monitor.id, aSpec({ name, paused: false }), options);
    expect((await foldDown(monitor.id, -2)).incidents).toEqual([]);
    expect((await foldDown(monitor.id, -1)).incidents).toMatchObject([{ startedAtMs: T0 - 2 * EVERY_MS }]);
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

  test("the answer to a check asked for ends the command that asked, whatever the clocks say", async () => {
    const { id } = await bench().monitor();
    const row = {
      kind: "command",
      subject: subjects.checkNow(id),
      part: partitionOf(id),
      payload: new Uint8Array(),
      key: `check.${id}`,
      atMs: T0,
      traceparent: "",
    } as const;
    await bench().store.transaction((tx) => tx.outbox.add([row]));
    const due = async () =>
      (await bench().store.transaction((tx) => tx.outbox.due(1_000_000, [row.part]))).filter(
        ({ key }) => key === row.key,
      );
    const round = (slotMs: number, requestId: string) =>
      bench().fold([
        bench().message(aRound(slotMs, Verdict.HEALTHY, "", { monitorId: id, onDemand: true, requestId })),
      ]);
    await round(T0 + 1, "");
    expect(await due()).toHaveLength(1);
    await round(T0 + 2, `${row.key}.another`);
    expect(await due()).toHaveLength(1);
    await round(T0 + 3, row.key);
    expect(await due()).toEqual([]);
  });
}
