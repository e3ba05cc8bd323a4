import { connect, createServer } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { Client, credentials } from "@grpc/grpc-js";
import {
  type CallContext,
  GetIncidentResponse,
  type SentinelApi,
  SentinelError,
  TestChannelResponse,
  WatchRequest,
  WatchResponse,
} from "@sentinel/contracts";
import { connectApi, type ConnectedApi, type ConnectOptions } from "./grpc/connect-api.ts";
import { type ServedApi, serveApi, type ServeOptions } from "./grpc/serve-api.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function refuse(name: string): () => Promise<never> {
  return () =>
    Promise.reject(new SentinelError("internal", {}, { cause: new Error(`${name} is not part of this test`) }));
}

/** An API whose operations all fail, but for the given ones. */
function apiWith(operations: Partial<SentinelApi>): SentinelApi {
  return {
    createMonitor: refuse("createMonitor"),
    listMonitors: refuse("listMonitors"),
    getMonitor: refuse("getMonitor"),
    updateMonitor: refuse("updateMonitor"),
    deleteMonitor: refuse("deleteMonitor"),
    checkMonitor: refuse("checkMonitor"),
    listChecks: refuse("listChecks"),
    getMonitorStats: refuse("getMonitorStats"),
    listIncidents: refuse("listIncidents"),
    getIncident: refuse("getIncident"),
    acknowledgeIncident: refuse("acknowledgeIncident"),
    commentIncident: refuse("commentIncident"),
    resolveIncident: refuse("resolveIncident"),
    listChannels: refuse("listChannels"),
    testChannel: refuse("testChannel"),
    listDeadLetters: refuse("listDeadLetters"),
    getDeadLetter: refuse("getDeadLetter"),
    replayDeadLetter: refuse("replayDeadLetter"),
    getKpis: refuse("getKpis"),
    discardDeadLetter: refuse("discardDeadLetter"),
    takePing: refuse("takePing"),
    getHeartbeat: refuse("getHeartbeat"),
    getPingAddress: refuse("getPingAddress"),
    listMaintenance: refuse("listMaintenance"),
    createMaintenance: refuse("createMaintenance"),
    endMaintenance: refuse("endMaintenance"),
    deleteMaintenance: refuse("deleteMaintenance"),
    getStatus: refuse("getStatus"),
    // eslint-disable-next-line require-yield -- a stream that fails before its first message
    watch: async function* none() {
      await refuse("watch")();
    },
    ...operations,
  };
}

type Wire = { api: ConnectedApi; served: ServedApi; address: string };

async function wire(
  operations: Partial<SentinelApi>,
  serving: Partial<ServeOptions> = {},
  connecting: Partial<ConnectOptions> = {},
): Promise<Wire> {
  const served = await serveApi({ api: apiWith(operations), host: "127.0.0.1", port: 0, ...serving });
  ends.push(() => served.stop());
  const address = `127.0.0.1:${served.port}`;
  const api = connectApi({ address, ...connecting });
  ends.push(() => api.close());
  return { api, served, address };
}

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const calm: CallContext = { signal: new AbortController().signal, traceparent: "" };

test("a call goes there and back, with its trace", async () => {
  const seen: string[] = [];
  const { api } = await wire({
    testChannel: (request, context) => {
      seen.push(request.name, request.locale, context.traceparent);
      return Promise.resolve(TestChannelResponse.fromPartial({ delivered: true }));
    },
  });
  const response = await api.testChannel({ name: "ops", locale: "fr" }, { ...calm, traceparent });
  expect(response).toMatchObject({ delivered: true });
  expect(seen).toEqual(["ops", "fr", traceparent]);
});

test("an error arrives with code, parameters and problems, and without its cause", async () => {
  const problems = [{ path: "monitors.shop.every", code: "bad_duration", params: { given: "2 fortnights é" } }];
  const { api } = await wire({
    getMonitor: () => {
      throw new SentinelError("bus_stream_missing", { stream: "S" }, { problems, cause: new Error("hidden") });
    },
  });
  const failure = await api.getMonitor({ id: "x" }, calm).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SentinelError);
  expect(failure).toMatchObject({ code: "bus_stream_missing", params: { stream: "S" }, problems });
  expect(failure).not.toHaveProperty("cause");
});

test("what was thrown unforeseen is an internal error for the caller and a line in our log", async () => {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  const log = { debug: write, info: write, warn: write, error: write, child: () => log };
  const { api } = await wire({ getMonitor: () => Promise.reject(new TypeError("secret detail")) }, { log });
  const failure = await api.getMonitor({ id: "x" }, calm).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "internal" });
  expect(String(failure)).not.toContain("secret detail");
  expect(lines).toEqual(["grpc.call_failed"]);
});

test("other clients see the status of the error table", async () => {
  const { address } = await wire({ getMonitor: () => Promise.reject(new SentinelError("bus_closed")) });
  const path = "/sentinel.incidents.v1.SentinelService/GetMonitor";
  await expect(rawUnary(address, path, Buffer.alloc(0))).rejects.toMatchObject({ code: 14 });
});

