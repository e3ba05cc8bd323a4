import { MonitorStatus, Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { aSpec, T0 } from "../../core/fixtures.ts";
import { initialMonitorState } from "../../core/detection.ts";
import type { MonitorState } from "../../core/types.ts";
import {
  aCheck,
  aMonitor,
  anOutboxRow,
  type FoldStoreHandle,
  fresh,
  keeping,
  packHours,
  within,
} from "./open-fold-store.ts";

const HOUR_MS = 3_600_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function monitorsContract(handle: FoldStoreHandle): void {
  describe("monitors", () => {
    test("are loaded by id as they were saved last, and listed by name", async () => {
      const [b, a] = [aMonitor({ spec: aSpec({ name: fresh("b") }) }), aMonitor({ spec: aSpec({ name: fresh("a") }) })];
      await within(handle, async (tx) => {
        await tx.monitors.save(b);
        await tx.monitors.save(a);
        await tx.monitors.save({ ...a, version: 2 });
      });
      expect(await within(handle, (tx) => tx.monitors.load([a.id, fresh("nobody")]))).toEqual([{ ...a, version: 2 }]);
      const all = await within(handle, (tx) => tx.monitors.all());
      expect(all.map(({ id }) => id).filter((id) => id === a.id || id === b.id)).toEqual([a.id, b.id]);
    });

    test("a name is taken once, its own monitor may keep it", async () => {
      const name = fresh("shop");
      const first = aMonitor({ spec: aSpec({ name }) });
      const second = aMonitor();
      await within(handle, (tx) => tx.monitors.save(first));
      await within(handle, (tx) => tx.monitors.save(second));
      const taken = { code: "monitor_name_taken", params: { name } };
      await expect(within(handle, (tx) => tx.monitors.save(aMonitor({ spec: aSpec({ name }) })))).rejects.toMatchObject(
        taken,
      );
      await expect(
        within(handle, (tx) => tx.monitors.save({ ...second, spec: aSpec({ name }) })),
      ).rejects.toMatchObject(taken);
      await within(handle, (tx) => tx.monitors.save({ ...first, version: 2 }));
    });

    test("a deleted one is gone and its name free", async () => {
      const gone = aMonitor();
      const name = gone.spec?.name ?? "";
      await within(handle, (tx) => tx.monitors.save(gone));
      await within(handle, (tx) => tx.monitors.delete(gone.id, T0));
      expect(await within(handle, (tx) => tx.monitors.load([gone.id]))).toEqual([]);
      expect((await within(handle, (tx) => tx.monitors.all())).map(({ id }) => id)).not.toContain(gone.id);
      const next = aMonitor({ spec: aSpec({ name }) });
      await within(handle, (tx) => tx.monitors.save(next));
      expect(await within(handle, (tx) => tx.monitors.load([next.id]))).toEqual([next]);
    });

    test("states are kept without their beats, which are in the check log", async () => {
      const id = fresh("mon");
      const state: MonitorState = {
        ...initialMonitorState,
        status: MonitorStatus.DOWN,
        responseTimeMs: 12.345,
        repairsAtMs: [T0],
        beats: [{ slotMs: T0, verdict: "VERDICT_DOWN", durationMs: 1, reason: "" }],
      };
      await within(handle, (tx) => tx.states.save(new Map([[id, { ...state, failingRounds: 9 }]])));
      await within(handle, (tx) => tx.states.save(new Map([[id, state]])));
      await within(handle, (tx) => tx.states.save(new Map()));
      const loaded = await within(handle, (tx) => tx.states.load([id, fresh("nobody")]));
      expect([...loaded]).toEqual([[id, { ...state, beats: [] }]]);
    });
  });
}

export function countersContract(handle: FoldStoreHandle): void {
  describe("counters", () => {
    test("rounds are counted by monitor, hour and verdict, and missed slots by their number", async () => {
      const monitorId = fresh("mon");
      const { HEALTHY, DEGRADED, DOWN, UNKNOWN, MISSED } = Verdict;
      const rounds = [HEALTHY, HEALTHY, DEGRADED, DOWN, UNKNOWN, MISSED].map((verdict, n) =>
        aCheck(monitorId, T0 + n, { verdict, missedSlots: verdict === MISSED ? 5 : 0 }),
      );
      const all = [...rounds, aCheck(monitorId, T0 + HOUR_MS)];
      await handle.current.store.prepareChecks([T0]);
      await within(handle, (tx) => tx.checks.insert(all));
      const since = async (hourMs: number) =>
        (await within(handle, (tx) => tx.uptime.since(hourMs)))
          .filter((each) => each.monitorId === monitorId)
          .toSorted((a, b) => a.hourMs - b.hourMs);
      const first = { monitorId, hourMs: T0, healthy: 2, degraded: 1, down: 1, unknown: 1, missed: 5 };
      const second = { monitorId, hourMs: T0 + HOUR_MS, healthy: 1, degraded: 0, down: 0, unknown: 0, missed: 0 };
      expect(await since(T0)).toEqual([first, second]);
      expect(await since(T0 + 1)).toEqual([second]);
      await within(handle, (tx) => packHours(tx, monitorId, [T0], 30_000));
      expect(await since(T0)).toEqual([first, second]);
      await within(handle, (tx) => tx.checks.insert([aCheck(monitorId, T0 + 9)]));
      await within(handle, (tx) => packHours(tx, monitorId, [T0], 30_000));
      expect(await since(T0)).toEqual([{ ...first, healthy: 3 }, second]);
      await handle.current.store.prune(keeping({ countsMs: T0 + 24 * HOUR_MS }));
      expect(await since(T0)).toEqual([second]);
    });

    test("totals add up over partitions", async () => {
      const before = await within(handle, (tx) => tx.totals.sum());
      const delta = { checks: 10, incidents: 2, autoFixes: 1 };
      await within(handle, (tx) =>
        tx.totals.add(
          new Map([
            [3, delta],
            [63, delta],
          ]),
        ),
      );
      await within(handle, (tx) => tx.totals.add(new Map([[3, delta]])));
      expect(await within(handle, (tx) => tx.totals.sum())).toEqual({
        checks: before.checks + 30,
        incidents: before.incidents + 6,
        autoFixes: before.autoFixes + 3,
      });
    });
  });
}

export function smallTablesContract(handle: FoldStoreHandle): void {
  describe("claims of repairs", () => {
    const aClaim = (change: { incidentId: number; attempt?: number }) => ({
      attempt: 1,
      monitorId: "mon",
      executor: "me",
      patienceMs: 40,
      ...change,
    });

    test("one executor gets an attempt, also of those who ask at the same time", async () => {
      const given = await Promise.all(
        ["a", "b", "c"].map((executor) =>
          within(handle, (tx) => tx.claims.claim({ ...aClaim({ incidentId: 501 }), executor })),
        ),
      );
      expect(given.filter(Boolean)).toHaveLength(1);
      expect(await within(handle, (tx) => tx.claims.claim(aClaim({ incidentId: 501, attempt: 2 })))).toBe(true);
    });

    test("unfinished ones are listed until they are finished", async () => {
      const { patienceMs, ...claim } = aClaim({ incidentId: 502 });
      await within(handle, (tx) => tx.claims.claim({ ...claim, patienceMs }));
      const mine = async () =>
        (await within(handle, (tx) => tx.claims.unfinished())).filter((each) => each.incidentId === 502);
      expect(await mine()).toEqual([expect.objectContaining(claim)]);
      await within(handle, (tx) => tx.claims.finish(claim, T0 + 1, "succeeded"));
      expect(await mine()).toEqual([]);
      expect(await within(handle, (tx) => tx.claims.claim({ ...claim, patienceMs }))).toBe(false);
    });

    test("how long they are overdue is told by the clock of the store", async () => {
      const [claim, patient] = [aClaim({ incidentId: 503 }), { ...aClaim({ incidentId: 504 }), patienceMs: 60_000 }];
      await within(handle, (tx) => tx.claims.claim(claim));
      await within(handle, (tx) => tx.claims.claim(patient));
      await handle.current.expire(40);
      const overdue = (await within(handle, (tx) => tx.claims.unfinished()))
        .filter(({ incidentId }) => incidentId === 503 || incidentId === 504)
        .map(({ incidentId, overdueMs }) => [incidentId, overdueMs >= 0]);
      expect(new Map(overdue.map(([id, over]) => [id, over]))).toEqual(
        new Map([
          [503, true],
          [504, false],
        ]),
      );
    });
  });

  describe("small tables", () => {
    test("dead letters are listed newest first with all that came", async () => {
      const letter = (reason: string) => ({
        source: "checks",
        subject: "chk.v1.1.x",
        payload: bytes("\u0000\u00ff"),
        reason,
        atMs: T0,
      });
      await within(handle, (tx) => tx.deadLetters.add([letter("one"), letter("two")]));
      await within(handle, (tx) => tx.deadLetters.add([letter("three")]));
      const listed = await within(handle, (tx) => tx.deadLetters.list(2));
      expect(listed.map(({ reason }) => reason)).toEqual(["three", "two"]);
      expect({ ...listed[0], payload: [...(listed[0]?.payload ?? [])] }).toEqual({
        ...letter("three"),
        id: listed[0]?.id,
        payload: [...letter("three").payload],
      });
      const older = await within(handle, (tx) => tx.deadLetters.list(1, listed[1]?.id));
      expect(older).toMatchObject([{ reason: "one" }]);
    });

    test("a dead letter is found by its number, taken by one alone, and there again when that fails", async () => {
      const reason = "four";
      const letter = { source: "outbox", subject: "evt.v1.1.x", payload: bytes("x"), reason, atMs: T0 };
      await within(handle, (tx) => tx.deadLetters.add([letter]));
      const [{ id } = { id: 0 }] = await within(handle, (tx) => tx.deadLetters.list(1));
      expect(await within(handle, (tx) => tx.deadLetters.find(id))).toMatchObject({ id, reason });
      const failing = within(handle, async (tx) => {
        await tx.deadLetters.take(id);
        throw new Error("not published");
      });
      await expect(failing).rejects.toThrow("not published");
      const taken = await Promise.all([1, 2].map(() => within(handle, (tx) => tx.deadLetters.take(id))));
      expect(taken.filter((each) => each !== undefined)).toMatchObject([{ id, reason, subject: "evt.v1.1.x" }]);
      expect(await within(handle, (tx) => tx.deadLetters.find(id))).toBeUndefined();
    });

    test("an idempotency key keeps its first answer", async () => {
      const key = fresh("key");
      expect(await within(handle, (tx) => tx.idempotency.find(key))).toBeUndefined();
      const save = (response: string) =>
        within(handle, (tx) => tx.idempotency.save(key, { requestHash: "h", response, atMs: T0 }));
      await save("first");
      await save("second");
      expect(await within(handle, (tx) => tx.idempotency.find(key))).toMatchObject({
        requestHash: "h",
        response: "first",
      });
    });

    test("a channel remembers its last delivery and the error since", async () => {
      const name = fresh("ops");
      const state = async () => (await within(handle, (tx) => tx.channels.all())).filter((each) => each.name === name);
      await within(handle, (tx) => tx.channels.failed(name, "http_status"));
      expect(await state()).toEqual([{ name, lastDeliveredAtMs: 0, lastError: "http_status" }]);
      await within(handle, (tx) => tx.channels.delivered(name, T0));
      expect(await state()).toEqual([{ name, lastDeliveredAtMs: T0, lastError: "" }]);
      await within(handle, (tx) => tx.channels.failed(name, "timeout"));
      expect(await state()).toEqual([{ name, lastDeliveredAtMs: T0, lastError: "timeout" }]);
    });
  });
}

export function rollbackContract(handle: FoldStoreHandle): void {
  test("a transaction that throws leaves nothing in any table", async () => {
    const monitor = aMonitor();
    const key = fresh("key");
    const before = await within(handle, async (tx) => ({
      partitions: await tx.partitions.all(),
      totals: await tx.totals.sum(),
      pending: await tx.outbox.pending(),
    }));
    const failing = within(handle, async (tx) => {
      await tx.partitions.advance([{ part: 1, streamEpoch: "x", lastSeq: 99, lastFingerprint: "f" }]);
      await tx.partitions.revise([1]);
      await tx.monitors.save(monitor);
      await tx.states.save(new Map([[monitor.id, initialMonitorState]]));
      await tx.totals.add(new Map([[1, { checks: 1, incidents: 1, autoFixes: 1 }]]));
      await tx.outbox.add([anOutboxRow("event"), anOutboxRow("command"), anOutboxRow("notification")]);
      await tx.idempotency.save(key, { requestHash: "h", response: "r", atMs: T0 });
      await tx.claims.claim({
        incidentId: 601,
        attempt: 1,
        monitorId: "m",
        executor: "e",
        patienceMs: 0,
      });
      await tx.events.append([
        {
          stream: monitor.id,
          expected: "none",
          events: [{ id: key, type: "t", schemaVersion: 1, payload: bytes("p"), metadata: {}, atMs: T0 }],
        },
      ]);
      throw new RangeError("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await within(handle, async (tx) => {
      expect({
        partitions: await tx.partitions.all(),
        totals: await tx.totals.sum(),
        pending: await tx.outbox.pending(),
      }).toEqual(before);
      expect(await tx.monitors.load([monitor.id])).toEqual([]);
      expect((await tx.states.load([monitor.id])).size).toBe(0);
      expect(await tx.idempotency.find(key)).toBeUndefined();
      expect(await tx.events.read(monitor.id)).toEqual([]);
      expect((await tx.claims.unfinished()).filter(({ incidentId }) => incidentId === 601)).toEqual([]);
    });
  });
}
