import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import {
  CheckRequested,
  CheckResult,
  Monitor,
  type MonitorSpec,
  MonitorView,
  partitionOf,
  type SentinelApi,
  SentinelError,
  STREAM_CHECKS,
  subjects,
  Verdict,
  Watermark,
  WatchResponse,
} from "@sentinel/contracts";
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
  systemClock,
} from "@sentinel/service-kit";
import { type HttpTarget, seededRandom, startHttpTarget, VirtualClock } from "@sentinel/testkit";
import { nextSlot, phaseOf } from "./core/slots.ts";
import { openSpool } from "./spool/spool.ts";
import { startProber } from "./start.ts";

const EVERY_MS = 30_000;
const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});
afterAll(() => egress.close());

/** Monitors as the incidents service would tell of them. */
class Feed implements Pick<SentinelApi, "watch"> {
  readonly #queue: WatchResponse[] = [];
  #wake: () => void = () => undefined;
  #hungUp = false;

  put(monitor: Monitor): void {
    this.#push({ $case: "monitor", value: MonitorView.fromPartial({ monitor }) });
  }
  remove(id: string): void {
    this.#push({ $case: "monitorRemoved", value: id });
  }
  complete(): void {
    this.#push({ $case: "snapshotComplete", value: true });
  }
  /** As when the connection breaks; what was not told yet is told to the next caller. */
  hangUp(): void {
    this.#hungUp = true;
    this.#wake();
  }
  #push(change: WatchResponse["change"]): void {
    this.#queue.push({ ...WatchResponse.fromPartial({ atMs: 1 }), change });
    this.#wake();
  }
  readonly watch: SentinelApi["watch"] = (_request, { signal }) => this.#changes(signal);

  async *#changes(signal: AbortSignal): AsyncGenerator<WatchResponse> {
    this.#hungUp = false;
    while (!signal.aborted && !this.#hungUp) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) yield next;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}

/** Everything on the checks stream, in order, with a way to wait for more. */
class Results {
  readonly all: CheckResult[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(bus: Bus, signal: AbortSignal) {
    void this.#follow(bus, signal);
  }
  async #follow(bus: Bus, signal: AbortSignal): Promise<void> {
    for await (const message of bus.read(STREAM_CHECKS, { afterSeq: 0, signal })) {
      this.all.push(CheckResult.decode(message.data));
      for (const wake of this.#waiting) wake();
    }
  }
  /** The first `count` results of a monitor. */
  async of(monitorId: string, count: number): Promise<readonly CheckResult[]> {
    for (;;) {
      const found = this.all.filter((each) => each.monitorId === monitorId);
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

/** The way to the broker, which a test may cut. */
interface Link {
  up: boolean;
}

interface World {
  readonly clock: VirtualClock;
  readonly bus: Bus;
  readonly feed: Feed;
  readonly results: Results;
  /** Ids published so far, repeats included. */
  readonly published: string[];
  readonly link: Link;
  readonly folder: string;
  readonly service: Service;
}

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "prober-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

async function world(from: Partial<Pick<World, "clock" | "folder">> & { readonly seed?: number } = {}): Promise<World> {
  const clock = from.clock ?? new VirtualClock();
  const folder = from.folder ?? (await newFolder());
  const inner = createEmbeddedBus({ clock, random: seededRandom(from.seed ?? 1) });
  const published: string[] = [];
  const link: Link = { up: true };
  const bus = tapped(inner, published, link);
  await ensureStreams(bus);
  const reading = new AbortController();
  const results = new Results(inner, reading.signal);
  const feed = new Feed();
  const kit: ServiceKit = {
    clock,
    random: seededRandom(2),
    log: silentLog,
    metrics: createMetrics(),
    tracing: offTracing,
    failpoint: noFailpoint,
  };
  const service = await startProber({ kit, bus, api: feed, egress, spoolDir: folder, region: "local", name: "p1" });
  cleanups.push(async () => {
    await service.stop();
    reading.abort();
    await inner.close();
  });
  return { clock, bus, feed, results, published, link, folder, service };
}

/** The same bus, noting what is published to the fold, over a link that may be cut. */
function tapped(bus: Bus, published: string[], link: Link): Bus {
  return {
    ensureStream: (config) => bus.ensureStream(config),
    publish: (subject, data, options) => {
      if (subject.startsWith("chk.")) published.push(options?.id ?? "");
      if (!link.up) return Promise.reject(new SentinelError("bus_unavailable", {}));
      return bus.publish(subject, data, options);
    },
    read: (stream, options) => bus.read(stream, options),
    consume: (options) => bus.consume(options),
    state: (stream) => bus.state(stream),
    connected: () => link.up && bus.connected(),
    close: () => bus.close(),
  };
}

async function target(): Promise<HttpTarget> {
  const started = await startHttpTarget();
  cleanups.push(() => started.stop());
  return started;
}

const monitor = (id: string, url: string, spec: Partial<MonitorSpec> = {}, version = 1): Monitor => {
  const whole = Monitor.fromPartial({
    id,
    version,
    createdAtMs: 1,
    spec: { name: id, endpoints: [{ url, method: "GET" }] },
  });
  if (whole.spec === undefined) throw new Error("no spec");
  return { ...whole, spec: { ...whole.spec, everyMs: EVERY_MS, timeoutMs: 10_000, ...spec } };
};

/** To the next slot of a monitor, and the slot. */
async function toNextSlot(clock: VirtualClock, id: string): Promise<number> {
  const slotMs = nextSlot(clock.now(), EVERY_MS, phaseOf(id, EVERY_MS));
  await clock.advance(slotMs - clock.now());
  return slotMs;
}

/** Lets sockets and files do their work, which no virtual clock waits for. */
async function turnsUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

const confirm = (at: World, id: string, epoch: string, seq: number): Promise<unknown> =>
  at.bus.publish(
    subjects.watermark(partitionOf(id)),
    Watermark.encode(Watermark.fromPartial({ part: partitionOf(id), streamEpoch: epoch, seq })).finish(),
  );

const leftIn = async (folder: string): Promise<readonly string[]> => {
  const spool = await openSpool(folder);
  const ids = spool.left.map((entry) => entry.id);
  await spool.close();
  return ids;
};

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

describe("slots nobody ran", () => {
  test("after the process stood still are recorded, and the newest is run", async () => {
    const shop = await target();
    const { clock, feed, results } = await world();
    feed.put(monitor("mon_a", shop.url));
    await results.of("mon_a", 1);
    const due = nextSlot(clock.now(), EVERY_MS, phaseOf("mon_a", EVERY_MS));
    clock.jump(4 * EVERY_MS);
    await clock.advance(EVERY_MS);
    const [, missed, next] = await results.of("mon_a", 3);
    expect(missed).toMatchObject({
      verdict: Verdict.MISSED,
      reason: "late",
      slotMs: due,
      missedSlots: 4,
      missedUntilMs: due + 3 * EVERY_MS,
      startedAtMs: 0,
      endpoints: [],
    });
    expect(next).toMatchObject({ verdict: Verdict.HEALTHY, slotMs: due + 4 * EVERY_MS });
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
    expect(missed).toMatchObject({
      reason: "prober_stopped",
      slotMs: nextSlot(first?.slotMs ?? 0, EVERY_MS, phaseOf("mon_a", EVERY_MS)),
      missedSlots: 10,
    });
    expect(found.filter((each) => each.verdict === Verdict.HEALTHY).map((each) => each.slotMs)).toEqual([
      first?.slotMs,
      clock.now(),
    ]);
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
    expect(await results.of("mon_a", 1)).toMatchObject([
      { verdict: Verdict.MISSED, reason: "still_running", slotMs: slot, missedSlots: 1, missedUntilMs: slot },
    ]);
    held?.end("late");
    expect((await results.of("mon_a", 2))[1]).toMatchObject({ slotMs: from, verdict: Verdict.HEALTHY });
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

describe("what the fold has not confirmed", () => {
  test("stays on disk; the watermark of the same life of the stream lets it go", async () => {
    const shop = await target();
    const at = await world();
    at.feed.put(monitor("mon_a", shop.url));
    await at.results.of("mon_a", 1);
    await toNextSlot(at.clock, "mon_a");
    const [, second] = await at.results.of("mon_a", 2);
    const { epoch } = await at.bus.state(STREAM_CHECKS);
    await confirm(at, "mon_a", epoch, 1);
    await at.clock.advance(0);
    await at.service.stop();
    expect(await leftIn(at.folder)).toEqual([`mon_a:local:${second?.slotMs}`]);
  });

  test("is let go also by a watermark that is faster than the broker's answer", async () => {
    const shop = await target();
    const at = await world();
    const { epoch } = await at.bus.state(STREAM_CHECKS);
    await confirm(at, "mon_a", epoch, 5);
    at.feed.put(monitor("mon_a", shop.url));
    await at.results.of("mon_a", 1);
    await at.clock.advance(0);
    await at.service.stop();
    expect(await leftIn(at.folder)).toEqual([]);
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
