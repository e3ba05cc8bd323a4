import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Secret } from "@sentinel/contracts/config";
import { silentLog } from "@sentinel/service-kit";
import { findNats, type NatsOptions, type NatsServer, type NatsVersion, startNats } from "@sentinel/testkit";
import type { Bus, Message, StreamConfig } from "../bus.ts";
import { createNatsBus, type NatsBusOptions } from "./nats-bus.ts";

const log: StreamConfig = { name: "LOG", subjects: ["log.>"], retention: "log" };
const body = (text: string): Uint8Array => new TextEncoder().encode(text);
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function server(options: NatsOptions): Promise<NatsServer> {
  const started = await startNats(options);
  ends.push(() => started.stop("SIGKILL"));
  return started;
}

async function connected(url: string, options: Partial<NatsBusOptions> = {}): Promise<Bus> {
  const bus = await createNatsBus({ servers: [url], name: "faults", log: silentLog, ...options });
  ends.push(() => bus.close());
  return bus;
}

/** Reads in the background; `until` resolves when so many have come. */
function reading(bus: Bus, afterSeq = 0) {
  const done = new AbortController();
  const got: Message[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const loop = (async () => {
    for await (const message of bus.read("LOG", { afterSeq, signal: done.signal })) {
      got.push(message);
      for (const { count, resolve } of waiting) if (got.length >= count) resolve();
    }
  })();
  ends.push(() => {
    done.abort();
    return loop;
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ count, resolve });
      if (got.length >= count) resolve();
    });
  const bodies = (): string[] => got.map(({ data }) => new TextDecoder().decode(data));
  return { got, until, bodies };
}

const versions = (await findNats()).filter(({ missing }) => missing === undefined).map(({ version }) => version);

