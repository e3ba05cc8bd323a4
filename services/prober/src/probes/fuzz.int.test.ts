import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import { type EndpointResult, Verdict } from "@sentinel/contracts";
import { renderReason } from "@sentinel/contracts/text";
import { type RawTarget, startRawTarget } from "@sentinel/testkit";
import * as fc from "fast-check";
import { createChecks } from "./test-checks.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 100);
/** A check that hangs runs into this one; each server ends the connection after its last byte, so none has to. */
const TIMEOUT_MS = 10_000;

const { check, close } = createChecks({ SENTINEL_SECRET_X: "secret" });
const targets: RawTarget[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
process.on("unhandledRejection", onUnhandled);
afterAll(async () => {
  process.removeListener("unhandledRejection", onUnhandled);
  await close();
  await Promise.all(targets.map((target) => target.stop()));
});
afterEach(() => expect(unhandled.splice(0)).toEqual([]));

/** What a server says, changed: each change names a place and what becomes of the bytes there. */
interface Change {
  readonly at: number;
  readonly how: "flip" | "cut" | "double" | "insert" | "remove" | "huge";
  readonly noise: Uint8Array;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 10_000 }),
  how: fc.constantFrom("flip", "cut", "double", "insert", "remove", "huge"),
  noise: fc.uint8Array({ minLength: 1, maxLength: 40 }),
});

function changed(bytes: Buffer, { at, how, noise }: Change): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (how) {
    case "flip":
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (noise[0] ?? 1)]), after.subarray(1)]);
    case "cut":
      return before;
    case "double":
      return Buffer.concat([before, after, after]);
    case "insert":
      return Buffer.concat([before, noise, after]);
    case "remove":
      return Buffer.concat([before, after.subarray(noise.length)]);
    case "huge":
      return Buffer.concat([before, Buffer.alloc(100_000, noise), after]);
  }
}

/** Bytes of a conversation that goes well, or at least begins so, in the order in which a server says them. */
interface Protocol {
  readonly endpoint: (port: number) => object;
  readonly said: readonly (string | Buffer)[];
  /** True where the server does not wait to be asked the first time. */
  readonly greets?: true;
  /** What comes of it unchanged, where that is not well. */
  readonly unchanged?: string;
}

