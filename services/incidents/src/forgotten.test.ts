import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  CheckResult,
  type Monitor,
  partitionOf,
  Resolution,
  STREAM_CHECKS,
  STREAM_WATERMARKS,
  subjects,
  Verdict,
  Watermark,
} from "@sentinel/contracts";
import type { Bus, Message, ReadOptions } from "@sentinel/messaging";
import { aRound, EVERY_MS, T0 } from "./core/fixtures.ts";
import { caller, type Process, type ShellWorld, shellWorld } from "./shell-world.ts";

/** The check stream of a broker that forgets, as the bus promises to show it; everything else as it is. */
class ForgetfulBroker {
  readonly bus: Bus;
  #epoch = "life-1";
  #course = 0;
  #messages: Message[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(inner: Bus) {
    this.bus = {
      ensureStream: (config) => inner.ensureStream(config),
      publish: (subject, data, options) => inner.publish(subject, data, options),
      consume: (options) => inner.consume(options),
      connected: () => inner.connected(),
      onBack: (listener) => inner.onBack(listener),
      close: () => inner.close(),
      read: (stream, options) => (stream === STREAM_CHECKS ? this.#read(options) : inner.read(stream, options)),
      state: async (stream) =>
        stream === STREAM_CHECKS ? { epoch: this.#epoch, firstSeq: 1, lastSeq: this.#lastSeq } : inner.state(stream),
    };
  }

  get #lastSeq(): number {
    return this.#messages.at(-1)?.seq ?? 0;
  }

