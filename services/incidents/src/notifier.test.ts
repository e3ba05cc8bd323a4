import { IncidentEvent, Resolution, Verdict } from "@sentinel/contracts";
import { Secret } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { VirtualClock } from "@sentinel/testkit";
import { afterEach, expect, test } from "@jest/globals";
import { createChangeIncident } from "./change-incident.ts";
import { aRound, EVERY_MS, T0 } from "./core/fixtures.ts";
import type { Notification, Send } from "./core/types.ts";
import { foldBatch } from "./fold.ts";
import { type FoldBench, openFoldBench } from "./fold-contract/fold-bench.ts";
import { incidentStream } from "./incident-changes.ts";
import { createIncidentsMetrics } from "./metrics.ts";
import { createNotifier } from "./notifier.ts";
import type { Channel } from "./notify/channels.ts";
import { notifyFailed } from "./notify/failure.ts";
import { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";
import type { FoldStore } from "./store/port.ts";

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

const channel = (name: string, send: Send): Channel => ({
  config: { type: "webhook", name, url: new Secret("url", "http://hooks.test/"), secret: undefined },
  target: "hooks.test",
  secret: "",
  send,
});

/** A channel that keeps what it is sent; `answer` says how each try ends. */
function recorder(name: string, answer: (sent: Notification, tries: number) => Error | undefined = () => undefined) {
  const sent: Notification[] = [];
  const send: Send = async (notification) => {
    sent.push(notification);
    const error = answer(notification, sent.length);
    if (error !== undefined) throw error;
  };
  return { sent, channel: channel(name, send) };
}

interface World {
  /** Whether the configuration has been read. */
  known: boolean;
  readonly bench: FoldBench;
  readonly clock: VirtualClock;
  readonly channels: Map<string, Channel>;
  /** An incident that is open, with its messages in the outbox. */
  open(): Promise<number>;
  resolve(id: number): Promise<unknown>;
  start(owner?: string): AbortController;
  events(id: number): Promise<readonly NonNullable<IncidentEvent["event"]>[]>;
}

async function open(storeOf: (inner: FoldStore) => FoldStore = (inner) => inner): Promise<World> {
  const oneClock = new VirtualClock({ startMs: T0 });
  const inner = createMemoryFoldStore(() => oneClock.monotonic());
  const bench = await openFoldBench(storeOf(inner), { clock: oneClock });
  const channels = new Map<string, Channel>();
  const deps = { ...bench.deps, channelsOf: () => [...channels.keys()] };
  const { kit, clock } = bench;
  const metrics = createIncidentsMetrics(kit.metrics);
  const change = createChangeIncident(deps, () => undefined);
  const withChannels = { ...bench, deps };
  const world: World = {
    known: true,
    bench: withChannels,
    clock,
    channels,
    open: async () => {
      const { id: monitorId } = await bench.monitor({ failuresToConfirm: 1 });
      const folded = await foldBatch(deps, [
        bench.message(aRound(T0 - EVERY_MS, Verdict.DOWN, "http_status", { monitorId })),
      ]);
      return folded.incidents[0]?.id ?? -1;
    },
    resolve: (id) =>
      change(
        id,
        { type: "Resolve", actor: "ada", resolution: Resolution.MANUAL, atMs: clock.now() },
        { traceparent: "" },
      ),
    start: (owner = "me") => {
      const stop = new AbortController();
      stops.push(stop);
      const notifier = createNotifier({
        kit,
        store: bench.store,
        owner,
        channels: () => channels,
        channelsKnown: () => world.known,
        publicUrl: "http://127.0.0.1:8300",
        change,
        sent: metrics.notifications,
      });
      void notifier.run(stop.signal);
      return stop;
    },
    events: async (id) => {
      const stored = await bench.store.transaction((tx) => tx.events.read(incidentStream(id)));
      return stored.flatMap(({ payload }) => IncidentEvent.decode(payload).event ?? []);
    },
  };
  return world;
}

const unavailable = notifyFailed("ops", { reason: "http_status", retryable: true, status: 503 });
const kinds = (sent: readonly Notification[]): readonly string[] => sent.map(({ kind }) => kind);

test("a message is sent once and recorded with the incident and its channel", async () => {
  const at = await open();
  const ops = recorder("ops");
  at.channels.set("ops", ops.channel);
  const id = await at.open();
  at.start();
  await at.clock.advance(600_000);
  expect(ops.sent).toMatchObject([
    {
      kind: "opened",
      channel: "ops",
      attempt: 1,
      possibleDuplicate: false,
      link: `http://127.0.0.1:8300/incidents/${id}`,
    },
  ]);
  expect((await at.events(id)).at(-1)).toMatchObject({
    $case: "notificationDelivered",
    value: { channel: "ops", kind: "opened", attempts: 1, possibleDuplicate: false, notificationId: ops.sent[0]?.id },
  });
  const channels = await at.bench.store.transaction((tx) => tx.channels.all());
  expect(channels).toEqual([{ name: "ops", lastDeliveredAtMs: T0, lastError: "" }]);
});

test("a receiver that fails is tried again after 1 s, 5 s, 15 s, with the same id", async () => {
  const at = await open();
  const triedAtMs: number[] = [];
  const ops = recorder("ops", (_, tries) => {
    triedAtMs.push(at.clock.now() - T0);
    return tries < 4 ? unavailable : undefined;
  });
  at.channels.set("ops", ops.channel);
  await at.open();
  at.start();
  await at.clock.advance(60_000);
  const gaps = triedAtMs.slice(1).map((ms, n) => ms - (triedAtMs[n] ?? 0));
  for (const [n, least] of [1000, 5000, 15_000].entries()) {
    expect(gaps[n]).toBeGreaterThanOrEqual(least);
    expect(gaps[n]).toBeLessThan(least + 1100);
  }
  expect(ops.sent).toHaveLength(4);
  expect(new Set(ops.sent.map(({ id }) => id)).size).toBe(1);
  // The receiver said no each time, so nothing can have arrived twice.
  expect(ops.sent.map(({ possibleDuplicate }) => possibleDuplicate)).toEqual([false, false, false, false]);
});

test("a try that may have arrived makes the next one say so", async () => {
  const at = await open();
  const lost = notifyFailed("ops", { reason: "timeout_in_first_byte", retryable: true });
  const ops = recorder("ops", (_, tries) => (tries === 1 ? lost : undefined));
  at.channels.set("ops", ops.channel);
  const id = await at.open();
  at.start();
  await at.clock.advance(10_000);
  expect(ops.sent.map(({ possibleDuplicate }) => possibleDuplicate)).toEqual([false, true]);
  expect((await at.events(id)).at(-1)).toMatchObject({ value: { attempts: 2, possibleDuplicate: true } });
});

test("what no later try can mend is given up at once and recorded; others still get theirs", async () => {
  const at = await open();
  const ops = recorder("ops", () => notifyFailed("ops", { reason: "http_status", retryable: false, status: 404 }));
  const mail = recorder("mail");
  at.channels.set("ops", ops.channel).set("mail", mail.channel);
  const id = await at.open();
  at.start();
  await at.clock.advance(600_000);
  expect(ops.sent).toHaveLength(1);
  expect(mail.sent).toHaveLength(1);
  expect(await at.events(id)).toContainEqual(
    expect.objectContaining({
      $case: "notificationFailed",
      value: expect.objectContaining({ channel: "ops", reason: "http_status", gaveUp: true, attempts: 1 }),
    }),
  );
});

test("after a day of failures it gives up", async () => {
  const at = await open();
  const ops = recorder("ops", () => unavailable);
  at.channels.set("ops", ops.channel);
  const id = await at.open();
  at.start();
  await at.clock.advance(10);
  at.clock.jump(25 * 3_600_000);
  await at.clock.advance(2000);
  expect((await at.events(id)).at(-1)).toMatchObject({ $case: "notificationFailed", value: { gaveUp: true } });
  const tries = ops.sent.length;
  await at.clock.advance(60_000);
  expect(ops.sent).toHaveLength(tries);
});

test("the end of an incident is not told before its beginning, however late that gets through", async () => {
  const at = await open();
  const ops = recorder("ops", (_, tries) => (tries < 4 ? unavailable : undefined));
  const mail = recorder("mail");
  at.channels.set("ops", ops.channel).set("mail", mail.channel);
  const id = await at.open();
  await at.resolve(id);
  at.start();
  await at.clock.advance(5000);
  expect(kinds(mail.sent)).toEqual(["opened", "resolved"]);
  await at.clock.advance(120_000);
  expect(kinds(ops.sent)).toEqual(["opened", "opened", "opened", "opened", "resolved"]);
});

test("after a crash between sending and recording, the repeat has the same id and says that it may be one", async () => {
  const at = await open();
  const stuck = Promise.withResolvers<void>();
  const sent: Notification[] = [];
  // The receiver has it, and the process ends before it can say so.
  at.channels.set(
    "ops",
    channel("ops", async (notification) => {
      sent.push(notification);
      if (sent.length === 1) await stuck.promise;
    }),
  );
  await at.open();
  at.start("crashed");
  await at.clock.advance(1);
  expect(sent).toHaveLength(1);
  await at.bench.store.transaction((tx) => tx.outbox.abandonOthers(["next"]));
  at.start("next");
  await at.clock.advance(2000);
  expect(sent).toMatchObject([{ possibleDuplicate: false }, { possibleDuplicate: true, attempt: 2, id: sent[0]?.id }]);
});

test("a channel that is not configured any more is given up with that reason", async () => {
  const at = await open();
  at.channels.set("ops", recorder("ops").channel);
  const id = await at.open();
  at.channels.clear();
  at.start();
  await at.clock.advance(2000);
  expect((await at.events(id)).at(-1)).toMatchObject({
    $case: "notificationFailed",
    value: { channel: "ops", reason: "not_configured", gaveUp: true },
  });
  expect(await at.bench.store.transaction((tx) => tx.outbox.pending())).toMatchObject({ notification: 0 });
});

/** A store that is away from the first message on, until the test says otherwise. */
async function sendWhileAway() {
  const state = { away: false };
  const at = await open((inner) => ({
    ...inner,
    transaction: (fn) =>
      state.away ? Promise.reject(new SentinelError("database_unreachable", {})) : inner.transaction(fn),
  }));
  const ops = recorder("ops", (_, tries) => {
    state.away = tries === 1;
    return undefined;
  });
  at.channels.set("ops", ops.channel);
  const id = await at.open();
  at.start();
  return { at, ops, id, state };
}

test("a message that was sent while the store was away is recorded when it is back, and not sent again", async () => {
  const { at, ops, id, state } = await sendWhileAway();
  await at.clock.advance(5000);
  state.away = false;
  await at.clock.advance(120_000);
  expect(ops.sent).toHaveLength(1);
  const delivered = (await at.events(id)).filter(({ $case }) => $case === "notificationDelivered");
  expect(delivered).toMatchObject([{ value: { attempts: 1, possibleDuplicate: false } }]);
});

test("a message that could not be recorded for as long as its claim lasts comes again as a possible repeat", async () => {
  const { at, ops, state } = await sendWhileAway();
  await at.clock.advance(80_000);
  expect(ops.sent).toHaveLength(1);
  state.away = false;
  await at.clock.advance(120_000);
  expect(ops.sent).toHaveLength(2);
  expect(ops.sent[1]).toMatchObject({ id: ops.sent[0]?.id, possibleDuplicate: true });
});

test("while the configuration is unknown since the start, messages wait instead of being given up", async () => {
  const at = await open();
  const ops = recorder("ops");
  at.channels.set("ops", ops.channel);
  await at.open();
  at.channels.clear();
  at.known = false;
  at.start();
  await at.clock.advance(60_000);
  expect(await at.bench.store.transaction((tx) => tx.outbox.pending())).toMatchObject({ notification: 1 });
  at.channels.set("ops", ops.channel);
  at.known = true;
  await at.clock.advance(2000);
  expect(ops.sent).toMatchObject([{ kind: "opened", attempt: 1 }]);
});
