import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { afterAll, describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate } from "@sentinel/testkit";
import { createChecks } from "./test-checks.ts";

const { check, serve, close } = createChecks({ SENTINEL_SECRET_USER: "anna" });
afterAll(close);

const HOUR_MS = 3_600_000;
const now = systemClock.now();
const certificate = createCertificate({
  commonName: "mail.test",
  names: ["127.0.0.1"],
  validFromMs: now - HOUR_MS,
  validToMs: now + 100 * HOUR_MS,
});

const tcp = (port: number, options: object = {}) => ({ url: `tcp://127.0.0.1:${port}`, tcp: options });

describe("a TCP check", () => {
  test("is well when the port accepts", async () => {
    const result = await check(tcp(await serve(() => undefined)));
    expect(result).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(result.phases?.connectMs).toBeGreaterThan(0);
  });

  test("goes through its steps, secrets filled in, however the answer is cut", async () => {
    const asked: string[] = [];
    const port = await serve((socket) => {
      socket.write("220 hel");
      setTimeout(() => socket.write("lo\r\n"), 20);
      socket.on("data", (data) => {
        asked.push(data.toString());
        socket.write("250 ok\r\n");
      });
    });
    const steps = [{ expect: "^220 hello" }, { send: "USER ${SENTINEL_SECRET_USER}\r\n", expect: "250" }];
    expect(await check(tcp(port, { steps }))).toMatchObject({ verdict: Verdict.HEALTHY });
    expect(asked).toEqual(["USER anna\r\n"]);
  });

  test.each([
    ["another answer that ends", (socket: Socket) => socket.end("500 go away\r\n"), "answer_mismatch"],
    ["another answer that stays", (socket: Socket) => void socket.write("500 go away\r\n"), "answer_mismatch"],
    ["an end without an answer", (socket: Socket) => socket.end(), "empty_reply"],
    ["silence", () => undefined, "timeout_in_first_byte"],
    ["a reset", (socket: Socket) => setTimeout(() => socket.resetAndDestroy(), 30), "reset"],
  ])("is down with %s", async (_what, talk, reason) => {
    const port = await serve((socket) => void talk(socket));
    const result = await check(tcp(port, { steps: [{ expect: "^220" }] }), 300);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    if (reason === "answer_mismatch") {
      expect(result.evidence?.params).toMatchObject({ expected: "^220", actual: "500 go away" });
    }
  });

  test("a closed port and a secret that is not set each have their reason", async () => {
    const closed = await check({ url: "tcp://127.0.0.1:1" });
    expect(closed).toMatchObject({ verdict: Verdict.DOWN, reason: "connect_refused" });
    const port = await serve(() => undefined);
    const untold = await check(tcp(port, { steps: [{ send: "${SENTINEL_SECRET_OTHER}" }] }));
    expect(untold).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "secret_missing" });
    expect(untold.evidence?.params).toEqual({ name: "SENTINEL_SECRET_OTHER" });
  });

  test("an answer more than it can hold is cut off", async () => {
    const port = await serve((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write("x".repeat(10_000)));
      };
      socket.on("drain", more);
      more();
    });
    const result = await check(tcp(port, { steps: [{ expect: "never" }] }));
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "body_too_large" });
  });
});

/** What the server says first, what it answers to each thing asked, and what is asked last before TLS. */
const PROTOCOLS: readonly (readonly [string, string, readonly (readonly [RegExp, string | Buffer])[]])[] = [
  [
    "smtp",
    "220-mail\r\n220 ready\r\n",
    [
      [/^EHLO/, "250-mail\r\n250 STARTTLS\r\n"],
      [/^STARTTLS/, "220 go\r\n"],
    ],
  ],
  ["ftp", "220 ready\r\n", [[/^AUTH TLS/, "234 go\r\n"]]],
  ["imap", "* OK ready\r\n", [[/^a1 STARTTLS/, "* CAPABILITY X\r\na1 OK go\r\n"]]],
  ["pop3", "+OK ready\r\n", [[/^STLS/, "+OK go\r\n"]]],
  ["postgres", "", [[/^.{5}\u00d2.{2}$/s, "S"]]],
  ["ldap", "", [[/1\.3\.6\.1\.4\.1\.1466\.20037$/, Buffer.from("300c02010178070a010004000400", "hex")]]],
];

describe("STARTTLS", () => {
  const serveProtocol = (
    greeting: string,
    turns: readonly (readonly [RegExp, string | Buffer])[],
    then: (socket: Socket) => void,
  ) =>
    serve((socket) => {
      let turn = 0;
      if (greeting !== "") socket.write(greeting);
      socket.on("data", (data) => {
        const [asked, answer] = turns[turn] ?? [];
        if (asked === undefined || answer === undefined) return;
        if (!asked.test(data.toString("latin1"))) return void socket.end("?\r\n");
        turn += 1;
        socket.write(answer, () => {
          if (turn < turns.length) return;
          socket.removeAllListeners("data");
          then(socket);
        });
      });
    });

  test.each(PROTOCOLS)(
    "%s: secures the connection in the protocol's own words and shows the certificate",
    async (starttls, greeting, turns) => {
      const port = await serveProtocol(greeting, turns, (socket) => {
        const secured = new TLSSocket(socket, { isServer: true, cert: certificate.cert, key: certificate.key });
        secured.on("error", () => undefined);
        secured.on("data", () => secured.write("secret hello\r\n"));
      });
      const options = {
        starttls,
        tls: { authorities: certificate.cert },
        steps: [{ send: "hi\r\n", expect: "secret hello" }],
      };
      const assert = [{ subject: "certificate_days", is: 4 }];
      expect(await check({ ...tcp(port, options), assert })).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
      const untrusted = await check(tcp(port, { starttls }));
      expect(untrusted).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_self_signed" });
    },
  );

  test.each(PROTOCOLS)("%s: a server that will not is named with its words", async (starttls, greeting, turns) => {
    const refusing = turns.map(([asked]) => [asked, "554 no\r\n"] as const).slice(0, 1);
    const port = await serveProtocol(greeting, refusing, () => undefined);
    const result = await check(tcp(port, { starttls }), 500);
    expect(result.verdict).toBe(Verdict.DOWN);
    expect(["starttls_refused", "answer_mismatch"]).toContain(result.reason);
  });
});
