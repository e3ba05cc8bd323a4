import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate } from "@sentinel/testkit";
import { type WebSocket, WebSocketServer } from "ws";
import { createChecks } from "./test-checks.ts";

const { check, serve, close } = createChecks({ SENTINEL_SECRET_K: "abc" });
afterAll(close);

const now = systemClock.now();
const dates = { validFromMs: now - 3_600_000, validToMs: now + 3_600_000 };
const pem = createCertificate({ commonName: "chat.test", names: ["127.0.0.1"], ...dates });

const codes: number[] = [];
const closed = Promise.withResolvers<void>();
function greet(socket: WebSocket): void {
  socket.on("close", (code) => {
    codes.push(code);
    closed.resolve();
  });
  socket.on("message", (data: Buffer) => {
    const text = data.toString();
    if (text === "go away") socket.close(4001, "not today");
    else if (text === "flood") socket.send("x".repeat(100_000));
    else if (text !== "hush") for (const part of ["one", `pong ${text}`]) socket.send(part);
  });
}

describe("against a WebSocket server", () => {
  const plain = createServer();
  const secure = createTlsServer({ cert: pem.cert, key: pem.key });
  const asked: (string | undefined)[] = [];
  const handler = new WebSocketServer({ noServer: true, handleProtocols: (all) => (all.has("chat") ? "chat" : false) });
  handler.on("connection", greet);
  const ports: number[] = [];
  beforeAll(async () => {
    for (const server of [plain, secure]) {
      server.on("upgrade", (request, socket, head) => {
        asked.push(request.headers["x-key"]?.toString());
        if (request.url === "/refused") return void socket.end("HTTP/1.1 403 Forbidden\r\nx-why: no\r\n\r\n");
        return handler.handleUpgrade(request, socket, head, (opened) => handler.emit("connection", opened, request));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      if (address !== null && typeof address !== "string") ports.push(address.port);
    }
  });
  afterAll(() => {
    for (const client of handler.clients) client.terminate();
    return Promise.all([plain, secure].map((server) => new Promise((resolve) => server.close(resolve))));
  });

  const at = (path = "/", options: object = {}) => ({ url: `ws://127.0.0.1:${ports[0]}${path}`, webSocket: options });

  test("opens, agrees on the subprotocol, and sends headers with their secrets", async () => {
    const assert = [
      { subject: "status", is: 101 },
      { subject: "header", of: "Sec-WebSocket-Protocol", is: "chat" },
    ];
    const options = { subprotocols: ["news", "chat"], headers: { "x-key": "${SENTINEL_SECRET_K}" } };
    expect(await check({ ...at("/", options), assert })).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(asked.at(-1)).toBe("abc");
    await closed.promise;
    expect(codes[0]).toBe(1000);
  });

  test("sends, and waits for a message that fits", async () => {
    const step = { send: "${SENTINEL_SECRET_K}", expect: "pong abc$" };
    const assert = [{ subject: "answer", is: "onepong abc" }];
    expect(await check({ ...at("/", { step }), assert })).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
  });

  test.each([
    ["another answer", { step: { send: "x", expect: "^never$" } }, "answer_mismatch", { actual: "onepong x" }],
    [
      "an end before the answer",
      { step: { send: "go away", expect: "x" } },
      "closed_early",
      { code: "4001", actual: "not today" },
    ],
    ["silence", { step: { send: "hush", expect: "x" } }, "timeout_in_transfer", {}],
    ["too large an answer", { step: { send: "flood", expect: "y" } }, "body_too_large", {}],
    ["no agreement", { subprotocols: ["news"] }, "subprotocol_refused", { expected: "news" }],
  ])("is down with %s", async (_what, options, reason, params) => {
    const result = await check(at("/", options), 500);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    expect(result.evidence?.params).toMatchObject(params);
  });

  test("a refused handshake shows its status and headers", async () => {
    const result = await check(at("/refused"));
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "status", status: 403 });
    expect(result.evidence?.headers).toMatchObject({ "x-why": "no" });
    expect(result.evidence?.params).toEqual({ expected: "101", actual: "403" });
  });

  test("wss is TLS, with the certificate judged", async () => {
    const url = `wss://127.0.0.1:${ports[1]}/`;
    const step = { send: "a", expect: "pong a" };
    const trusting = await check({ url, webSocket: { step, tls: { authorities: pem.cert } } });
    expect(trusting).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(await check({ url })).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_self_signed" });
  });
});

describe("a server that is none, or breaks off", () => {
  const answering = (answer: string) => (socket: Socket) => void socket.on("data", () => socket.end(answer));
  const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n";
  test.each([
    ["another protocol", answering("SSH-2.0-OpenSSH_9\r\n"), "wrong_protocol"],
    ["a wrong key", answering(`${SWITCH}sec-websocket-accept: x\r\n\r\n`), "wrong_protocol"],
    [
      "a switch to nothing",
      answering("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\r\n"),
      "wrong_protocol",
    ],
    ["an end", answering(""), "empty_reply"],
    ["a reset", (socket: Socket) => void socket.on("data", () => socket.resetAndDestroy()), "reset"],
    ["silence", () => undefined, "timeout_in_first_byte"],
  ])("%s", async (_what, talk, reason) => {
    const result = await check({ url: `ws://127.0.0.1:${await serve(talk)}` }, 500);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
  });
});
