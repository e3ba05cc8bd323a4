import { createServer as createHttpServer } from "node:http";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { Verdict } from "@sentinel/contracts";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate } from "@sentinel/testkit";
import { HealthImplementation } from "grpc-health-check";
import { createChecks } from "./test-checks.ts";

const { check, serve, close } = createChecks({ SENTINEL_SECRET_K: "abc" });
afterAll(close);

const now = systemClock.now();
const dates = { validFromMs: now - 3_600_000, validToMs: now + 100 * 3_600_000 };
const pem = createCertificate({ commonName: "api.test", names: ["127.0.0.1"], ...dates });

const health = new HealthImplementation({ "": "SERVING", "shop.Orders": "SERVING", "shop.Carts": "NOT_SERVING" });
const bind = (server: Server, credentials: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });

let asked: Metadata | undefined;
const guarded = (code: status, details: string) => ({
  definition: {
    Check: {
      path: "/grpc.health.v1.Health/Check",
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: (value: Buffer) => value,
      requestDeserialize: (value: Buffer) => value,
      responseSerialize: (value: Buffer) => value,
      responseDeserialize: (value: Buffer) => value,
    },
  },
  implementation: {
    Check: (call: { readonly metadata: Metadata }, done: (error: { code: status; details: string }) => void) => {
      asked = call.metadata;
      done({ code, details });
    },
  },
});

const servers: Server[] = [];
async function start(prepare: (server: Server) => void, credentials = ServerCredentials.createInsecure()) {
  const server = new Server();
  servers.push(server);
  prepare(server);
  return bind(server, credentials);
}
afterAll(() => {
  for (const server of servers) server.forceShutdown();
});

describe("against a gRPC server", () => {
  let port = 0;
  let secure = 0;
  beforeAll(async () => {
    port = await start((server) => health.addToServer(server));
    const pair = [{ cert_chain: Buffer.from(pem.cert), private_key: Buffer.from(pem.key) }];
    secure = await start((server) => health.addToServer(server), ServerCredentials.createSsl(null, pair));
  });
  const grpc = (path: string, options: object = {}) => ({ url: `grpc://127.0.0.1:${port}/${path}`, ...options });

  test.each([
    ["the whole server", "", "", ""],
    ["a service that serves", "shop.Orders", "", ""],
    ["a service that does not serve", "shop.Carts", "grpc_not_serving", "NOT_SERVING"],
    ["a service that is not there", "shop.Nothing", "grpc_service_unknown", "unknown"],
  ])("%s", async (_what, service, reason, actual) => {
    const result = await check(grpc(service));
    expect(result).toMatchObject({ verdict: reason === "" ? Verdict.HEALTHY : Verdict.DOWN, reason });
    if (reason !== "") expect(result.evidence?.params).toMatchObject({ service });
    if (actual === "NOT_SERVING") expect(result.evidence?.params["actual"]).toBe(actual);
  });

  test("an assertion may want another state", async () => {
    const wanted = await check(grpc("shop.Carts", { assert: [{ subject: "value", is: "NOT_SERVING" }] }));
    expect(wanted).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    const other = await check(grpc("shop.Orders", { assert: [{ subject: "value", is: "NOT_SERVING" }] }));
    expect(other).toMatchObject({ verdict: Verdict.DOWN, reason: "assertion" });
  });

  test("grpcs is TLS with ALPN h2, with the certificate judged", async () => {
    const url = `grpcs://127.0.0.1:${secure}`;
    const assert = [{ subject: "certificate_days", is: 4 }];
    const trusting = await check({ url, grpc: { tls: { authorities: pem.cert } }, assert });
    expect(trusting).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(await check({ url })).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_self_signed" });
  });

  test("plain text to a server that wants TLS is down, and so is TLS to a plain one", async () => {
    const plain = await check({ url: `grpc://127.0.0.1:${secure}` });
    expect(plain.verdict).toBe(Verdict.DOWN);
    expect(["empty_reply", "wrong_protocol", "reset"]).toContain(plain.reason);
    const tls = await check({ url: `grpcs://127.0.0.1:${port}` });
    expect(tls.verdict).toBe(Verdict.DOWN);
    expect(["tls_wrong_version", "tls_handshake"]).toContain(tls.reason);
  });

  test("a server without the health service is named", async () => {
    const bare = await start(() => undefined);
    const result = await check({ url: `grpc://127.0.0.1:${bare}` });
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "grpc_no_health" });
  });

  test.each([
    [status.UNAUTHENTICATED, "auth_refused"],
    [status.PERMISSION_DENIED, "auth_refused"],
    [status.UNAVAILABLE, "grpc_status"],
    [status.INTERNAL, "grpc_status"],
  ])("gRPC status %s is %s, with the server's words", async (code, reason) => {
    const { definition, implementation } = guarded(code, "100 % no, sorry: é");
    const at = await start((server) => server.addService(definition, implementation));
    const result = await check({
      url: `grpc://127.0.0.1:${at}`,
      grpc: { metadata: { "x-key": "${SENTINEL_SECRET_K}" } },
    });
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    expect(result.evidence?.params).toMatchObject({ code: `${code} ${status[code]}`, actual: "100 % no, sorry: é" });
    expect(asked?.get("x-key")).toEqual(["abc"]);
  });
});

describe("a server that is none, or breaks off", () => {
  test.each([
    ["another protocol", (socket: Socket) => void socket.write("SSH-2.0-OpenSSH_9\r\n"), "wrong_protocol"],
    ["an end", (socket: Socket) => void socket.end(), "empty_reply"],
    ["a reset", (socket: Socket) => socket.on("data", () => socket.resetAndDestroy()), "reset"],
    ["silence", () => undefined, "timeout_in_first_byte"],
  ])("%s", async (_what, talk, reason) => {
    const port = await serve((socket) => void talk(socket));
    const result = await check({ url: `grpc://127.0.0.1:${port}` }, 500);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
  });

  test("a web server", async () => {
    const server = createHttpServer((_request, response) => void response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = address === null || typeof address === "string" ? 0 : address.port;
    const result = await check({ url: `grpc://127.0.0.1:${port}` });
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "wrong_protocol" });
    await new Promise((resolve) => server.close(resolve));
  });
});
