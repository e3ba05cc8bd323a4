import { afterEach, describe, expect, test } from "@jest/globals";
import { CheckResult, partitionOf, STREAM_CHECKS, subjects, Verdict, Watermark } from "@sentinel/contracts";
import { type Bus, ensureStreams, fingerprintOf, packFingerprints } from "@sentinel/messaging";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { createMetrics, noFailpoint, offTracing, type ServiceKit, silentLog } from "@sentinel/service-kit";
import { seededRandom, VirtualClock } from "@sentinel/testkit";
import { createPublisher, type Publisher } from "./publish-check.ts";
import { createMemorySpool } from "./spool/memory-spool.ts";
import type { Spool } from "./spool/spool.ts";

const MONITOR = "mon_a";
const ended = new AbortController();
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function publisherOn(
  spool: Spool,
  on: { readonly clock?: VirtualClock; readonly bus?: Bus } = {},
): Promise<{ readonly bus: Bus; readonly publisher: Publisher }> {
  const clock = on.clock ?? new VirtualClock();
  const bus = on.bus ?? createEmbeddedBus({ clock, random: seededRandom(1) });
  await ensureStreams(bus);
  const kit: ServiceKit = {
    clock,
    random: seededRandom(2),
    log: silentLog,
    metrics: createMetrics(),
    tracing: offTracing,
    failpoint: noFailpoint,
  };
  const publisher = createPublisher(kit, bus, spool);
  stops.push(async () => {
    await publisher.stop();
    await bus.close();
  });
  return { bus, publisher };
}

async function published(bus: Bus, count: number): Promise<readonly CheckResult[]> {
  const found: CheckResult[] = [];
  for await (const message of bus.read(STREAM_CHECKS, { afterSeq: 0, signal: ended.signal })) {
    found.push(CheckResult.decode(message.data));
    if (found.length === count) break;
  }
  return found;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 10_000) throw new Error("it never came true");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const result = (slotMs: number, evidence: { readonly body?: number; readonly headers?: number } = {}): CheckResult =>
  CheckResult.fromPartial({
    monitorId: MONITOR,
    region: "local",
    slotMs,
    verdict: Verdict.DOWN,
    reason: "status",
    endpoints: [
      {
        url: "https://a.example",
        verdict: Verdict.DOWN,
        reason: "status",
        evidence: {
          status: 500,
          bodyHead: new Uint8Array(evidence.body ?? 0),
          headers: { "x-long": "x".repeat(evidence.headers ?? 0) },
        },
      },
    ],
  });

describe("a result that the bus refuses for its size", () => {
  test("goes out without the bodies it saw", async () => {
    const { bus, publisher } = await publisherOn(createMemorySpool());
    await publisher.submit(result(1, { body: 2_000_000 }));
    const [sent] = await published(bus, 1);
    expect(sent).toMatchObject({ slotMs: 1, verdict: Verdict.DOWN, reason: "status" });
    expect(sent?.endpoints[0]?.evidence).toMatchObject({ status: 500 });
    expect(sent?.endpoints[0]?.evidence?.bodyHead).toHaveLength(0);
  });

  test("and is too large without them as well is sent as unknown, and holds up none behind it", async () => {
    const { bus, publisher } = await publisherOn(createMemorySpool());
    await publisher.submit(result(1, { headers: 2_000_000 }));
    await publisher.submit(result(2));
    const sent = (await published(bus, 2)).toSorted((a, b) => a.slotMs - b.slotMs);
    expect(sent).toMatchObject([
      { slotMs: 1, verdict: Verdict.UNKNOWN, reason: "result_too_large", endpoints: [] },
      { slotMs: 2, verdict: Verdict.DOWN, reason: "status" },
    ]);
  });
});

describe("a disk that takes no results", () => {
  function brokenSpool(): { readonly spool: Spool; readonly appended: number[]; broken: boolean } {
    const inner = createMemorySpool();
    const state = {
      broken: true,
      appended: new Array<number>(),
      spool: {
        ...inner,
        append: (each: CheckResult) => {
          if (state.broken) return Promise.reject(Object.assign(new Error("no space left"), { code: "ENOSPC" }));
          state.appended.push(each.slotMs);
          return inner.append(each);
        },
      },
    };
    return state;
  }

  test("keeps nothing from the fold, is said, and gets what waited when it has room again", async () => {
    const disk = brokenSpool();
    const { bus, publisher } = await publisherOn(disk.spool);
    await publisher.submit(result(1));
    expect(publisher.trouble()).toBe("disk_full");
    expect(await published(bus, 1)).toMatchObject([{ slotMs: 1, verdict: Verdict.DOWN }]);
    disk.broken = false;
    await publisher.submit(result(2));
    expect(publisher.trouble()).toBeNull();
    await until(() => disk.appended.length === 2);
    expect(disk.appended).toEqual([2, 1]);
    const { epoch } = await bus.state(STREAM_CHECKS);
    await published(bus, 2);
    await tell(bus, { streamEpoch: epoch, seq: 2 }, [result(1), result(2)]);
    await until(() => disk.spool.size() === 0);
  });
});

