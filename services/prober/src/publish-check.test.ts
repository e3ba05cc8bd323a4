import { afterEach, describe, expect, test } from "@jest/globals";
import { CheckResult, partitionOf, STREAM_CHECKS, subjects, Verdict, Watermark } from "@sentinel/contracts";
import { type Bus, ensureStreams } from "@sentinel/messaging";
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

async function publisherOn(spool: Spool): Promise<{ readonly bus: Bus; readonly publisher: Publisher }> {
  const clock = new VirtualClock();
  const bus = createEmbeddedBus({ clock, random: seededRandom(1) });
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
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
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
    const mark = Watermark.fromPartial({ part: partitionOf(MONITOR), streamEpoch: epoch, seq: 2 });
    await bus.publish(subjects.watermark(partitionOf(MONITOR)), Watermark.encode(mark).finish());
    await until(() => disk.spool.size() === 0);
  });
});
