import { once } from "node:events";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import {
  type Certificate,
  createCertificate,
  startHttpTarget,
  startRawTarget,
  startTlsTarget,
  type Target,
} from "@sentinel/testkit";
import { createEgress } from "./create-egress.ts";
import type { EgressFailure } from "./egress.ts";
import { EgressError } from "./egress-error.ts";

const DAY_MS = 86_400_000;
const now = systemClock.now();
const valid = { validFromMs: now - DAY_MS, validToMs: now + 30 * DAY_MS };
const root = createCertificate({ commonName: "Test Root", authority: true, ...valid });
const issuer = { commonName: "Test Root", key: root.key };
const good = createCertificate({ commonName: "shop.test", names: ["shop.test", "127.0.0.1"], issuer, ...valid });

const egress = createEgress({
  policy: { allowPrivate: true, allowCidrs: [] },
  clock: systemClock,
  resolve: (host) =>
    Promise.resolve({ ok: true, addresses: [host === "other.test" || host === "shop.test" ? "127.0.0.1" : host] }),
});
const stops: (() => Promise<void>)[] = [];
const use = <T extends Target>(target: T): T => {
  stops.push(() => target.stop());
  return target;
};
const serve = async (certificate: Certificate): Promise<Target> => use(await startTlsTarget(certificate));

let before: string[] = [];
beforeAll(() => {
  before = getCACertificates("default");
  setDefaultCACertificates([root.cert]);
});
afterAll(async () => {
  setDefaultCACertificates(before);
  egress.close();
  await Promise.all(stops.map((stop) => stop()));
});

async function failureAt(host: string, target: Target, timeoutMs = 3000): Promise<EgressFailure> {
  const error: unknown = await egress.request({ url: `https://${host}:${target.port}/`, timeoutMs }).then(
    (answer) => answer,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EgressError) return error.failure;
  throw new Error(`expected an EgressError, got ${String(error)}`);
}

describe("a certificate that holds", () => {
  test("opens the connection, by name and by address, and is kept as evidence", async () => {
    const target = await serve(good);
    for (const host of ["shop.test", "127.0.0.1"]) {
      const answer = await egress.request({ url: `https://${host}:${target.port}/`, timeoutMs: 3000 });
      expect(answer).toMatchObject({ status: 200, certificate: { subject: "shop.test", issuer: "Test Root" } });
      expect(answer.certificate?.names).toEqual(["shop.test", "127.0.0.1"]);
      expect(answer.certificate?.validToMs).toBe(Math.floor(valid.validToMs / 1000) * 1000);
      expect(answer.phases.tlsMs).toBeGreaterThan(0);
    }
    await target.idle();
  });
});

describe("a secured connection", () => {
  test("that is reset in the middle of the body is told as such", async () => {
    const target = use(
      await startTlsTarget(good, (request, response) => {
        response.writeHead(200, { "content-length": "99000000" });
        response.write(Buffer.alloc(16_000_000), () => request.socket.destroy());
      }),
    );
    const asked = egress.request({
      url: `https://shop.test:${target.port}/`,
      timeoutMs: 5000,
      maxBodyBytes: 100_000_000,
    });
    await expect(asked).rejects.toMatchObject({
      failure: { reason: expect.stringMatching(/^(reset|truncated)$/), phase: "transfer", facts: { status: 200 } },
    });
    await target.idle();
  });

  test("is given out open for protocols with a client of their own, and only when its certificate holds", async () => {
    const target = await serve(good);
    const options = { port: target.port, tls: true, timeoutMs: 3000 };
    const socket = await egress.connect({ host: "shop.test", ...options });
    const answered = once(socket, "data");
    socket.write("GET / HTTP/1.0\r\n\r\n");
    expect(String((await answered)[0])).toMatch(/^HTTP\/1\.1 200/);
    socket.destroy();
    await expect(egress.connect({ host: "other.test", ...options })).rejects.toMatchObject({
      failure: { reason: "tls_hostname", phase: "tls" },
    });
    await target.idle();
  });
});

