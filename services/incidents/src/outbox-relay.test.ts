import { SentinelError, STREAM_COMMANDS, STREAM_EVENTS, subjects } from "@sentinel/contracts";
import { type Bus, ensureStreams, type Message } from "@sentinel/messaging";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { VirtualClock } from "@sentinel/testkit";
import { afterEach, expect, test } from "@jest/globals";
import { T0 } from "./core/fixtures.ts";
import { testKit } from "./fold-contract/fold-bench.ts";
import { createIncidentsMetrics } from "./metrics.ts";
import { createOutboxRelay } from "./outbox-relay.ts";
import { anOutboxRow } from "./store/contract/open-fold-store.ts";
import { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";
import type { FoldStore, NewOutboxRow } from "./store/port.ts";

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

interface World {
  readonly clock: VirtualClock;
  readonly bus: Bus;
  readonly store: FoldStore;
  /** Subjects whose messages the bus does not take now, with the code it answers. */
  readonly refuses: Map<string, string>;
  /** Keys of events as readers of the bus see them. */
  readonly seen: string[];
  readonly metrics: ReturnType<typeof createIncidentsMetrics>;
  start(): AbortController;
  add(...rows: NewOutboxRow[]): Promise<void>;
}

async function world(): Promise<World> {
  const clock = new VirtualClock({ startMs: T0 });
  const kit = testKit(clock);
  const inner = createEmbeddedBus(kit);
  await ensureStreams(inner);
  const refuses = new Map<string, string>();
  const bus: Bus = {
    ensureStream: (config) => inner.ensureStream(config),
    publish: (subject, data, options) => {
      const code = refuses.get(subject) ?? refuses.get("*");
      return code === undefined ? inner.publish(subject, data, options) : Promise.reject(new SentinelError(code, {}));
    },
    read: (stream, options) => inner.read(stream, options),
    consume: (options) => inner.consume(options),
    state: (stream) => inner.state(stream),
    connected: () => inner.connected(),
    onBack: (listener) => inner.onBack(listener),
    close: () => inner.close(),
  };
  const store = createMemoryFoldStore(() => clock.monotonic());
  const metrics = createIncidentsMetrics(kit.metrics);
  const seen: string[] = [];
  const reading = new AbortController();
  stops.push(reading);
  void follow(inner.read(STREAM_EVENTS, { afterSeq: 0, signal: reading.signal }), seen);
  const start = (): AbortController => {
    const stop = new AbortController();
    stops.push(stop);
    void createOutboxRelay({ kit, bus, store, deadLetters: metrics.deadLetters }).run(
      [anOutboxRow("event").part],
      stop.signal,
    );
    return stop;
  };
  const add = (...rows: NewOutboxRow[]) => store.transaction((tx) => tx.outbox.add(rows));
  return { clock, bus, store, refuses, seen, metrics, start, add };
}

async function follow(messages: AsyncIterable<Message>, seen: string[]): Promise<void> {
  for await (const { data } of messages) seen.push(new TextDecoder().decode(data));
}

const event = (subject: string, text: string): NewOutboxRow =>
  anOutboxRow("event", { subject, key: text, payload: new TextEncoder().encode(text) });

const pending = (at: World) => at.store.transaction((tx) => tx.outbox.pending());

test("events reach the bus in order and are done", async () => {
  const at = await world();
  at.start();
  await at.add(event("evt.v1.1.a", "a1"), event("evt.v1.1.a", "a2"), event("evt.v1.2.b", "b1"));
  await at.clock.advance(1000);
  expect(at.seen).toEqual(expect.arrayContaining(["a1", "a2", "b1"]));
  expect(at.seen.filter((key) => key.startsWith("a"))).toEqual(["a1", "a2"]);
  expect(await pending(at)).toMatchObject({ event: 0 });
});

test("a bus that is away loses nothing: all comes in order when it is back, each once", async () => {
  const at = await world();
  at.refuses.set("*", "bus_unavailable");
  at.start();
  const keys = Array.from({ length: 30 }, (_, n) => `a${String(n).padStart(2, "0")}`);
  await at.add(...keys.map((key) => event("evt.v1.1.a", key)));
  await at.clock.advance(10_000);
  expect(at.seen).toEqual([]);
  expect(await pending(at)).toMatchObject({ event: 30 });
  at.refuses.clear();
  await at.clock.advance(2000);
  expect(at.seen).toEqual(keys);
  expect(await pending(at)).toMatchObject({ event: 0 });
});

test("a subject that is not taken holds back its own messages only", async () => {
  const at = await world();
  at.refuses.set("evt.v1.1.a", "bus_unavailable");
  at.start();
  await at.add(
    event("evt.v1.1.a", "a1"),
    event("evt.v1.2.b", "b1"),
    event("evt.v1.1.a", "a2"),
    event("evt.v1.2.b", "b2"),
  );
  await at.clock.advance(3000);
  expect(at.seen).toEqual(["b1", "b2"]);
  at.refuses.clear();
  await at.clock.advance(2000);
  expect(at.seen).toEqual(["b1", "b2", "a1", "a2"]);
});

test("what the bus will never take becomes a dead letter and lets those behind it pass", async () => {
  const at = await world();
  at.refuses.set("evt.v1.1.a", "bus_message_too_large");
  at.start();
  await at.add(event("evt.v1.1.a", "huge"), event("evt.v1.2.b", "b1"));
  await at.clock.advance(1000);
  expect(at.seen).toEqual(["b1"]);
  expect(await pending(at)).toMatchObject({ event: 0 });
  const [letter] = await at.store.transaction((tx) => tx.deadLetters.list(1));
  expect(letter).toMatchObject({ source: "outbox", subject: "evt.v1.1.a", reason: "bus_message_too_large" });
  expect((await at.metrics.deadLetters.get()).values).toMatchObject([{ labels: { source: "outbox" }, value: 1 }]);
});

test("a command comes again every ten seconds until its effect is claimed, though the bus has seen it before", async () => {
  const at = await world();
  at.start();
  const row = anOutboxRow("command", { subject: subjects.checkNow("mon_1") });
  await at.add(row);
  const commands = async () => (await at.bus.state(STREAM_COMMANDS)).lastSeq;
  await at.clock.advance(1000);
  expect(await commands()).toBe(1);
  await at.clock.advance(9000);
  await at.clock.advance(2000);
  expect(await commands()).toBe(2);
  await at.store.transaction((tx) => tx.outbox.finish([row.key], T0));
  await at.clock.advance(60_000);
  expect(await commands()).toBe(2);
});

test("a command comes again in time though the clock was an hour ahead when it left", async () => {
  const at = await world();
  at.clock.jump(3_600_000);
  at.start();
  await at.add(anOutboxRow("command", { subject: subjects.checkNow("mon_1"), atMs: at.clock.now() }));
  const commands = async () => (await at.bus.state(STREAM_COMMANDS)).lastSeq;
  await at.clock.advance(1000);
  expect(await commands()).toBe(1);
  at.clock.jump(-3_600_000);
  await at.clock.advance(11_000);
  expect(await commands()).toBe(2);
});

test("a new start sends unfinished commands at once, for a bus that forgot them", async () => {
  const at = await world();
  const first = at.start();
  await at.add(anOutboxRow("command", { subject: subjects.checkNow("mon_1") }));
  await at.clock.advance(1000);
  first.abort();
  at.start();
  await at.clock.advance(10);
  expect((await at.bus.state(STREAM_COMMANDS)).lastSeq).toBe(2);
});
