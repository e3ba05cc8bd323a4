import { describe, expect, test } from "@jest/globals";
import { systemClock, systemRandom } from "@sentinel/service-kit";
import { seededRandom, VirtualClock } from "@sentinel/testkit";
import type { Bus, StreamConfig, WorkMessage } from "../bus.ts";
import { busContract } from "../contract.ts";
import { createEmbeddedBus } from "./embedded-bus.ts";

busContract("embedded", async () => {
  const bus = createEmbeddedBus({ clock: systemClock, random: systemRandom });
  return { bus, stop: () => bus.close() };
});

const body = new TextEncoder().encode("x");

async function virtual(config: Partial<StreamConfig> = {}): Promise<{ bus: Bus; clock: VirtualClock }> {
  const clock = new VirtualClock();
  const bus = createEmbeddedBus({ clock, random: seededRandom(1) });
  await bus.ensureStream({ name: "S", subjects: ["s.>"], retention: "log", ...config });
  return { bus, clock };
}

describe("under a virtual clock", () => {
  test("messages go by age, at the instant", async () => {
    const { bus, clock } = await virtual({ maxAgeMs: 1000 });
    await bus.publish("s.a", body);
    await clock.advance(600);
    await bus.publish("s.b", body);
    await clock.advance(399);
    expect(await bus.state("S")).toMatchObject({ firstSeq: 1, lastSeq: 2 });
    await clock.advance(1);
    expect(await bus.state("S")).toMatchObject({ firstSeq: 2, lastSeq: 2 });
    await clock.advance(600);
    expect(await bus.state("S")).toMatchObject({ firstSeq: 3, lastSeq: 2 });
  });

  test("an id is remembered for its window and no longer", async () => {
    const { bus, clock } = await virtual({ duplicateWindowMs: 5000 });
    await bus.publish("s.a", body, { id: "one" });
    await clock.advance(4999);
    expect(await bus.publish("s.a", body, { id: "one" })).toMatchObject({ seq: 1, duplicate: true });
    await clock.advance(1);
    expect(await bus.publish("s.a", body, { id: "one" })).toMatchObject({ seq: 2, duplicate: false });
  });

  test("an unanswered message comes again at the end of its wait, a retried one after its delay", async () => {
    const { bus, clock } = await virtual({ retention: "work" });
    const done = new AbortController();
    const got: [number, number, number][] = [];
    const answers: ((message: WorkMessage) => Promise<void>)[] = [
      () => Promise.resolve(),
      (message) => message.retry(250),
      (message) => message.ack(),
    ];
    const options = { stream: "S", name: "w", filter: "s.>", ackWaitMs: 1000, maxDeliveries: 5, signal: done.signal };
    const startMs = clock.now();
    const consuming = (async () => {
      for await (const message of bus.consume(options)) {
        got.push([clock.now() - startMs, message.seq, message.deliveries]);
        await answers.shift()?.(message);
      }
    })();
    await bus.publish("s.a", body);
    await clock.advance(10_000);
    done.abort();
    await consuming;
    expect(got).toEqual([
      [0, 1, 1],
      [1000, 1, 2],
      [1250, 1, 3],
    ]);
    expect(clock.sleepers).toBe(0);
  });

  test("a late answer ends the message that is on its way again", async () => {
    const { bus, clock } = await virtual({ retention: "work" });
    const signal = new AbortController().signal;
    const options = { stream: "S", name: "w", filter: "s.>", ackWaitMs: 1000, maxDeliveries: 5, signal };
    const messages = bus.consume(options)[Symbol.asyncIterator]();
    await bus.publish("s.a", body);
    await bus.publish("s.b", body);
    const first = await messages.next();
    await clock.advance(1500);
    if (first.done === true) throw new Error("no message");
    await first.value.ack();
    const second = await messages.next();
    expect(second).toMatchObject({ value: { subject: "s.b", deliveries: 1 } });
    await bus.close();
  });

  test("readers under way see every message, in one order, in every run", async () => {
    const run = async (): Promise<string[]> => {
      const { bus, clock } = await virtual();
      const signal = new AbortController().signal;
      const story: string[] = [];
      const reader = async (name: string): Promise<void> => {
        for await (const { seq } of bus.read("S", { afterSeq: 0, signal })) {
          story.push(`${name}${seq}`);
          await clock.sleep(name === "quick" ? 10 : 35);
        }
      };
      const readers = [reader("quick"), reader("slow")];
      for (let i = 0; i < 5; i += 1) {
        await bus.publish("s.a", body);
        await clock.advance(20);
      }
      await clock.advance(1000);
      await bus.close();
      await Promise.all(readers);
      return story;
    };
    const story = await run();
    expect(story).toHaveLength(10);
    expect(await run()).toEqual(story);
  });
});

test("each life of the bus has its own epoch", async () => {
  const epochs = new Set<string>();
  for (let life = 0; life < 3; life += 1) {
    const bus = createEmbeddedBus({ clock: systemClock, random: systemRandom });
    await bus.ensureStream({ name: "S", subjects: ["s.>"], retention: "log" });
    epochs.add((await bus.state("S")).epoch);
    await bus.close();
  }
  expect(epochs.size).toBe(3);
});

test("latest values stay few however often they change", async () => {
  const { bus } = await virtual({ retention: "latest" });
  for (let i = 0; i < 20_000; i += 1) await bus.publish(`s.${i % 64}`, body);
  const { firstSeq, lastSeq } = await bus.state("S");
  expect({ firstSeq, lastSeq }).toEqual({ firstSeq: 20_000 - 63, lastSeq: 20_000 });
});
