import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, startHttpTarget, startTlsTarget } from "@sentinel/testkit";
import { failureOf, get, stopAll, use } from "./test-support.ts";

afterAll(stopAll);

const HOUR_MS = 3_600_000;
const now = systemClock.now();
const certificate = createCertificate({
  commonName: "127.0.0.1",
  names: ["127.0.0.1"],
  validFromMs: now - HOUR_MS,
  validToMs: now + HOUR_MS,
});
const over2 = { httpVersion: "2", tls: { skipVerify: true } } as const;

async function serve(onStream: (stream: ServerHttp2Stream, headers: object) => void, secured = true): Promise<string> {
  const server: Http2Server = secured ? createSecureServer(certificate) : createServer();
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => open.add(socket));
  server.on("sessionError", () => undefined);
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    onStream(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  use({
    stop: () => {
      for (const socket of open) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
  return `${secured ? "https" : "http"}://127.0.0.1:${address.port}/`;
}

describe("over HTTP/2", () => {
  test.each([true, false])("a whole answer comes back with its phases, secured: %s", async (secured) => {
    const asked: object[] = [];
    const url = await serve((stream, headers) => {
      asked.push(headers);
      let body = "";
      stream.on("data", (chunk: Buffer) => (body += chunk.toString()));
      stream.on("end", () => {
        stream.respond({ ":status": 201, "content-encoding": "gzip", "x-a": "1" });
        stream.end(gzipSync(`got ${body}`));
      });
    }, secured);
    const headers = { Host: "ignored", "X-Sent": "yes", Connection: "close" };
    const answer = await get(`${url}p?q=1`, { ...over2, method: "POST", body: "hello", headers });
    expect(answer).toMatchObject({ status: 201, httpVersion: "2", headers: { "x-a": "1" } });
    expect(Buffer.from(answer.body).toString()).toBe("got hello");
    expect(asked[0]).toMatchObject({ ":method": "POST", ":path": "/p?q=1", "x-sent": "yes" });
    expect(answer.phases.tlsMs > 0).toBe(secured);
    expect(answer.phases.firstByteMs).toBeGreaterThan(0);
  });

  test.each<readonly [string, (stream: ServerHttp2Stream) => void, string, string]>([
    ["silence", () => undefined, "timeout_in_first_byte", "first_byte"],
    ["a body that stalls", (stream) => (stream.respond(), void stream.write("a")), "timeout_in_transfer", "transfer"],
    ["a reset of the stream", (stream) => stream.close(2), "reset", "first_byte"],
    ["a connection that ends", (stream) => stream.session?.destroy(), "empty_reply", "first_byte"],
    [
      "a body too large",
      (stream) => (stream.respond(), void stream.end("x".repeat(5000))),
      "body_too_large",
      "transfer",
    ],
  ])("%s has its reason and phase", async (_what, talk, reason, phase) => {
    const url = await serve(talk);
    const failure = await failureOf(get(url, { ...over2, timeoutMs: 400, maxBodyBytes: 1000 }));
    expect(failure).toMatchObject({ reason, phase });
  });

  test("a body that is broken off is no answer", async () => {
    const url = await serve((stream) => {
      stream.respond({ "content-length": 10 });
      stream.write("abc", () => stream.close(8));
    });
    const failure = await failureOf(get(url, over2));
    expect(failure.phase).toBe("transfer");
    expect(["reset", "truncated"]).toContain(failure.reason);
  });

  test("a server that does not offer it is said so, and one that speaks HTTP/1.1 in plain", async () => {
    const old = use(await startTlsTarget(certificate));
    expect((await failureOf(get(old.url, over2))).reason).toBe("http2_not_offered");
    const plain = use(await startHttpTarget());
    expect((await failureOf(get(plain.url, over2))).reason).toBe("protocol");
  });
});
