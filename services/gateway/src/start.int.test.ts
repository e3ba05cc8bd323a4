import { createHash } from "node:crypto";
import { afterEach, expect, test } from "@jest/globals";
import type { CallContext } from "@sentinel/contracts";
import { type ConnectedApi, connectApi } from "@sentinel/service-kit/grpc";
import { type Fixture, openGateway } from "./testing/gateway-fixture.ts";

const TOKEN = "a-token-of-a-test";
const context: CallContext = { signal: new AbortController().signal, traceparent: "" };
const toStop: { stop(): unknown }[] = [];

async function start(deps: Parameters<typeof openGateway>[0]): Promise<Fixture> {
  const fixture = await openGateway(deps, (api) => void api.addMonitor("mon_shop", "shop"));
  toStop.push(fixture.gateway);
  return fixture;
}

function connect(fixture: Fixture, token?: string): ConnectedApi {
  const address = `127.0.0.1:${fixture.gateway.grpcPort}`;
  const api = connectApi({ address, ...(token === undefined ? {} : { token: { reveal: () => token } }) });
  toStop.unshift({ stop: () => api.close() });
  return api;
}

afterEach(async () => {
  for (const each of toStop.splice(0)) await each.stop();
});

const grpc = { host: "127.0.0.1", port: 0 };

test("gRPC answers with the same operations", async () => {
  const fixture = await start({ grpc });
  const { monitors } = await connect(fixture).listMonitors({}, context);
  expect(monitors.map((each) => each.monitor?.id)).toEqual(["mon_shop"]);
});

test("gRPC streams are served until the gateway stops", async () => {
  const fixture = await start({ grpc });
  const seen: string[] = [];
  for await (const { change } of connect(fixture).watch({ topic: "" }, context)) {
    seen.push(change?.$case ?? "");
    if (change?.$case === "snapshotComplete") await fixture.gateway.stop();
  }
  expect(seen).toEqual(["monitor", "totals", "config", "snapshotComplete"]);
});

test("gRPC asks for the token where one is set", async () => {
  const fixture = await start({ grpc, tokenHash: createHash("sha256").update(TOKEN).digest("hex") });
  await expect(connect(fixture).listMonitors({}, context)).rejects.toMatchObject({ code: "token_required" });
  await expect(connect(fixture, "nope").listMonitors({}, context)).rejects.toMatchObject({ code: "token_wrong" });
  expect((await connect(fixture, TOKEN).listMonitors({}, context)).monitors).toHaveLength(1);
});

test("a port in use is one sentence", async () => {
  const fixture = await start({ grpc });
  const port = Number(new URL(fixture.gateway.url).port);
  await expect(start({ http: { host: "127.0.0.1", port } })).rejects.toMatchObject({ code: "port_unavailable" });
  const taken = { host: "127.0.0.1", port: fixture.gateway.grpcPort };
  await expect(start({ grpc: taken })).rejects.toMatchObject({ code: "port_unavailable" });
});

test("a stopped gateway has let go of its port", async () => {
  const fixture = await start({});
  await fixture.gateway.stop();
  await expect(fixture.ask("/livez")).rejects.toThrow("ECONNREFUSED");
});