  take(monitor: Monitor, slotMs: number): void {
    const data = CheckResult.encode(aRound(slotMs, Verdict.HEALTHY, "", { monitorId: monitor.id })).finish();
    const subject = subjects.check(monitor.id, "local");
    const place = { stream: STREAM_CHECKS, epoch: this.#epoch, seq: this.#lastSeq + 1 };
    this.#messages.push({ ...place, subject, data, headers: {} });
    this.#wake();
  }

  /** Loses all after this number. */
  forget(afterSeq: number): void {
    this.#messages = this.#messages.slice(0, afterSeq);
    this.#course += 1;
    this.#wake();
  }

  /** Loses all after this number, of which readers hear nothing. */
  forgetUnseen(afterSeq: number): void {
    this.#messages = this.#messages.slice(0, afterSeq);
  }

  makeAnew(): void {
    this.#messages = [];
    this.#epoch = "life-2";
    this.#course += 1;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async *#read({ afterSeq, epoch = this.#epoch, signal }: ReadOptions): AsyncGenerator<Message> {
    let course = this.#course;
    let last = epoch === this.#epoch ? Math.min(afterSeq, this.#lastSeq) : 0;
    while (!signal.aborted) {
      if (course !== this.#course) last = 0;
      course = this.#course;
      const next = this.#messages.find(({ seq }) => seq > last);
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#waiting.add(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        continue;
      }
      last = next.seq;
      yield next;
    }
  }
}

let at: ShellWorld;
let broker: ForgetfulBroker;
let sentinel: Process;
let shop: Monitor;
beforeEach(async () => {
  at = shellWorld();
  broker = new ForgetfulBroker(at.bus);
  sentinel = await at.start({ bus: broker.bus });
  shop = await sentinel.create();
  await take(1, 2, 3);
});
afterEach(() => at.end());

async function take(...rounds: readonly number[]): Promise<void> {
  for (const round of rounds) broker.take(shop, T0 + round * EVERY_MS);
  await at.clock.advance(500);
}

async function folded(): Promise<readonly number[]> {
  const query = { monitorId: shop.id, beforeMs: Number.MAX_SAFE_INTEGER, afterMs: 0, limit: 100 };
  const checks = await at.store.transaction((tx) => tx.checks.list(query));
  return checks.map(({ slotMs }) => (slotMs - T0) / EVERY_MS).toReversed();
}

async function ourIncidents() {
  const everything = { openOnly: false, monitorId: "", beforeId: 0, limit: 0 };
  return (await sentinel.api.listIncidents(everything, caller())).incidents;
}

async function lastMark(): Promise<Watermark | undefined> {
  const { lastSeq } = await at.bus.state(STREAM_WATERMARKS);
  let last: Watermark | undefined;
  for await (const message of at.bus.read(STREAM_WATERMARKS, { afterSeq: 0, signal: new AbortController().signal })) {
    const mark = Watermark.decode(message.data);
    if (mark.part === partitionOf(shop.id)) last = mark;
    if (message.seq === lastSeq) break;
  }
  return last;
}

describe("a broker that forgets", () => {
  test("its newest messages and numbers others like them: all are folded, and probers hear of a new generation", async () => {
    expect(await lastMark()).toMatchObject({ seq: 3, generation: 0 });
    broker.forget(1);
    await take(4, 5);
    await at.clock.advance(500);
    expect(await folded()).toEqual([1, 2, 3, 4, 5]);
    expect(await lastMark()).toMatchObject({ streamEpoch: "life-1", seq: 3, generation: 1 });
  });

  test("while nobody reads, and has as many again by then: none of the new ones is passed over", async () => {
    await sentinel.stop();
    broker.forget(1);
    await take(4, 5, 6, 7);
    sentinel = await at.start({ bus: broker.bus });
    await at.clock.advance(2000);
    expect(await folded()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await lastMark()).toMatchObject({ seq: 5, generation: 1 });
  });

  test("while nobody reads, and stays short: what comes next is measured anew", async () => {
    await sentinel.stop();
    broker.forget(1);
    sentinel = await at.start({ bus: broker.bus });
    await at.clock.advance(2000);
    expect(await lastMark()).toMatchObject({ seq: 1, generation: 1 });
    await take(4);
    expect(await folded()).toEqual([1, 2, 3, 4]);
  });

  test("its newest messages, and has more than before when its reader comes back: none of the new ones is passed over", async () => {
    broker.forgetUnseen(1);
    await take(4, 5, 6, 7);
    expect(await folded()).toEqual([1, 2, 3, 6, 7]);
    await at.clock.advance(12_000);
    expect(await folded()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await lastMark()).toMatchObject({ seq: 5, generation: 1 });
    expect(await ourIncidents()).toHaveLength(1);
  });

  test("everything, its stream made anew: folding goes on in the new one", async () => {
    broker.makeAnew();
    await take(4, 5);
    await at.clock.advance(500);
    expect(await folded()).toEqual([1, 2, 3, 4, 5]);
    expect(await lastMark()).toMatchObject({ streamEpoch: "life-2", seq: 2, generation: 1 });
  });

  test("nothing: a restart reads on, and nothing is told", async () => {
    await sentinel.stop();
    await take(4);
    sentinel = await at.start({ bus: broker.bus });
    await at.clock.advance(2000);
    expect(await folded()).toEqual([1, 2, 3, 4]);
    expect(await lastMark()).toMatchObject({ seq: 4, generation: 0 });
    expect(await ourIncidents()).toEqual([]);
  });

  test("is an incident of ours, one for as long as it goes on, resolved when nothing comes again any more", async () => {
    broker.forget(1);
    await take(4);
    broker.forget(1);
    await take(4, 5);
    await at.clock.advance(1000);
    const [found, ...others] = await ourIncidents();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ monitorName: "Sentinel", nature: "NATURE_TECHNICAL", resolvedAtMs: 0 });
    expect(found?.diagnosis).toMatchObject({ issue: "broker_forgot" });
    await at.clock.advance(60_000);
    expect((await ourIncidents())[0]).toMatchObject({ resolution: Resolution.RECOVERED });
    expect((await ourIncidents())[0]?.resolvedAtMs).toBeGreaterThan(0);
  });
});
