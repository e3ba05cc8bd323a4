import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, type NatsServer, startNats } from "@sentinel/testkit";
import { createChecks } from "./test-checks.ts";

const TOKEN = "let-me-in";
const { check, serve, close } = createChecks({ SENTINEL_SECRET_T: TOKEN, SENTINEL_SECRET_W: "wrong" });
afterAll(close);

const nats = (port: number, options: object = {}) => ({ url: `nats://127.0.0.1:${port}`, nats: options });

describe("against nats-server", () => {
  let open: NatsServer;
  let closed: NatsServer;
  beforeAll(async () => {
    [open, closed] = await Promise.all([startNats(), startNats({ token: TOKEN })]);
  });
  afterAll(() => Promise.all([open.stop(), closed.stop()]));

  test("makes a round trip, and looks at what the server and JetStream say", async () => {
    const assert = [
      { subject: "value", matches: "^2\\." },
      { subject: "value", of: "max_payload", is: 1_048_576 },
      { subject: "value", of: "streams", is: 0 },
    ];
    const result = await check({ ...nats(open.port, { jetstream: true }), assert });
    expect(result).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(result.phases?.firstByteMs).toBeGreaterThan(0);
  });

  test.each([
    ["the right token", { token: "${SENTINEL_SECRET_T}" }, ""],
    ["a wrong token", { token: "${SENTINEL_SECRET_W}" }, "auth_refused"],
    ["a user it does not know", { user: "anna", password: "${SENTINEL_SECRET_W}" }, "auth_refused"],
    ["nothing", {}, "auth_required"],
  ])("shown %s", async (_what, options, reason) => {
    const result = await check(nats(closed.port, options));
    expect(result).toMatchObject({ verdict: reason === "" ? Verdict.HEALTHY : Verdict.DOWN, reason });
    if (reason !== "") expect(result.evidence?.params["actual"]).toContain("Authorization Violation");
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });

  test("JetStream that is off is named", async () => {
    const server = await startNats({ jetStream: false });
    try {
      expect(await check(nats(server.port))).toMatchObject({ verdict: Verdict.HEALTHY });
      const result = await check(nats(server.port, { jetstream: true }));
      expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "jetstream_disabled" });
    } finally {
      await server.stop();
    }
  });

  test("TLS that the server demands is made, and its certificate judged", async () => {
    const now = systemClock.now();
    const dates = { validFromMs: now - 3_600_000, validToMs: now + 3_600_000 };
    const pem = createCertificate({ commonName: "bus.test", names: ["127.0.0.1"], ...dates });
    const folder = await mkdtemp(join(tmpdir(), "sentinel-nats-tls-"));
    const files = { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    await Promise.all([writeFile(files.certificate, pem.cert), writeFile(files.key, pem.key)]);
    const server = await startNats({ tls: files });
    try {
      const trusting = await check(nats(server.port, { tls: { authorities: pem.cert } }));
      expect(trusting).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
      expect(trusting.phases?.tlsMs).toBeGreaterThan(0);
      expect(await check(nats(server.port))).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_self_signed" });
    } finally {
      await server.stop();
      await rm(folder, { recursive: true });
    }
  });

  test("TLS that the server does not offer is a failure of its own", async () => {
    const result = await check(nats(open.port, { tls: { skipVerify: true } }));
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "starttls_refused" });
  });
});

describe("a server that is none, or breaks off", () => {
  const INFO = 'INFO {"version":"2.10.0"}\r\n';
  const after = (greeting: string, answer: string) => (socket: Socket) => {
    socket.write(greeting);
    socket.on("data", () => void socket.write(answer));
  };

  test.each([
    ["greets in another protocol", after("SSH-2.0-OpenSSH_9\r\n", ""), "wrong_protocol"],
    ["greets with what is no JSON", after("INFO {\r\n", ""), "wrong_protocol"],
    ["has no room", after("-ERR 'maximum connections exceeded'\r\n", ""), "too_many_connections"],
    ["answers something else", after(INFO, "HELLO\r\n"), "wrong_protocol"],
    ["does not like what it got", after(INFO, "-ERR 'Unknown Protocol Operation'\r\n"), "command_failed"],
    ["announces more than can be read", after(INFO, "PONG\r\nPONG\r\nMSG x 1 99999999\r\n"), "body_too_large"],
    ["announces less than nothing", after(INFO, "PONG\r\nPONG\r\nHMSG x 1 9 -1\r\n"), "wrong_protocol"],
    ["closes at once", (socket: Socket) => void socket.end(), "empty_reply"],
    ["says nothing", () => undefined, "timeout_in_first_byte"],
  ])("%s", async (_what, talk, reason) => {
    const result = await check(nats(await serve(talk), { jetstream: true }), 500);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
  });
});
