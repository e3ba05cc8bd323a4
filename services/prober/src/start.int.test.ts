import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { CheckRequested, STREAM_CHECKS, subjects, Verdict } from "@sentinel/contracts";
import { instantFor, nextSlot, phaseOf } from "./core/slots.ts";
import {
  confirm,
  endWorld,
  EVERY_MS,
  leftIn,
  monitor,
  target,
  toNextSlot,
  turnsUntil,
  type World,
  world,
} from "./test-world.ts";

afterEach(endWorld);

describe("a monitor", () => {
  test("is checked at once, then on each of its slots, and each result says what was seen", async () => {
    const shop = await target();
    const { clock, feed, results, service, bus } = await world();
    const from = clock.now();
    feed.put(monitor("mon_a", shop.url, {}, 3));
    await service.ready;
    const [first] = await results.of("mon_a", 1);
    expect(first).toMatchObject({
      slotMs: from,
      startedAtMs: from,
      verdict: Verdict.HEALTHY,
      region: "local",
      prober: "p1",
      monitorVersion: 3,
      onDemand: false,
      endpoints: [{ url: shop.url, status: 200, verdict: Verdict.HEALTHY, evidence: undefined }],
    });
    expect(first?.endpoints[0]?.phases?.connectMs).toBeGreaterThan(0);

    shop.answer((_request, response) => {
      response.writeHead(500, { "set-cookie": "secret=1", "x-version": "7" });
      response.end("stack trace");
    });
    const slot = await toNextSlot(clock, "mon_a");
    const second = (await results.of("mon_a", 2))[1];
    expect(second).toMatchObject({ slotMs: slot, verdict: Verdict.DOWN, reason: "status" });
    const evidence = second?.endpoints[0]?.evidence;
    expect(evidence).toMatchObject({
      status: 500,
      remoteAddress: shop.host,
      headers: { "x-version": "7", "set-cookie": "(hidden)" },
      params: { expected: "2xx", actual: "500" },
    });
    expect(new TextDecoder().decode(evidence?.bodyHead)).toBe("stack trace");

    await shop.stop();
    await toNextSlot(clock, "mon_a");
    expect((await results.of("mon_a", 3))[2]).toMatchObject({ slotMs: slot + EVERY_MS, reason: "connect_refused" });
    expect(service.health()).toBeNull();
    expect((await bus.state(STREAM_CHECKS)).lastSeq).toBe(3);
  });

  test("whose definition changes is checked at once by the new one, and only by that", async () => {
    const [old, fresh] = [await target(), await target()];
    const { clock, feed, results } = await world();
    feed.put(monitor("mon_a", old.url));
    await results.of("mon_a", 1);
    feed.put(monitor("mon_a", old.url));
    await clock.advance(1000);
    feed.put(monitor("mon_a", fresh.url, {}, 2));
    expect((await results.of("mon_a", 2))[1]).toMatchObject({ slotMs: clock.now(), monitorVersion: 2 });
    await toNextSlot(clock, "mon_a");
    await results.of("mon_a", 3);
    expect([old.requests.length, fresh.requests.length]).toEqual([1, 2]);
  });

  test("that is paused or removed is left alone; resumed, its pause is no gap", async () => {
    const shop = await target();
    const { clock, feed, results } = await world();
    for (const id of ["mon_paused", "mon_removed", "mon_kept"]) feed.put(monitor(id, `${shop.url}/${id}`));
    for (const id of ["mon_paused", "mon_removed", "mon_kept"]) await results.of(id, 1);
    feed.put(monitor("mon_paused", `${shop.url}/mon_paused`, { paused: true }, 2));
    feed.remove("mon_removed");
    for (let round = 2; round <= 6; round += 1) {
      await toNextSlot(clock, "mon_kept");
      await results.of("mon_kept", round);
    }
    const asked = shop.requests.map((request) => request.url);
    expect(asked.filter((url) => url !== "/mon_kept")).toHaveLength(2);
    feed.put(monitor("mon_paused", `${shop.url}/mon_paused`, {}, 3));
    expect((await results.of("mon_paused", 2))[1]).toMatchObject({ slotMs: clock.now(), verdict: Verdict.HEALTHY });
    expect(results.all.filter((each) => each.verdict === Verdict.MISSED)).toEqual([]);
  });

  test("is checked on while the list is out of reach; one that is not in it afterwards is left alone", async () => {
    const shop = await target();
    const { clock, feed, results } = await world();
    for (const id of ["mon_gone", "mon_kept"]) feed.put(monitor(id, `${shop.url}/${id}`));
    feed.complete();
    await results.of("mon_gone", 1);
    feed.hangUp();
    await toNextSlot(clock, "mon_gone");
    const seen = (await results.of("mon_gone", 2)).length;
    await clock.advance(1000);
    feed.put(monitor("mon_kept", `${shop.url}/mon_kept`));
    feed.complete();
    await clock.advance(0);
    const count = results.all.filter((each) => each.monitorId === "mon_kept").length;
    await clock.advance(5 * EVERY_MS);
    await results.of("mon_kept", count + 4);
    expect(results.all.filter((each) => each.monitorId === "mon_gone")).toHaveLength(seen);
  });
});