/** The watermark of a fold that has these results. */
function tell(bus: Bus, mark: Partial<Watermark>, results: readonly CheckResult[]): Promise<unknown> {
  const part = partitionOf(MONITOR);
  const folded = packFingerprints(results.map((each) => fingerprintOf(CheckResult.encode(each).finish())));
  return bus.publish(
    subjects.watermark(part),
    Watermark.encode(Watermark.fromPartial({ ...mark, part, folded })).finish(),
  );
}

describe("the watermark", () => {
  /** A bus whose answers to results wait, and that counts what it was given. */
  async function slowly(inner: Bus) {
    const given: string[] = [];
    const held: (() => void)[] = [];
    const bus: Bus = {
      ...bound(inner),
      publish: async (subject, data, options) => {
        const ack = await inner.publish(subject, data, options);
        if (!subject.startsWith("chk.")) return ack;
        given.push(options?.id ?? "");
        if (given.length === 1) await new Promise<void>((resolve) => held.push(resolve));
        return ack;
      },
    };
    return { bus, given, answer: () => held.splice(0).forEach((resolve) => resolve()) };
  }
  const bound = (inner: Bus): Bus => ({
    ensureStream: (config) => inner.ensureStream(config),
    publish: (subject, data, options) => inner.publish(subject, data, options),
    read: (stream, options) => inner.read(stream, options),
    consume: (options) => inner.consume(options),
    state: (stream) => inner.state(stream),
    connected: () => inner.connected(),
    onBack: (listener) => inner.onBack(listener),
    close: () => inner.close(),
  });
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  test("lets a result go also when it is faster than the broker's answer, which changes nothing any more", async () => {
    const clock = new VirtualClock();
    const inner = createEmbeddedBus({ clock, random: seededRandom(1) });
    const { bus, given, answer } = await slowly(inner);
    const spool = createMemorySpool();
    const { publisher } = await publisherOn(spool, { clock, bus });
    await publisher.submit(result(1));
    await until(() => given.length === 1);
    await tell(inner, { streamEpoch: (await inner.state(STREAM_CHECKS)).epoch, seq: 1 }, [result(1)]);
    await until(() => spool.size() === 0);
    answer();
    await clock.advance(3_600_000);
    expect(given).toHaveLength(1);
  });

  test("that is past a result without telling of it confirms nothing: it goes out again, as a message of its own", async () => {
    const clock = new VirtualClock();
    const spool = createMemorySpool();
    const { bus, publisher } = await publisherOn(spool, { clock });
    const { epoch: streamEpoch } = await bus.state(STREAM_CHECKS);
    await publisher.submit(result(1));
    await published(bus, 1);
    await turns(20);
    await tell(bus, { streamEpoch, seq: 9 }, [result(2)]);
    await turns(20);
    await clock.advance(5000);
    expect(spool.size()).toBe(1);
    expect(await published(bus, 2)).toEqual([result(1), result(1)]);
    await tell(bus, { streamEpoch, seq: 10 }, [result(1)]);
    await until(() => spool.size() === 0);
  });

  test("that never comes has a result published again and again, less and less often", async () => {
    const clock = new VirtualClock();
    const inner = createEmbeddedBus({ clock, random: seededRandom(1) });
    const { bus, given, answer } = await slowly(inner);
    const { publisher } = await publisherOn(createMemorySpool(), { clock, bus });
    await publisher.submit(result(1));
    await until(() => given.length === 1);
    answer();
    await clock.advance(65_000);
    expect(given).toHaveLength(2);
    await clock.advance(3_600_000);
    expect(given.length).toBeGreaterThan(4);
    expect(given.length).toBeLessThan(9);
    expect(new Set(given).size).toBe(1);
  });

  test("of a new generation has everything published again that the one before had not", async () => {
    const clock = new VirtualClock();
    const inner = createEmbeddedBus({ clock, random: seededRandom(1) });
    const { bus, given, answer } = await slowly(inner);
    const spool = createMemorySpool();
    const { publisher } = await publisherOn(spool, { clock, bus });
    const { epoch: streamEpoch } = await inner.state(STREAM_CHECKS);
    await tell(inner, { streamEpoch, seq: 0, generation: 1 }, []);
    await turns(20);
    await publisher.submit(result(1));
    await until(() => given.length === 1);
    answer();
    await turns(20);
    await tell(inner, { streamEpoch, seq: 0, generation: 2 }, []);
    await until(() => given.length === 2);
    expect(given[1]).toBe(given[0]);
    expect(spool.size()).toBe(1);
  });
});