test("a call that takes too long is told so, and the service learns that nobody waits", async () => {
  const given = Promise.withResolvers<void>();
  const { api, address } = await wire(
    {
      getIncident: async (_request, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        given.resolve();
        return GetIncidentResponse.fromPartial({});
      },
    },
    {},
    { limitMs: 200 },
  );
  await expect(api.getIncident({ id: 1 }, calm)).rejects.toMatchObject({
    code: "service_timeout",
    params: { address, limitMs: "200" },
  });
  await given.promise;
});

test("a caller that gives up ends the call on both sides", async () => {
  const begun = Promise.withResolvers<void>();
  const given = Promise.withResolvers<void>();
  const { api } = await wire({
    getIncident: async (_request, { signal }) => {
      signal.addEventListener("abort", () => given.resolve(), { once: true });
      begun.resolve();
      await given.promise;
      return GetIncidentResponse.fromPartial({});
    },
  });
  const caller = new AbortController();
  const call = api.getIncident({ id: 1 }, { ...calm, signal: caller.signal });
  await begun.promise;
  caller.abort();
  await expect(call).rejects.toMatchObject({ code: "request_cancelled" });
  await given.promise;
});

test("nobody at the address: an error that names it", async () => {
  const gone = await serveApi({ api: apiWith({}), host: "127.0.0.1", port: 0 });
  await gone.stop();
  const api = connectApi({ address: `127.0.0.1:${gone.port}` });
  await expect(api.getMonitor({ id: "x" }, calm)).rejects.toMatchObject({
    code: "service_unreachable",
    params: { address: `127.0.0.1:${gone.port}` },
  });
  api.close();
});

