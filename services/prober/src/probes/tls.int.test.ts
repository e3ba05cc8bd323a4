import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import { afterAll, describe, expect, test } from "@jest/globals";
import { renderReason } from "@sentinel/contracts/text";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate } from "@sentinel/testkit";
import { probe } from "./index.ts";
import { inShort, requestFor } from "./test-checks.ts";

const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const servers: Server[] = [];
const sockets: Socket[] = [];
afterAll(async () => {
  egress.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

const DAY_MS = 86_400_000;
const now = systemClock.now();
const lasting = (days: number) => ({ validFromMs: now - 400 * DAY_MS, validToMs: now + (days + 0.5) * DAY_MS });
const root = createCertificate({ commonName: "Test Root", authority: true, ...lasting(3000) });
const byRoot = { commonName: "Test Root", key: root.key };
const leaf = (days: number) =>
  createCertificate({ commonName: "shop.test", names: ["127.0.0.1"], issuer: byRoot, ...lasting(days) });

async function serve(options: SecureContextOptions, greeting?: string): Promise<number> {
  const secureContext = createSecureContext(options);
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    const secure = (): void => {
      const tls = new TLSSocket(socket, { isServer: true, secureContext });
      sockets.push(tls);
      tls.on("error", () => socket.destroy());
    };
    if (greeting === undefined) return secure();
    socket.write(greeting);
    socket.once("data", () => {
      socket.write("+OK go\r\n");
      secure();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const check = (port: number, tls: object, assert: object[] = []) =>
  probe(requestFor({ url: `tls://127.0.0.1:${port}`, tls, assert }, { egress }));
const trusting = { tls: { authorities: root.cert } };

describe("how long a certificate lasts", () => {
  test.each([
    [40, "HEALTHY"],
    [14, "HEALTHY"],
    [13, "DEGRADED certificate_expires_soon"],
    [3, "DEGRADED certificate_expires_soon"],
    [2, "DOWN certificate_expires_soon"],
    [-1, "DOWN tls_expired"],
  ])("%i days left: %s", async (days, verdict) => {
    expect(inShort(await check(await serve(leaf(days)), trusting))).toBe(verdict);
  });

  test("the thresholds are the monitor's own, and the sentence says when it ends", async () => {
    const result = await check(await serve(leaf(20)), { ...trusting, warnDays: 30, failDays: 21 });
    expect(inShort(result)).toBe("DOWN certificate_expires_soon");
    const day = new Date(now + 20.5 * DAY_MS).toISOString().slice(0, 10);
    expect(renderReason("en", result.reason, result.evidence?.params)).toBe(
      `The certificate of shop.test expires on ${day}, in less than 21 days.`,
    );
    expect(result.evidence?.certificate?.subject).toBe("shop.test");
  });

  test("an issuer that ends before the certificate is what counts", async () => {
    const middle = createCertificate({ commonName: "Middle", authority: true, issuer: byRoot, ...lasting(5) });
    const issuer = { commonName: "Middle", key: middle.key };
    const own = createCertificate({ commonName: "shop.test", names: ["127.0.0.1"], issuer, ...lasting(200) });
    const whole = { key: own.key, cert: own.cert + middle.cert };
    const result = await check(await serve(whole), trusting);
    expect(inShort(result)).toBe("DEGRADED certificate_expires_soon");
    expect(result.evidence?.params).toMatchObject({ subject: "Middle", days: "5", limitDays: "14" });
    expect(inShort(await check(await serve(own), trusting))).toBe("DOWN tls_untrusted");
  });

  test("an expired one is down even where nothing is verified", async () => {
    const result = await check(await serve(leaf(-20)), { tls: { skipVerify: true } });
    expect(inShort(result)).toBe("DOWN tls_expired");
  });
});

describe("who it is for and who vouches for it", () => {
  test("another name, another authority, itself", async () => {
    const other = createCertificate({ commonName: "other.test", issuer: byRoot, ...lasting(90) });
    expect(inShort(await check(await serve(other), trusting))).toBe("DOWN tls_hostname");
    const named = { tls: { authorities: root.cert, serverName: "other.test" } };
    expect(inShort(await check(await serve(other), named))).toBe("HEALTHY");
    expect(inShort(await check(await serve(leaf(90)), {}))).toBe("DOWN tls_untrusted");
    const alone = createCertificate({ commonName: "x", names: ["127.0.0.1"], ...lasting(90) });
    expect(inShort(await check(await serve(alone), {}))).toBe("DOWN tls_self_signed");
  });
});

describe("what is agreed on", () => {
  const OLD = { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

  test("a server that knows only old versions is below the floor", async () => {
    const result = await check(await serve({ ...leaf(90), ...OLD }), trusting);
    expect(inShort(result)).toBe("DOWN tls_old_version");
    const newest = { tls: { ...trusting.tls, minVersion: "1.3" } };
    const port = await serve({ ...leaf(90), maxVersion: "TLSv1.2" });
    expect(inShort(await check(port, newest))).toBe("DOWN tls_old_version");
    expect(inShort(await check(port, trusting, [{ subject: "version", is: "TLSv1.2" }]))).toBe("HEALTHY");
  });

  test("suites are accepted by the standard's name and by OpenSSL's; another is named", async () => {
    const port = await serve({ ...leaf(90), maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" });
    for (const name of ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ecdhe-ecdsa-aes128-gcm-sha256"]) {
      expect(inShort(await check(port, { ...trusting, ciphers: [name] }))).toBe("HEALTHY");
    }
    const result = await check(port, { ...trusting, ciphers: ["TLS_AES_256_GCM_SHA384"] });
    expect(inShort(result)).toBe("DOWN tls_cipher");
    expect(result.evidence?.params).toMatchObject({ actual: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" });
  });

  test("an assertion that is down outweighs a certificate that only warns", async () => {
    const result = await check(await serve(leaf(10)), trusting, [{ subject: "certificate_days", atLeast: 30 }]);
    expect(inShort(result)).toBe("DOWN assertion");
  });

  test("plain text where TLS should be, and STARTTLS before it", async () => {
    const plain = createServer(
      (socket) =>
        void socket
          .on("error", () => undefined)
          .resume()
          .end("hello, this is plain\r\n"),
    );
    servers.push(plain);
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const address = plain.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    expect(inShort(await check(address.port, trusting))).toBe("DOWN tls_wrong_version");
    const port = await serve(leaf(5), "+OK ready\r\n");
    const result = await check(port, { ...trusting, starttls: "pop3" });
    expect(inShort(result)).toBe("DEGRADED certificate_expires_soon");
  });
});