const http = (head: string, body: string): string => `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`;
const sized = (body: string, head = "X: y"): string => http(`Content-Length: ${body.length}\r\n${head}`, body);
const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.set([type, flags], 3);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};
const SETTINGS = Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), frame(4, 1, 0, Buffer.alloc(0))]);
/** ":status: 200" by its number in the table of HPACK. */
const OK_HEAD = Buffer.from([0x88]);
const GRPC_STATUS = Buffer.concat([Buffer.from([0x40, 11]), Buffer.from("grpc-status"), Buffer.from([1, 0x30])]);
const HTTP2 = Buffer.concat([SETTINGS, frame(1, 4, 1, OK_HEAD), frame(0, 1, 1, Buffer.from("hello"))]);
const GRPC = Buffer.concat([
  SETTINGS,
  frame(1, 4, 1, OK_HEAD),
  frame(0, 0, 1, Buffer.from([0, 0, 0, 0, 2, 8, 1])),
  frame(1, 5, 1, GRPC_STATUS),
]);
const INFO = JSON.stringify({ server_id: "x", version: "2.11.0", max_payload: 1_048_576, jetstream: true });
const VECTOR = JSON.stringify({
  status: "success",
  data: { resultType: "vector", result: [{ metric: { job: "a" }, value: [1, "1"] }] },
});
const DNS = Buffer.from(
  "12348180000100010000000004736f6d6504746573740000010001c00c000100010000000e000401020304",
  "hex",
);
const DNS_OVER_TCP = Buffer.concat([Buffer.from([0, DNS.length]), DNS]);
const PG: readonly string[] = [
  "R\x00\x00\x00\x08\x00\x00\x00\x00S\x00\x00\x00\x16server_version\x0017\x00Z\x00\x00\x00\x05I",
  "C\x00\x00\x00\x0aBEGIN\x00C\x00\x00\x00\x08SET\x00Z\x00\x00\x00\x05T",
  "1\x00\x00\x00\x042\x00\x00\x00\x04T\x00\x00\x00\x1a\x00\x01a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x17\x00\x04\xff\xff\xff\xff\x00\x00" +
    "D\x00\x00\x00\x0b\x00\x01\x00\x00\x00\x011C\x00\x00\x00\x0dSELECT 1\x00",
  "Z\x00\x00\x00\x05T",
];
const OK_OF_MYSQL = "\x07\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00";
const MYSQL: readonly string[] = [
  "J\x00\x00\x00\x0a8.0.36\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\xff\x02\x00\xff\xc1\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00abcdefghijkl\x00" +
    "mysql_native_password\x00",
  "\x07\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00",
  OK_OF_MYSQL,
  OK_OF_MYSQL,
  OK_OF_MYSQL,
  "\x01\x00\x00\x01\x01\x17\x00\x00\x02\x03def\x00\x00\x00\x011\x00\x0c\x3f\x00\x01\x00\x00\x00\x08\x81\x00\x00\x00\x00" +
    "\x05\x00\x00\x03\xfe\x00\x00\x02\x00\x02\x00\x00\x04\x011\x05\x00\x00\x05\xfe\x00\x00\x02\x00",
];
/** How an answer to a handshake begins. */
const TLS_HELLO = Buffer.from("160303003f0200003b0303", "hex");
const PACKED = gzipSync("hello");
const starttls = (protocol: string) => (port: number) => ({
  url: `tcp://127.0.0.1:${port}`,
  tcp: { starttls: protocol },
});
const throughProxy = (scheme: string, url: string) => (port: number) => ({
  url,
  http: { proxy: `${scheme}://127.0.0.1:${port}` },
});

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  "HTTP/1.1": {
    endpoint: (port) => ({ url: `http://127.0.0.1:${port}/`, assert: [{ subject: "json", of: "$.a[*]", above: 0 }] }),
    said: [sized('{"a":[1,2]}')],
  },
  "chunked HTTP/1.1": {
    endpoint: (port) => ({ url: `http://127.0.0.1:${port}/` }),
    said: [http("Transfer-Encoding: chunked", "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n")],
  },
  "packed HTTP/1.1": {
    endpoint: (port) => ({ url: `http://127.0.0.1:${port}/` }),
    said: [
      Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${PACKED.length}\r\n\r\n`),
        PACKED,
      ]),
    ],
  },
  "HTTP/2": { endpoint: (port) => ({ url: `http://127.0.0.1:${port}/`, http: { version: "2" } }), said: [HTTP2] },
  gRPC: { endpoint: (port) => ({ url: `grpc://127.0.0.1:${port}` }), said: [GRPC] },
  WebSocket: {
    endpoint: (port) => ({ url: `ws://127.0.0.1:${port}/`, webSocket: { step: { expect: "hello" } } }),
    said: [
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n\x81\x05hello`,
    ],
  },
  Redis: {
    endpoint: (port) => ({
      url: `redis://127.0.0.1:${port}`,
      redis: {},
      assert: [{ subject: "value", of: "role", is: "master" }],
    }),
    said: ["+PONG\r\n", "$28\r\n# Replication\r\nrole:master\r\n\r\n"],
  },
  NATS: {
    endpoint: (port) => ({ url: `nats://127.0.0.1:${port}`, nats: { jetstream: true } }),
    said: [`INFO ${INFO}\r\n`, "PONG\r\n", "PONG\r\n", `MSG _INBOX.x 1 15\r\n{"streams": 12}\r\n`],
    greets: true,
  },
  PostgreSQL: { endpoint: (port) => ({ url: `postgres://127.0.0.1:${port}/x`, sql: { user: "x" } }), said: PG },
  MySQL: {
    endpoint: (port) => ({ url: `mysql://127.0.0.1:${port}/x`, sql: { user: "x" } }),
    said: MYSQL,
    greets: true,
  },
  Prometheus: {
    endpoint: (port) => ({ url: `prometheus+http://127.0.0.1:${port}`, prometheus: { query: "up" } }),
    said: [sized(VECTOR)],
  },
  "an OAuth2 token": {
    endpoint: (port) => ({
      url: "http://127.0.0.1:1/",
      http: {
        auth: {
          oauth2: {
            tokenUrl: `http://127.0.0.1:${port}/t`,
            clientId: "x",
            clientSecret: "${SENTINEL_SECRET_X}",
            scopes: [],
          },
        },
      },
    }),
    unchanged: "VERDICT_DOWN connect_refused",
    said: [sized('{"access_token":"abcdef","expires_in":1}')],
  },
  "DNS over TCP": {
    endpoint: (port) => ({ url: `dns://127.0.0.1:${port}/some.test`, dns: { transport: "tcp" } }),
    said: [DNS_OVER_TCP],
  },
  "a certificate's handshake": {
    endpoint: (port) => ({ url: `tls://127.0.0.1:${port}` }),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: [TLS_HELLO],
  },
  "STARTTLS of SMTP": {
    endpoint: starttls("smtp"),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: ["220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "220 go\r\n", TLS_HELLO],
    greets: true,
  },
  "STARTTLS of IMAP": {
    endpoint: starttls("imap"),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: ["* OK x\r\n", "* y\r\na1 OK\r\n", TLS_HELLO],
    greets: true,
  },
  "STARTTLS of POP3": {
    endpoint: starttls("pop3"),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: ["+OK x\r\n", "+OK go\r\n", TLS_HELLO],
    greets: true,
  },
  "STARTTLS of FTP": {
    endpoint: starttls("ftp"),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: ["220-x\r\n220 y\r\n", "234 go\r\n", TLS_HELLO],
    greets: true,
  },
  "STARTTLS of LDAP": {
    endpoint: starttls("ldap"),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: [Buffer.from("300c02010178070a010004000400", "hex"), TLS_HELLO],
  },
  "STARTTLS of PostgreSQL": {
    endpoint: starttls("postgres"),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: ["S", TLS_HELLO],
  },
  "an HTTP proxy": {
    endpoint: throughProxy("http", "https://127.0.0.1:1/"),
    unchanged: "VERDICT_DOWN tls_handshake",
    said: ["HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n", TLS_HELLO],
  },
  "a SOCKS proxy": {
    endpoint: throughProxy("socks5", "http://127.0.0.1:1/"),
    said: [Buffer.from([5, 0]), Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 80]), sized("hello")],
  },
};