test("a connection that is taken and says nothing is given up for another one, by calls and by streams", async () => {
  const { served } = await wire({
    testChannel: () => Promise.resolve(TestChannelResponse.fromPartial({ delivered: true })),
    watch: async function* once() {
      yield WatchResponse.fromPartial({});
    },
  });
  let taken = 0;
  const door = createServer((near) => {
    ends.push(() => near.destroy());
    near.on("error", () => near.destroy());
    taken += 1;
    if (taken <= 2) return;
    const far = connect(served.port, "127.0.0.1");
    ends.push(() => far.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  ends.push(() => void door.close());
  const address = door.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const api = connectApi({ address: `127.0.0.1:${port}`, silenceMs: 100 });
  ends.push(() => api.close());
  await expect(api.testChannel({ name: "ops", locale: "en" }, calm)).rejects.toMatchObject({
    code: "service_unreachable",
  });
  const stream = api.watch(WatchRequest.fromPartial({}), calm)[Symbol.asyncIterator]();
  await expect(stream.next()).rejects.toMatchObject({ code: "service_unreachable" });
  expect(await api.testChannel({ name: "ops", locale: "en" }, calm)).toMatchObject({ delivered: true });
  expect(taken).toBe(3);
});

test("a port in use is refused by name", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  await expect(serveApi({ api: apiWith({}), host: "127.0.0.1", port })).rejects.toMatchObject({
    code: "port_unavailable",
    params: { address: `127.0.0.1:${port}` },
  });
  await new Promise((resolve) => other.close(resolve));
});

/** A stream that counts up for as long as it is read. */
async function* counting(signal: AbortSignal, sent: number[], gap: () => Promise<void>): AsyncGenerator<WatchResponse> {
  for (let at = 1; !signal.aborted; at += 1) {
    sent.push(at);
    yield WatchResponse.fromPartial({ change: { $case: "heartbeatMs", value: at } });
    await gap();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a stream delivers in order until the reader goes, and the service learns of it", async () => {
  const ended = Promise.withResolvers<void>();
  const { api } = await wire({
    watch: (_request, { signal }) => {
      signal.addEventListener("abort", () => ended.resolve(), { once: true });
      return counting(signal, [], turn);
    },
  });
  const reader = new AbortController();
  const got: unknown[] = [];
  for await (const { change } of api.watch({ topic: "" }, { ...calm, signal: reader.signal })) {
    got.push(change?.value);
    if (got.length === 5) reader.abort();
  }
  expect(got.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  await ended.promise;
});

test("a reader that lags slows the source down", async () => {
  const sent: number[] = [];
  const { api } = await wire({
    watch: async function* large(_request, { signal }) {
      for (let at = 1; !signal.aborted; at += 1) {
        sent.push(at);
        yield WatchResponse.fromPartial({ change: { $case: "monitorRemoved", value: "x".repeat(100_000) } });
        await turn();
      }
    },
  });
  const reader = new AbortController();
  const messages = api.watch({ topic: "" }, { ...calm, signal: reader.signal })[Symbol.asyncIterator]();
  await messages.next();
  let before = -1;
  // Until the source stands still: buffers are full and nobody reads.
  while (before !== sent.length) {
    before = sent.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(sent.length).toBeLessThan(500);
  for (let i = 0; i < before + 20; i += 1) await messages.next();
  expect(sent.length).toBeGreaterThan(before);
  reader.abort();
  await messages.return?.(undefined);
});

test("an error in a stream arrives after what came before it", async () => {
  const { api } = await wire({
    watch: async function* failing() {
      yield WatchResponse.fromPartial({ atMs: 1 });
      await turn();
      throw new SentinelError("bus_stream_missing", { stream: "S" });
    },
  });
  const got: number[] = [];
  const reading = (async () => {
    for await (const { atMs } of api.watch({ topic: "" }, calm)) got.push(atMs);
  })();
  await expect(reading).rejects.toMatchObject({ code: "bus_stream_missing", params: { stream: "S" } });
  expect(got).toEqual([1]);
});

test("stopping ends streams, lets calls finish, and frees the port", async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const { api, served, address } = await wire({
    watch: (_request, { signal }) => counting(signal, [], turn),
    getIncident: async () => {
      begun.resolve();
      await finish.promise;
      return GetIncidentResponse.fromPartial({});
    },
  });
  const messages = api.watch({ topic: "" }, calm)[Symbol.asyncIterator]();
  await messages.next();
  const call = api.getIncident({ id: 1 }, calm);
  await begun.promise;
  const stopped = served.stop();
  let step = await messages.next();
  while (step.done !== true) step = await messages.next();
  finish.resolve();
  await expect(call).resolves.toBeDefined();
  await stopped;
  await expect(api.getIncident({ id: 1 }, calm)).rejects.toMatchObject({ code: "service_unreachable" });
  const again = await serveApi({ api: apiWith({}), host: "127.0.0.1", port: Number(address.split(":")[1]) });
  await again.stop();
});

test("without the right token calls are refused; health is open", async () => {
  const authorize = async (authorization: string): Promise<void> => {
    if (authorization !== "Bearer right") throw new SentinelError("bus_refused", { servers: "here", reason: "token" });
  };
  const testChannel = () => Promise.resolve(TestChannelResponse.fromPartial({ delivered: true }));
  const { api, address } = await wire({ testChannel }, { authorize }, { token: { reveal: () => "right" } });
  expect(await api.testChannel({ name: "ops", locale: "en" }, calm)).toMatchObject({ delivered: true });
  const stranger = connectApi({ address });
  ends.push(() => stranger.close());
  await expect(stranger.testChannel({ name: "ops", locale: "en" }, calm)).rejects.toMatchObject({
    code: "bus_refused",
  });
  const watching = stranger.watch({ topic: "" }, calm)[Symbol.asyncIterator]().next();
  await expect(watching).rejects.toMatchObject({ code: "bus_refused" });
  expect(await health(address, "")).toBe("SERVING");
});

test("health tells of the whole, of the service and of extra names, and changes with the service", async () => {
  const { served, address } = await wire({}, { extraHealth: ["fold"] });
  const names = ["", "sentinel.incidents.v1.SentinelService", "fold"];
  expect(await Promise.all(names.map((name) => health(address, name)))).toEqual(["SERVING", "SERVING", "SERVING"]);
  await expect(health(address, "unknown")).rejects.toMatchObject({ code: 5 });
  served.setServing(false);
  expect(await health(address, "fold")).toBe("NOT_SERVING");
});

test("reflection lists the service and gives its description", async () => {
  const { address } = await wire({});
  const service = "sentinel.incidents.v1.SentinelService";
  expect(await reflect(address, field(7, ""))).toContain(service);
  const file = await reflect(address, field(4, service));
  expect(file).toContain("AcknowledgeIncidentRequest");
  expect(file).toContain("expected_version");
});

/** A length-delimited protobuf field of fewer than 128 bytes. */
function field(number: number, value: string): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.byteLength(value)]), Buffer.from(value)]);
}

const bytes = (value: Buffer): Buffer => value;

function rawUnary(address: string, path: string, request: Buffer): Promise<Buffer> {
  const client = new Client(address, credentials.createInsecure());
  ends.push(() => client.close());
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, bytes, bytes, request, (error, response) => {
      if (error === null && response !== undefined) resolve(response);
      else reject(error ?? new Error("no answer"));
    });
  });
}

async function health(address: string, name: string): Promise<string> {
  const response = await rawUnary(
    address,
    "/grpc.health.v1.Health/Check",
    name === "" ? Buffer.alloc(0) : field(1, name),
  );
  return ["UNKNOWN", "SERVING", "NOT_SERVING"][response[1] ?? 0] ?? "UNKNOWN";
}

function reflect(address: string, request: Buffer): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  ends.push(() => client.close());
  return new Promise((resolve, reject) => {
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const call = client.makeBidiStreamRequest(path, bytes, bytes);
    call.on("data", (answer: Buffer) => {
      call.end();
      resolve(answer.toString("latin1"));
    });
    call.on("error", reject);
    call.write(request);
  });
}
