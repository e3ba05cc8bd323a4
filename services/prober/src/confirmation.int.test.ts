import { afterEach, describe, expect, test } from "@jest/globals";
import { STREAM_CHECKS, Verdict } from "@sentinel/contracts";
import { confirm, endWorld, EVERY_MS, leftIn, monitor, target, toNextSlot, turnsUntil, world } from "./test-world.ts";

afterEach(endWorld);

describe("what the fold has not confirmed", () => {
  test("stays on disk; the watermark that tells of it lets it go", async () => {
    const shop = await target();
    const at = await world();
    at.feed.put(monitor("mon_a", shop.url));
    await at.results.of("mon_a", 1);
    await toNextSlot(at.clock, "mon_a");
    const [first, second] = await at.results.of("mon_a", 2);
    const { epoch } = await at.bus.state(STREAM_CHECKS);
    await confirm(at, "mon_a", epoch, 1, first === undefined ? [] : [first]);
    await at.clock.advance(0);
    await at.service.stop();
    expect(await leftIn(at.folder)).toEqual([`mon_a:local:${second?.slotMs}`]);
  });

  test("goes out again when the watermark is of another life, and is kept", async () => {
    const shop = await target();
    const at = await world();
    at.feed.put(monitor("mon_a", shop.url));
    const [first] = await at.results.of("mon_a", 1);
    const id = `mon_a:local:${first?.slotMs}`;
    await at.clock.advance(0);
    await confirm(at, "mon_a", "another-life", 99);
    await turnsUntil(() => at.published.length > 1);
    expect(at.published).toEqual([id, id]);
    expect(at.results.all).toHaveLength(1);
    await at.service.stop();
    expect(await leftIn(at.folder)).toEqual([id]);
  });

  test("waits for a broker that is away, and goes out again when one comes back", async () => {
    const shop = await target();
    const at = await world();
    at.feed.put(monitor("mon_a", shop.url));
    const [first] = await at.results.of("mon_a", 1);
    at.link.up = false;
    await toNextSlot(at.clock, "mon_a");
    await turnsUntil(() => at.published.length > 1);
    await at.clock.until(() => at.published.length > 3, EVERY_MS);
    expect(at.service.health()).toBe("bus_unavailable");
    expect(at.results.all).toHaveLength(1);
    at.link.up = true;
    for (const tell of at.link.back) tell();
    await at.clock.advance(6000);
    expect((await at.results.of("mon_a", 2))[1]?.verdict).toBe(Verdict.HEALTHY);
    expect(at.service.health()).toBeNull();
    expect(at.published.filter((id) => id === `mon_a:local:${first?.slotMs}`)).toHaveLength(2);
  });

  test("is published by the next prober, to whatever bus there is then", async () => {
    const shop = await target();
    const before = await world();
    before.feed.put(monitor("mon_a", shop.url));
    const [first] = await before.results.of("mon_a", 1);
    await before.service.stop();
    const after = await world({ clock: before.clock, folder: before.folder, seed: 9 });
    expect(await after.results.of("mon_a", 1)).toEqual([first]);
  });
});

test("what is down is looked at again a second later by a prober that is alone, long before its next slot", async () => {
  const shop = await target();
  const at = await world();
  at.feed.put(monitor("mon_a", shop.url, { failuresToConfirm: 2 }));
  await at.results.of("mon_a", 1);
  await shop.stop();
  await toNextSlot(at.clock, "mon_a");
  const [, first] = await at.results.of("mon_a", 2);
  await at.clock.advance(1000);
  const second = (await at.results.of("mon_a", 3))[2];
  expect(first).toMatchObject({ verdict: Verdict.DOWN, onDemand: false });
  expect(second).toMatchObject({ verdict: Verdict.DOWN, onDemand: true });
  const betweenMs = (second?.startedAtMs ?? 0) - (first?.startedAtMs ?? 0);
  expect(betweenMs).toBeGreaterThanOrEqual(1000);
  // 95 of 100 onsets meet a slot within 28.5 s: told within 32 s, and the timeout where there is one.
  expect(0.95 * EVERY_MS + betweenMs).toBeLessThanOrEqual(32_000);
});