/** Sets the clock; the fold tells what its own one shows, which went on as before or was set as well. */
async function setClock(at: World, byMs: number, fold: "distrusted" | "accepted"): Promise<void> {
  const beforeMs = at.clock.now();
  at.clock.jump(byMs);
  const { epoch, lastSeq } = await at.bus.state(STREAM_CHECKS);
  await confirm(at, "mon_a", epoch, lastSeq, at.results.all, fold === "accepted" ? at.clock.now() : beforeMs);
  await turnsUntil(() => at.said.includes(`prober.clock_${fold}`));
}

test.each([100 * EVERY_MS, -100 * EVERY_MS])(
  "a clock that is set by %d ms, and not by the fold's clock, names no round and skips no slot",
  async (byMs) => {
    const shop = await target();
    const at = await world();
    const { clock, feed, results, said } = at;
    feed.put(monitor("mon_a", shop.url));
    await results.of("mon_a", 1);
    const first = await toNextSlot(clock, "mon_a");
    await results.of("mon_a", 2);
    await setClock(at, byMs, "distrusted");
    for (const round of [3, 4, 5]) {
      await clock.advance(EVERY_MS);
      await results.of("mon_a", round);
    }
    clock.jump(-byMs);
    await clock.advance(EVERY_MS);
    const slots = (await results.of("mon_a", 6)).map((each) => each.slotMs);
    expect(slots.slice(1)).toEqual([0, 1, 2, 3, 4].map((n) => first + n * EVERY_MS));
    expect(results.all.slice(1).every(({ startedAtMs, slotMs }) => startedAtMs === slotMs)).toBe(true);
    expect(said.filter((each) => each.startsWith("prober.clock_"))).toEqual([
      "prober.clock_set",
      "prober.clock_distrusted",
      "prober.clock_right_again",
    ]);
  },
);