describe("a certificate that does not", () => {
  const past = { validFromMs: now - 60 * DAY_MS, validToMs: now - DAY_MS };
  const expiredOn = new Date(past.validToMs).toISOString().slice(0, 10);
  const WRONG: readonly (readonly [string, string, Certificate, string])[] = [
    ["expired", "shop.test", createCertificate({ commonName: "shop.test", issuer, ...past }), "tls_expired"],
    ["expired and its own issuer", "shop.test", createCertificate({ commonName: "shop.test", ...past }), "tls_expired"],
    [
      "of tomorrow",
      "shop.test",
      createCertificate({ commonName: "shop.test", issuer, validFromMs: now + DAY_MS, validToMs: now + 2 * DAY_MS }),
      "tls_not_yet_valid",
    ],
    ["its own issuer", "shop.test", createCertificate({ commonName: "shop.test", ...valid }), "tls_self_signed"],
    [
      "of an unknown issuer",
      "shop.test",
      createCertificate({
        commonName: "shop.test",
        issuer: { commonName: "Nobody", key: createCertificate({ commonName: "Nobody", ...valid }).key },
        ...valid,
      }),
      "tls_untrusted",
    ],
    ["for another name", "other.test", good, "tls_hostname"],
    [
      "for a name where an address was asked for",
      "127.0.0.1",
      createCertificate({ commonName: "shop.test", issuer, ...valid }),
      "tls_hostname",
    ],
  ];

  test.each(WRONG)("%s is refused, and shown as evidence", async (_name, host, certificate, reason) => {
    const target = await serve(certificate);
    const failure = await failureAt(host, target);
    expect(failure).toMatchObject({ reason, phase: "tls", params: { host } });
    expect(failure.facts).toMatchObject({ status: undefined, remoteAddress: target.host });
    expect(failure.facts.certificate?.subject).toBe("shop.test");
    expect(failure.facts.phases.firstByteMs).toBe(0);
    if (reason === "tls_expired") expect(failure.params).toMatchObject({ certificateExpiredOn: expiredOn });
    await target.idle();
  });
});

describe("no handshake", () => {
  test("plain HTTP behind an https address", async () => {
    const target = use(await startHttpTarget());
    expect(await failureAt("127.0.0.1", target)).toMatchObject({ reason: "tls_wrong_version", phase: "tls" });
    await target.idle();
  });

  test("TLS behind an http address is no HTTP", async () => {
    const target = await serve(good);
    const asked = egress.request({ url: `http://${target.host}/`, timeoutMs: 3000 });
    await expect(asked).rejects.toMatchObject({ failure: { phase: "first_byte" } });
    await target.idle();
  });

  test.each([
    ["closed", "end"],
    ["reset", "reset"],
  ] as const)("a connection %s in the middle of it", async (_name, how) => {
    const target = use(await startRawTarget((socket) => (how === "end" ? socket.end() : socket.resetAndDestroy())));
    expect(await failureAt("shop.test", target)).toMatchObject({ reason: "tls_handshake", phase: "tls" });
    await target.idle();
  });

  test("silence is charged to the handshake", async () => {
    const target = use(await startRawTarget(() => undefined));
    const failure = await failureAt("shop.test", target, 120);
    expect(failure).toMatchObject({ reason: "timeout_in_tls", phase: "tls" });
    expect(failure.facts.phases.tlsMs).toBeGreaterThan(80);
    await target.idle();
  });

  test("a redirect from https to an address with credentials is not followed", async () => {
    const target = use(
      await startTlsTarget(good, (_request, response) => {
        response.writeHead(302, { location: "http://me:word@127.0.0.1/" });
        response.end();
      }),
    );
    const asked = egress.request({ url: `https://shop.test:${target.port}/`, timeoutMs: 3000, maxRedirects: 3 });
    await expect(asked).rejects.toMatchObject({ failure: { reason: "credentials_in_url" } });
    await target.idle();
  });
});