describe.each(versions)("a broker that fails: nats-server %s", (version: NatsVersion) => {
  let storeDir = "";
  beforeAll(async () => {
    storeDir = await mkdtemp(join(tmpdir(), "sentinel-bus-store-"));
  });
  afterAll(() => rm(storeDir, { recursive: true, force: true }));

  test("killed and restarted with its store: same epoch, nothing lost, nothing twice", async () => {
    const first = await server({ version, storeDir });
    const bus = await connected(first.url);
    await bus.ensureStream(log);
    const reader = reading(bus);
    const before = await bus.publish("log.a", body("before"), { id: "1" });
    await reader.until(1);
    await first.stop("SIGKILL");
    const meanwhile = bus.publish("log.a", body("meanwhile"), { id: "2" });
    await server({ version, storeDir, port: first.port });
    expect(await meanwhile).toEqual({ ...before, seq: 2 });
    await bus.publish("log.a", body("after"), { id: "3" });
    expect(await bus.publish("log.a", body("before"), { id: "1" })).toEqual({ ...before, duplicate: true });
    await reader.until(3);
    expect(reader.bodies()).toEqual(["before", "meanwhile", "after"]);
    expect(new Set(reader.got.map(({ epoch }) => epoch))).toEqual(new Set([before.epoch]));
  });

  test("restarted without its store: the stream is made again, readers go on from its first message in a new epoch", async () => {
    const first = await server({ version });
    const bus = await connected(first.url);
    await bus.ensureStream(log);
    const reader = reading(bus);
    for (const text of ["1", "2", "3"]) await bus.publish("log.a", body(text));
    await reader.until(3);
    const { epoch } = await bus.state("LOG");
    await first.stop("SIGKILL");
    await server({ version, port: first.port });
    const ack = await bus.publish("log.a", body("new life"));
    expect(ack.seq).toBe(1);
    await reader.until(4);
    expect(reader.bodies()).toEqual(["1", "2", "3", "new life"]);
    expect(reader.got[3]).toMatchObject({ seq: 1 });
    expect(reader.got[3]?.epoch).not.toBe(epoch);
    expect((await bus.state("LOG")).epoch).toBe(reader.got[3]?.epoch);
  });

  test("restored from an old copy and filled up beyond what was read: a reader gets the new messages under old numbers", async () => {
    const [live, copy] = [join(storeDir, "live"), join(storeDir, "copy")];
    const maker = await server({ version, storeDir: live });
    const first = await connected(maker.url);
    await first.ensureStream(log);
    await first.publish("log.a", body("1"));
    await first.close();
    await maker.stop("SIGTERM");
    await cp(live, copy, { recursive: true });

    const broker = await server({ version, storeDir: live, port: maker.port });
    const bus = await connected(broker.url);
    const reader = reading(bus);
    for (const text of ["2", "3"]) await bus.publish("log.a", body(text));
    await reader.until(3);
    await broker.stop("SIGKILL");

    const aside = await server({ version, storeDir: copy });
    const other = await connected(aside.url);
    for (const text of ["other 2", "other 3", "other 4"]) await other.publish("log.a", body(text));
    await other.close();
    await aside.stop("SIGTERM");
    await server({ version, storeDir: copy, port: broker.port });
    await reader.until(7);
    expect(reader.bodies()).toEqual(["1", "2", "3", "1", "other 2", "other 3", "other 4"]);
    expect(reader.got.map(({ seq }) => seq)).toEqual([1, 2, 3, 1, 2, 3, 4]);
    expect(new Set(reader.got.map(({ epoch }) => epoch)).size).toBe(1);
  });

  test("a stream removed and made anew under a reader: it goes on with the new one, from the start", async () => {
    const { url } = await server({ version });
    const [bus, other] = [await connected(url), await connected(url)];
    await bus.ensureStream(log);
    const reader = reading(bus);
    await bus.publish("log.a", body("old"));
    await reader.until(1);
    await removeStream(url, "LOG");
    await other.ensureStream(log);
    await other.publish("log.a", body("new"));
    await reader.until(2);
    expect(reader.bodies()).toEqual(["old", "new"]);
    expect(reader.got[1]?.epoch).not.toBe(reader.got[0]?.epoch);
  });

  test("work goes on after a restart, and what was in hand comes again", async () => {
    const folder = join(storeDir, "work");
    const first = await server({ version, storeDir: folder });
    const bus = await connected(first.url);
    await bus.ensureStream({ name: "WORK", subjects: ["work.>"], retention: "work" });
    const signal = new AbortController().signal;
    const options = { stream: "WORK", name: "w", filter: "work.>", ackWaitMs: 500, maxDeliveries: 9, signal };
    const messages = bus.consume(options)[Symbol.asyncIterator]();
    await bus.publish("work.a", body("a"));
    const inHand = await messages.next();
    await first.stop("SIGKILL");
    await server({ version, storeDir: folder, port: first.port });
    const again = await messages.next();
    expect([inHand.value?.seq, again.value?.seq]).toEqual([1, 1]);
    await again.value?.ack();
    expect(await bus.state("WORK")).toMatchObject({ firstSeq: 2, lastSeq: 1 });
  });

  test("while it is away, connected says no and publishing fails within its deadline, by name", async () => {
    const first = await server({ version });
    const bus = await connected(first.url, { timeoutMs: 400 });
    await bus.ensureStream(log);
    await first.stop("SIGKILL");
    await expect(bus.publish("log.a", body("x"))).rejects.toMatchObject({
      code: "bus_unavailable",
      params: { servers: first.url, limitMs: "400" },
    });
    expect(bus.connected()).toBe(false);
  });

  test("that comes back is told of, once for each time, to whoever still listens", async () => {
    const first = await server({ version });
    const bus = await connected(first.url);
    const told: string[] = [];
    const back = Promise.withResolvers<void>();
    const stopListening = bus.onBack(() => told.push("stopped listening"));
    bus.onBack(() => {
      told.push("back");
      back.resolve();
    });
    stopListening();
    await first.stop("SIGKILL");
    await server({ version, port: first.port });
    await back.promise;
    expect(told).toEqual(["back"]);
    expect(bus.connected()).toBe(true);
  });

  test("a token is demanded and given; a wrong one is refused without showing it", async () => {
    const { url } = await server({ version, token: "right-token" });
    await connected(url, { token: new Secret("NATS_TOKEN", "right-token") });
    const wrong = connected(url, { token: new Secret("NATS_TOKEN", "wrong-token") });
    await expect(wrong).rejects.toMatchObject({ code: "bus_refused", params: { servers: url } });
    await expect(wrong).rejects.not.toThrow("wrong-token");
  });
});

test("no server at the address: an error in time that names the address, without its password", async () => {
  const gone = await startNats();
  await gone.stop();
  const url = `nats://user:hunter2@127.0.0.1:${gone.port}`;
  await expect(connected(url, { timeoutMs: 300 })).rejects.toMatchObject({
    code: "bus_unavailable",
    params: { servers: gone.url, limitMs: "300" },
  });
});

/** As an operator would, with the server's own protocol. */
async function removeStream(url: string, name: string): Promise<void> {
  const { connect } = await import("@nats-io/transport-node");
  const { jetstreamManager } = await import("@nats-io/jetstream");
  const nc = await connect({ servers: url });
  await (await jetstreamManager(nc)).streams.delete(name);
  await nc.close();
}