describe("slots nobody ran", () => {
  test("because the clock was set forward are recorded, and the newest is run", async () => {
    const shop = await target();
    const at = await world();
    const { clock, feed, results } = at;
    feed.put(monitor("mon_a", shop.url));
    await results.of("mon_a", 1);
    const due = nextSlot(clock.now(), EVERY_MS, phaseOf("mon_a", EVERY_MS));
    await setClock(at, 4 * EVERY_MS, "accepted");
    await clock.advance(EVERY_MS);
    const [, missed, next] = await results.of("mon_a", 3);
    expect(missed).toMatchObject({
      verdict: Verdict.MISSED,
      reason: "clock_jumped",
      slotMs: due,
      missedSlots: 4,
      missedUntilMs: due + 3 * EVERY_MS,
      startedAtMs: 0,
      endpoints: [],
    });
    expect(next).toMatchObject({ verdict: Verdict.HEALTHY, slotMs: due + 4 * EVERY_MS });
  });

  test("are none when the clock was set back: checks go on, each under an instant of its own, until it has caught up", async () => {
    const shop = await target();
    const at = await world();
    const { clock, feed, results } = at;
    feed.put(monitor("mon_a", shop.url));
    await results.of("mon_a", 1);
    const last = await toNextSlot(clock, "mon_a");
    await results.of("mon_a", 2);
    await setClock(at, -3 * EVERY_MS, "accepted");
    for (let round = 3; round <= 7; round += 1) {
      await clock.advance(EVERY_MS);
      await results.of("mon_a", round);
    }
    const slots = results.all.map((each) => each.slotMs);
    expect(slots.slice(1)).toEqual([last, last + 1, last + 2, last + 3, last + EVERY_MS, last + 2 * EVERY_MS]);
    expect(results.all.every((each) => each.verdict === Verdict.HEALTHY)).toBe(true);
    expect(shop.requests).toHaveLength(7);
  });

  test("while the prober was stopped are recorded by the next one", async () => {
    const shop = await target();
    const before = await world();
    const { clock, folder } = before;
    before.feed.put(monitor("mon_a", shop.url));
    const [first] = await before.results.of("mon_a", 1);
    await before.service.stop();
    await clock.advance(10 * EVERY_MS);
    const after = await world({ clock, folder, seed: 9 });
    after.feed.put(monitor("mon_a", shop.url));
    const found = await after.results.of("mon_a", 3);
    const missed = found.find((each) => each.verdict === Verdict.MISSED);
    const firstMissed = nextSlot(first?.slotMs ?? 0, EVERY_MS, phaseOf("mon_a", EVERY_MS));
    // Under the name of a slot it would be taken for the round of that slot, which may have run while the disk was full.
    expect(missed).toMatchObject({
      reason: "prober_stopped",
      slotMs: instantFor({ firstMs: firstMissed, count: 10 }, first?.slotMs ?? 0),
      missedSlots: 10,
      missedUntilMs: firstMissed + 9 * EVERY_MS,
    });
    expect(found.filter((each) => each.verdict === Verdict.HEALTHY).map((each) => each.slotMs)).toEqual([
      first?.slotMs,
      clock.now(),
    ]);
  });

  test("because the prober ended in the middle of their round are recorded, also when a round out of turn came after it", async () => {
    const shop = await target();
    const before = await world();
    const { clock, folder, bus, feed, results } = before;
    feed.put(monitor("mon_a", shop.url));
    await results.of("mon_a", 1);
    let asked = (): void => undefined;
    const underWay = new Promise<void>((resolve) => {
      asked = resolve;
    });
    shop.answer(() => asked());
    const slot = await toNextSlot(clock, "mon_a");
    await underWay;
    shop.answer((_request, response) => response.end());
    const cause = CheckRequested.encode(CheckRequested.fromPartial({ monitorId: "mon_a", cause: "test" })).finish();
    await bus.publish(subjects.checkNow("mon_a"), cause);
    expect((await results.of("mon_a", 2))[1]).toMatchObject({ onDemand: true });
    await before.service.stop();
    await clock.advance(EVERY_MS / 2);
    const after = await world({ clock, folder, seed: 9 });
    after.feed.put(monitor("mon_a", shop.url));
    const missed = (await after.results.of("mon_a", 4)).filter((each) => each.verdict === Verdict.MISSED);
    expect(missed).toMatchObject([{ reason: "prober_stopped", missedSlots: 1, missedUntilMs: slot }]);
  });

  test("while the prober was stopped are recorded also when the monitor was made by a clock that was ahead", async () => {
    const shop = await target();
    const before = await world();
    const { clock, folder } = before;
    const made = { ...monitor("mon_a", shop.url), createdAtMs: clock.now() + 3_600_000 };
    before.feed.put(made);
    await before.results.of("mon_a", 1);
    await before.service.stop();
    await clock.advance(10 * EVERY_MS);
    const after = await world({ clock, folder, seed: 9 });
    after.feed.put(made);
    const found = await after.results.of("mon_a", 3);
    expect(found.map((each) => each.missedSlots)).toContain(10);
  });

  test("are none right after the start when another life may have checked a monitor and could not write it down", async () => {
    const shop = await target();
    const { clock, feed, results } = await world();
    const slotOf = (id: string): number => nextSlot(clock.now(), EVERY_MS, phaseOf(id, EVERY_MS));
    const id = ["mon_a", "mon_b", "mon_c", "mon_d", "mon_e"].find((each) => slotOf(each) < clock.now() + EVERY_MS / 2);
    const made = monitor(id ?? "", shop.url);
    feed.put({ ...made, createdAtMs: clock.now() - 10 * EVERY_MS });
    await results.of(made.id, 1);
    const slotMs = slotOf(made.id);
    await clock.advance(slotMs - clock.now());
    expect((await results.of(made.id, 2))[1]).toMatchObject({ slotMs, verdict: Verdict.HEALTHY });
  });

  test("because the round before still runs are recorded, and that round is not doubled", async () => {
    const shop = await target();
    let held: ServerResponse | undefined;
    const asked = new Promise<void>((resolve) => {
      shop.answer((_request, response) => {
        held = response;
        resolve();
      });
    });
    const { clock, feed, results } = await world();
    const from = clock.now();
    feed.put(monitor("mon_a", shop.url));
    await asked;
    const slot = await toNextSlot(clock, "mon_a");
    // After that of the slot before, which a record on disk says to be there as well.
    expect(results.all).toEqual([]);
    held?.end("late");
    expect(await results.of("mon_a", 2)).toMatchObject([
      { slotMs: from, verdict: Verdict.HEALTHY },
      { verdict: Verdict.MISSED, reason: "still_running", slotMs: slot, missedSlots: 1, missedUntilMs: slot },
    ]);
    expect(shop.requests).toHaveLength(1);
  });
});

