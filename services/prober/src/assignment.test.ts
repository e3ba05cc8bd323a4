import { afterEach, expect, test } from "@jest/globals";
import { CheckResult, type Monitor, MonitorView, STREAM_CHECKS, Verdict, WatchResponse } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { SentinelApi } from "@sentinel/contracts";
import { createEgress } from "@sentinel/egress";
import { type Bus, ensureStreams } from "@sentinel/messaging";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import {
  createMetrics,
  noFailpoint,
  offTracing,
  type Service,
  type ServiceKit,
  silentLog,
} from "@sentinel/service-kit";
import { seededRandom, VirtualClock } from "@sentinel/testkit";
import { createMemorySpool } from "./spool/memory-spool.ts";
import { startProber } from "./start.ts";
import { EVERY_MS, monitor } from "./test-world.ts";

/** Between two looks at a monitor, whatever happens to its prober. */
const SILENT_MS = 36_000;
const MONITORS = Array.from({ length: 60 }, (_, i) => monitor(`mon_${i}`, "refused://nowhere"));

const clock = new VirtualClock();
const stopping = new Set<() => Promise<unknown>>();
afterEach(async () => {
  for (const stop of stopping) await ended(stop());
  stopping.clear();
});

/** What stops takes time, which stands until it is advanced. */
async function ended(work: Promise<unknown>): Promise<void> {
  const state = { done: false };
  void work.finally(() => (state.done = true));
  while (!state.done) await clock.advance(250);
}

/** The monitors as they are, and no news. */
const api = (monitors: readonly Monitor[]): Pick<SentinelApi, "watch"> => ({
  async *watch(_request, { signal }) {
    for (const each of monitors) {
      const value = MonitorView.fromPartial({ monitor: each });
      yield { ...WatchResponse.fromPartial({ atMs: 1 }), change: { $case: "monitor", value } };
    }
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  },
});

interface Cut {
  /** From now on nothing of this prober gets through, as when it is killed or its cable is. */
  cut(): void;
  mend(): void;
  readonly service: Service;
}

/** Probers of one region on one bus, and what they publish. */
class Region {
  readonly bus = createEmbeddedBus({ clock, random: seededRandom(1) });
  readonly results: CheckResult[] = [];

  async begin(): Promise<void> {
    await ensureStreams(this.bus);
    const reading = new AbortController();
    stopping.add(async () => {
      reading.abort();
      await this.bus.close();
    });
    void (async () => {
      for await (const { data } of this.bus.read(STREAM_CHECKS, { afterSeq: 0, signal: reading.signal })) {
        this.results.push(CheckResult.decode(data));
      }
    })();
  }

  async start(name: string): Promise<Cut> {
    const link = { up: true };
    const bus: Bus = {
      ...this.bus,
      ensureStream: (config) => this.bus.ensureStream(config),
      state: (stream) => this.bus.state(stream),
      read: (stream, options) => cutOff(this.bus.read(stream, options), link),
      consume: (options) => this.bus.consume(options),
      connected: () => link.up,
      onBack: (listener) => this.bus.onBack(listener),
      close: () => this.bus.close(),
      publish: async (...of) => {
        if (!link.up) throw new SentinelError("bus_unavailable");
        return await this.bus.publish(...of);
      },
    };
    const kit: ServiceKit = {
      clock,
      random: seededRandom(2),
      log: silentLog,
      metrics: createMetrics(),
      tracing: offTracing,
      failpoint: noFailpoint,
    };
    const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock });
    const service = await startProber({
      kit,
      bus,
      api: api(MONITORS),
      egress,
      spool: createMemorySpool(),
      region: "eu",
      name,
      sharing: {},
      loopDelay: { p99Ms: () => 0, stop: () => undefined },
    });
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      link.up = true;
      await service.stop();
      egress.close();
    };
    stopping.add(stop);
    return { service: { ...service, stop }, cut: () => void (link.up = false), mend: () => void (link.up = true) };
  }

  /** The longest time between two looks at one monitor, from then on until now. */
  longestSilence(fromMs: number): number {
    return Math.max(
      ...MONITORS.map(({ id }) => {
        const looked = this.results.filter((each) => each.monitorId === id && each.verdict !== Verdict.MISSED);
        const at = [fromMs, ...looked.map((each) => each.startedAtMs).filter((ms) => ms > fromMs), clock.now()];
        return Math.max(...at.slice(1).map((ms, i) => ms - (at[i] ?? 0)));
      }),
    );
  }

  /** Who looked since then. */
  lookers(fromMs: number): Record<string, number> {
    const count: Record<string, number> = {};
    for (const each of this.results) {
      if (each.startedAtMs > fromMs) count[each.prober] = (count[each.prober] ?? 0) + 1;
    }
    return count;
  }
}

async function* cutOff<T>(items: AsyncIterable<T>, link: { readonly up: boolean }): AsyncGenerator<T> {
  for await (const item of items) if (link.up) yield item;
}

test("three probers share the monitors: each slot is looked at, and none twice for long", async () => {
  const region = new Region();
  await region.begin();
  for (const name of ["p1", "p2", "p3"]) await region.start(name);
  await clock.advance(90_000);
  const fromMs = clock.now();
  await clock.advance(4 * EVERY_MS);
  const lookers = region.lookers(fromMs);
  expect(Object.keys(lookers).toSorted()).toEqual(["p1", "p2", "p3"]);
  expect(Object.values(lookers).reduce((sum, each) => sum + each)).toBe(4 * MONITORS.length);
});

test("one that is killed: no monitor is silent for longer than an interval and 6 s, and what it may have missed is told", async () => {
  const region = new Region();
  await region.begin();
  const [first] = [await region.start("p1"), await region.start("p2"), await region.start("p3")];
  await clock.advance(90_000);
  const fromMs = clock.now();
  first.cut();
  await clock.advance(4 * EVERY_MS);
  expect(region.longestSilence(fromMs)).toBeLessThanOrEqual(SILENT_MS);
  expect(region.lookers(fromMs + 7000)["p1"]).toBeUndefined();
  const missed = region.results.filter((each) => each.verdict === Verdict.MISSED);
  expect(missed.length).toBeGreaterThan(0);
  expect(missed.every((each) => each.reason === "prober_lost" && each.missedSlots === 1)).toBe(true);
});

test("one that joins takes its part, and no monitor is silent for longer than its interval", async () => {
  const region = new Region();
  await region.begin();
  await region.start("p1");
  await region.start("p2");
  await clock.advance(90_000);
  const fromMs = clock.now();
  await region.start("p3");
  await clock.advance(3 * EVERY_MS);
  expect(region.longestSilence(fromMs)).toBeLessThanOrEqual(EVERY_MS + 1000);
  expect(region.lookers(fromMs)["p3"]).toBeGreaterThan(0);
});

test("one that stops hands over at once: no slot is left out", async () => {
  const region = new Region();
  await region.begin();
  const leaving = await region.start("p1");
  await region.start("p2");
  await clock.advance(90_000);
  const fromMs = clock.now();
  await ended(leaving.service.stop());
  await clock.advance(3 * EVERY_MS);
  expect(region.longestSilence(fromMs)).toBeLessThanOrEqual(EVERY_MS + 1000);
  expect(region.results.filter((each) => each.verdict === Verdict.MISSED)).toEqual([]);
});
