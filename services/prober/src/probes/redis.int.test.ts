import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, findProgram, freePort, type Program, startProgram } from "@sentinel/testkit";
import { createChecks, describeAgainst } from "./test-checks.ts";

const SECRET = "correct horse";
const { check, serve, close } = createChecks({ SENTINEL_SECRET_R: SECRET, SENTINEL_SECRET_W: "wrong horse" });
afterAll(close);

const RIGHT = { password: "${SENTINEL_SECRET_R}" };
const WRONG = { password: "${SENTINEL_SECRET_W}" };
const redis = (port: number, options: object = {}) => ({ url: `redis://127.0.0.1:${port}`, redis: options });

/** Answers each command, in its order, with the next of these. */
const script =
  (...answers: readonly string[]) =>
  (socket: Socket): void => {
    let turn = 0;
    socket.on("data", () => void socket.write(answers[turn++] ?? ""));
  };

describe("a Redis check", () => {
  test("is well after PONG, and signs in first where a password is given", async () => {
    const asked: string[] = [];
    const port = await serve((socket) => {
      socket.on("data", (data) => {
        asked.push(data.toString());
        socket.write(asked.length === 1 ? "+OK\r\n" : "+PONG\r\n");
      });
    });
    expect(await check(redis(port, { user: "anna", ...RIGHT }))).toMatchObject({
      verdict: Verdict.HEALTHY,
      reason: "",
    });
    expect(asked).toEqual([`*3\r\n$4\r\nAUTH\r\n$4\r\nanna\r\n$13\r\n${SECRET}\r\n`, "*1\r\n$4\r\nPING\r\n"]);
  });

  test.each([
    ["a demand for a password", "-NOAUTH Authentication required.\r\n", {}, "auth_required"],
    ["a wrong password", "-WRONGPASS invalid username-password pair\r\n", WRONG, "auth_refused"],
    ["protected mode", "-DENIED Redis is running in protected mode\r\n", {}, "auth_refused"],
    ["a start under way", "-LOADING Redis is loading the dataset in memory\r\n", {}, "server_loading"],
    ["no room", "-ERR max number of clients reached\r\n", {}, "too_many_connections"],
    ["another error", "-MISCONF unable to persist on disk\r\n", {}, "command_failed"],
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", {}, "wrong_protocol"],
    ["another word", "+GONP\r\n", {}, "wrong_protocol"],
    ["a bulk string without end", "$999999999\r\n", {}, "body_too_large"],
    ["a length that is none", "$-x\r\n", {}, "wrong_protocol"],
  ])("is down with %s, in the server's own words", async (_what, answer, options, reason) => {
    const result = await check(redis(await serve(script(answer)), options));
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    expect(JSON.stringify(result)).not.toContain("horse");
  });

  test("silence is charged to the wait for the first byte", async () => {
    const result = await check(redis(await serve(() => undefined)), 300);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "timeout_in_first_byte" });
    expect(result.phases?.firstByteMs).toBeGreaterThan(200);
  });

  test("rediss is TLS, with the certificate judged", async () => {
    const now = systemClock.now();
    const certificate = createCertificate({
      commonName: "cache.test",
      names: ["127.0.0.1"],
      validFromMs: now - 3_600_000,
      validToMs: now + 3_600_000,
    });
    const port = await serve((socket) => {
      const secured = new TLSSocket(socket, { isServer: true, cert: certificate.cert, key: certificate.key });
      secured.on("error", () => undefined);
      secured.on("data", () => void secured.write("+PONG\r\n"));
    });
    const url = `rediss://127.0.0.1:${port}`;
    const trusting = await check({ url, redis: { tls: { authorities: certificate.cert } } });
    expect(trusting).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(await check({ url })).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_self_signed" });
  });
});

const binary = findProgram("redis-server");
describeAgainst(
  "redis-server",
  binary,
  "scripts stand for it",
)("against redis-server", () => {
  let server: Program | undefined;
  let port = 0;
  beforeAll(async () => {
    port = await freePort();
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", SECRET];
    server = await startProgram(binary ?? "", args, /Ready to accept connections/);
  });
  afterAll(() => server?.stop());

  test("signs in, and looks at fields of INFO", async () => {
    const assert = [
      { subject: "value", is: "PONG" },
      { subject: "value", of: "role", is: "master" },
      { subject: "value", of: "connected_clients", atLeast: 1 },
    ];
    expect(await check({ ...redis(port, RIGHT), assert })).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    const replica = await check({ ...redis(port, RIGHT), assert: [{ subject: "value", of: "role", is: "slave" }] });
    expect(replica).toMatchObject({ verdict: Verdict.DOWN, reason: "assertion" });
    expect(replica.evidence?.params).toMatchObject({ subject: "value role", actual: "master", expected: "slave" });
    const none = await check({ ...redis(port, RIGHT), assert: [{ subject: "value", of: "no_field", is: "x" }] });
    expect(none).toMatchObject({ verdict: Verdict.DOWN, reason: "assertion_nothing" });
  });

  test("a missing and a wrong password each have their reason", async () => {
    expect(await check(redis(port))).toMatchObject({ verdict: Verdict.DOWN, reason: "auth_required" });
    const wrong = await check(redis(port, WRONG));
    expect(wrong).toMatchObject({ verdict: Verdict.DOWN, reason: "auth_refused" });
    expect(wrong.evidence?.params["actual"]).toContain("WRONGPASS");
  });
});