describe("a check out of turn", () => {
  const ask = (at: World, monitorId: string): Promise<unknown> =>
    at.bus.publish(
      subjects.checkNow(monitorId),
      CheckRequested.encode(CheckRequested.fromPartial({ monitorId, cause: "test" })).finish(),
    );

  test("runs now, each at an instant of its own, and an unknown monitor is passed over", async () => {
    const shop = await target();
    const at = await world();
    at.feed.put(monitor("mon_a", shop.url));
    await at.results.of("mon_a", 1);
    await ask(at, "mon_nobody");
    await ask(at, "mon_a");
    await ask(at, "mon_a");
    const found = await at.results.of("mon_a", 3);
    expect(found.map((each) => each.onDemand)).toEqual([false, true, true]);
    expect(new Set(found.map((each) => each.slotMs)).size).toBe(3);
    expect(at.results.all).toHaveLength(3);
    const slot = await toNextSlot(at.clock, "mon_a");
    expect((await at.results.of("mon_a", 4))[3]).toMatchObject({ slotMs: slot, onDemand: false });
  });

  test("does not wait for that of another monitor", async () => {
    const [stuck, quick] = [await target(), await target()];
    const at = await world();
    at.feed.put(monitor("mon_stuck", stuck.url));
    at.feed.put(monitor("mon_quick", quick.url));
    await at.results.of("mon_stuck", 1);
    await at.results.of("mon_quick", 1);
    stuck.answer(() => undefined);
    await ask(at, "mon_stuck");
    await ask(at, "mon_quick");
    expect((await at.results.of("mon_quick", 2))[1]).toMatchObject({ onDemand: true });
  });
});

test("stopping takes less than five seconds though a target hangs, and says nothing about the target", async () => {
  const shop = await target();
  const asked = new Promise<void>((resolve) => {
    shop.answer(() => resolve());
  });
  const at = await world();
  at.feed.put(monitor("mon_a", shop.url, { timeoutMs: 60_000 }));
  await asked;
  await at.service.stop();
  expect(at.results.all).toEqual([]);
  expect(await leftIn(at.folder)).toEqual([]);
}, 5000);
