import { afterEach, describe, expect, test } from "@jest/globals";
import { type Monitor, MonitorView, type SentinelApi, Verdict, WatchResponse } from "@sentinel/contracts";
import { createEgress } from "@sentinel/egress";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { createMetrics, noFailpoint, offTracing, silentLog, systemClock, systemRandom } from "@sentinel/service-kit";
import { startHttpTarget } from "@sentinel/testkit";
import { nextSlot, phaseOf } from "./core/slots.ts";
import { startProber, toSpooled } from "./start.ts";
import { createMemorySpool } from "./spool/memory-spool.ts";
import { endWorld, monitor, target, toNextSlot, world } from "./test-world.ts";

afterEach(endWorld);

describe("after a start", () => {
  test("monitors of before are looked at in their slots, unless all are to be looked at at once", async () => {
    const shop = await target();
    const before = await world();
    const { clock, folder } = before;
    const known = monitor("mon_a", `${shop.url}/known`);
    const asked = (): number => shop.requests.filter(({ url }) => url === "/known").length;
    before.feed.put(known);
    await before.results.of("mon_a", 1);
    await before.service.stop();
    const spread = await world({ clock, folder, firstChecks: "spread" });
    spread.feed.put(known);
    // A new one is looked at at once all the same, and by then the other would have been.
    spread.feed.put(monitor("mon_new", shop.url));
    await spread.results.of("mon_new", 1);
    expect(asked()).toBe(1);
    const slotMs = await toNextSlot(clock, "mon_a");
    // The first is of the life before, which nobody confirmed.
    expect((await spread.results.of("mon_a", 2))[1]).toMatchObject({ slotMs, verdict: Verdict.HEALTHY });
    expect(asked()).toBe(2);
  });

  test("one with a long interval is looked at within a minute", async () => {
    const shop = await target();
    const day = { everyMs: 86_400_000 };
    const before = await world();
    const { clock, folder } = before;
    before.feed.put(monitor("mon_day", shop.url, day));
    await before.results.of("mon_day", 1);
    await before.service.stop();
    const spread = await world({ clock, folder, firstChecks: "spread" });
    spread.feed.put(monitor("mon_day", shop.url, day));
    spread.feed.put(monitor("mon_new", shop.url));
    await spread.results.of("mon_new", 1);
    const slotMs = nextSlot(clock.now(), day.everyMs, phaseOf("mon_day", day.everyMs));
    await clock.advance(60_000);
    const [, first] = await spread.results.of("mon_day", 2);
    expect(first?.slotMs).toBeLessThan(slotMs);
  });
});

/** A prober on the clock of the machine that keeps nothing, with what it was told to watch. */
async function prober(perHost: number) {
  const waiting: Monitor[] = [];
  let wake: () => void = () => undefined;
  let taken: () => void = () => undefined;
  const api: Pick<SentinelApi, "watch"> = {
    async *watch(_request, { signal }) {
      signal.addEventListener("abort", () => wake(), { once: true });
      while (!signal.aborted) {
        for (const each of waiting.splice(0)) {
          const value = MonitorView.fromPartial({ monitor: each });
          yield { ...WatchResponse.fromPartial({ atMs: 1 }), change: { $case: "monitor", value } };
        }
        taken();
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
  const kit = {
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics: createMetrics(),
    tracing: offTracing,
    failpoint: noFailpoint,
  };
  const checked = new Map<string, number>();
  let changed: () => void = () => undefined;
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  const service = await startProber({
    kit,
    bus: createEmbeddedBus(kit),
    api,
    egress,
    perHost,
    spool: {
      ...createMemorySpool(),
      append: (result) => {
        if (result.verdict !== Verdict.MISSED) {
          checked.set(result.monitorId, (checked.get(result.monitorId) ?? 0) + 1);
          changed();
        }
        return Promise.resolve({ ...toSpooled(result, new Uint8Array(), 0), dropped: true });
      },
    },
    region: "local",
    name: "p1",
  });
  return {
    checked,
    /** Resolves when all were taken. */
    put: (monitors: readonly Monitor[]): Promise<void> => {
      waiting.push(...monitors);
      wake();
      return new Promise((resolve) => (taken = resolve));
    },
    until: async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise<void>((resolve) => (changed = resolve));
    },
    stop: async (): Promise<void> => {
      await service.stop();
      egress.close();
    },
  };
}

const many = (count: number, url: string, version: number, paused = false): readonly Monitor[] =>
  Array.from({ length: count }, (_, i) => monitor(`many_${i}`, url, { everyMs: 3_600_000, paused }, version));

test("a host is asked by no more checks at a time than it may be, and all come to their turn", async () => {
  const PER_HOST = 4;
  let busy = 0;
  let most = 0;
  const held: (() => void)[] = [];
  const shop = await startHttpTarget((_request, response) => {
    busy += 1;
    most = Math.max(most, busy);
    held.push(() => {
      busy -= 1;
      response.end("ok");
    });
    // Ended when as many as may have come, so that more would have come if they might.
    if (busy === PER_HOST) setImmediate(() => held.splice(0).forEach((end) => end()));
  });
  const at = await prober(PER_HOST);
  try {
    await at.put(many(40, shop.url, 1));
    await at.until(() => at.checked.size === 40);
    expect(most).toBe(PER_HOST);
  } finally {
    await at.stop();
    await shop.stop();
  }
});