/** Failing is a result with a reason that people can be told, and nothing waits for a server that has gone. */
function judge(result: EndpointResult): void {
  if (result.verdict === Verdict.HEALTHY) return;
  const params = result.evidence?.params ?? {};
  expect([result.reason, renderReason("en", result.reason, params)]).not.toEqual([result.reason, ""]);
  expect(result.reason).not.toMatch(/^timeout_/);
}

interface Fuzz {
  readonly turn: number;
  readonly changes: readonly Change[];
}
const fuzz: fc.Arbitrary<Fuzz> = fc.record({ turn: fc.nat({ max: 9 }), changes: fc.array(change, { maxLength: 4 }) });

/** Says one turn for each thing it is told; after the changed one it hangs up, since nobody knows what should follow. */
function speak(socket: Socket, { said, greets }: Protocol, { turn, changes }: Fuzz): void {
  let next = 0;
  const say = (heard: Buffer): void => {
    const text = said[next];
    if (text === undefined) return;
    const bytes = answering(typeof text === "string" ? Buffer.from(text, "latin1") : text, heard);
    const last = next === turn % said.length ? changes.length > 0 : false;
    next += 1;
    if (last || next === said.length) socket.end(last ? changes.reduce(changed, bytes) : bytes);
    else socket.write(bytes);
  };
  if (greets === true) say(Buffer.alloc(0));
  socket.on("data", say);
}

/** What repeats part of the question: the key of WebSocket, the number of DNS, the inbox of NATS. */
function answering(bytes: Buffer, heard: Buffer): Buffer {
  const asked = heard.toString("latin1");
  const key = /sec-websocket-key: (\S+)/i.exec(asked)?.[1];
  const inbox = /SUB (\S+)/.exec(asked)?.[1];
  if (bytes.subarray(2).equals(DNS))
    return Buffer.concat([bytes.subarray(0, 2), heard.subarray(2, 4), bytes.subarray(4)]);
  if (key === undefined && inbox === undefined) return bytes;
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const text = bytes
    .toString("latin1")
    .replace("{accept}", accept)
    .replace("_INBOX.x", inbox ?? "");
  return Buffer.from(text, "latin1");
}

describe.each(Object.entries(PROTOCOLS))("%s, changed at random", (_name, protocol) => {
  test("is judged, and never throws, hangs or ends the process", async () => {
    let now: Fuzz = { turn: 0, changes: [] };
    const target = await startRawTarget((socket) => speak(socket, protocol, now), { at: "connection" });
    targets.push(target);
    // Changed at random says something only where it is understood unchanged.
    const unchanged = await check(protocol.endpoint(target.port), TIMEOUT_MS);
    expect(`${unchanged.verdict} ${unchanged.reason}`).toBe(protocol.unchanged ?? "VERDICT_HEALTHY ");
    await fc.assert(
      fc.asyncProperty(fuzz, async (each) => {
        now = each;
        judge(await check(protocol.endpoint(target.port), TIMEOUT_MS));
      }),
      { numRuns: RUNS },
    );
  }, 1_200_000);
});

test("no byte of a chunked answer, changed, makes a check wait for a server that has gone", async () => {
  const said = http("Transfer-Encoding: chunked", "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n");
  let at = 0;
  const target = await startRawTarget(
    (socket) => void socket.once("data", () => socket.end(changed(Buffer.from(said), flip(at)))),
    { at: "connection" },
  );
  targets.push(target);
  for (at = 0; at < said.length; at += 1) judge(await check({ url: `http://127.0.0.1:${target.port}/` }, TIMEOUT_MS));
}, 1_200_000);

const flip = (at: number): Change => ({ at, how: "flip", noise: Uint8Array.from([1]) });
