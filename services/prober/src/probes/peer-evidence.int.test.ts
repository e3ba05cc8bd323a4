import { afterAll, expect, test } from "@jest/globals";
import { createEgress, createResolve } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, type DnsAnswer, startDnsTarget, startHttpTarget, startTlsTarget } from "@sentinel/testkit";
import { probe } from "./index.ts";
import { inShort, requestFor } from "./test-checks.ts";

const zone = new Map<string, DnsAnswer>();
const dns = await startDnsTarget((name) => zone.get(name) ?? "nxdomain");
const stops: (() => Promise<unknown>)[] = [];
const egress = createEgress({
  policy: { allowPrivate: true, allowCidrs: [] },
  clock: systemClock,
  resolve: createResolve({ clock: systemClock, servers: [dns.server] }),
});
afterAll(async () => {
  egress.close();
  await Promise.all([dns.stop(), ...stops.map((stop) => stop())]);
});
const check = (endpoint: object) => probe(requestFor(endpoint, { egress, timeoutMs: 20_000 }));

/** The server answers in HTTP, and hangs up. */
const HANGS_UP = { send: "GET / HTTP/1.0\r\n\r\n", expect: "^220" };

test("of two addresses the first refuses: both are kept with what they did, and what the name led to", async () => {
  const target = await startHttpTarget((_request, response) => response.writeHead(500).end());
  stops.push(() => target.stop());
  zone.set("shop.test", ["127.0.0.3", "127.0.0.1"]);
  const result = await check({ url: `http://shop.test:${target.port}/` });
  expect(inShort(result)).toBe("DOWN status");
  expect(result.evidence?.addressesTried).toMatchObject([
    { address: "127.0.0.3", port: target.port, outcome: "connect_refused" },
    { address: "127.0.0.1", port: target.port, outcome: "" },
  ]);
  expect(result.evidence?.dnsAnswer).toMatchObject({
    name: "shop.test",
    records: [
      { type: "A", value: "127.0.0.3", ttlSeconds: 30 },
      { type: "A", value: "127.0.0.1", ttlSeconds: 30 },
    ],
    resolver: dns.server,
    outcome: "",
    fromCache: false,
  });
  const again = await check({ url: `tcp://shop.test:${target.port}`, tcp: { steps: [HANGS_UP] } });
  expect(again.evidence?.dnsAnswer).toMatchObject({ resolver: dns.server, fromCache: true });
  expect(again.evidence?.addressesTried).toHaveLength(2);
});

test("a healthy result keeps none of it", async () => {
  const target = await startHttpTarget();
  stops.push(() => target.stop());
  const result = await check({ url: `${target.url}/` });
  expect(inShort(result)).toBe("HEALTHY");
  expect(result.evidence).toBeUndefined();
});

test("a name that does not exist keeps who was asked, and no address tried", async () => {
  const result = await check({ url: "http://nobody.test/" });
  expect(inShort(result)).toBe("DOWN dns_nxdomain");
  expect(result.evidence?.dnsAnswer).toMatchObject({
    name: "nobody.test",
    records: [],
    resolver: dns.server,
    outcome: "dns_nxdomain",
  });
  expect(result.evidence?.addressesTried).toEqual([]);
});

test("no more than eight addresses and sixteen records are kept, whatever the name server says", async () => {
  const target = await startHttpTarget();
  await target.stop();
  zone.set(
    "many.test",
    Array.from({ length: 20 }, (_, index) => `127.0.1.${index + 1}`),
  );
  const { evidence } = await check({ url: `http://many.test:${target.port}/` });
  expect(evidence?.addressesTried).toHaveLength(8);
  expect(evidence?.dnsAnswer?.records).toHaveLength(16);
});

test("a chain of three is kept whole and in order, the server's own certificate first", async () => {
  const now = systemClock.now();
  const valid = { validFromMs: now - 86_400_000, validToMs: now + 30 * 86_400_000 };
  const root = createCertificate({ commonName: "Test Root", authority: true, ...valid });
  const middle = createCertificate({
    commonName: "Test Middle",
    authority: true,
    issuer: { commonName: "Test Root", key: root.key },
    ...valid,
  });
  const own = createCertificate({
    commonName: "shop.test",
    names: ["shop.test"],
    issuer: { commonName: "Test Middle", key: middle.key },
    ...valid,
  });
  const target = await startTlsTarget({ ...own, cert: [own, middle, root].map(({ cert }) => cert).join("\n") });
  stops.push(() => target.stop());
  const result = await check({ url: `https://127.0.0.1:${target.port}/`, http: { tls: { authorities: root.cert } } });
  expect(inShort(result)).toBe("DOWN tls_hostname");
  const chain = result.evidence?.certificateChain ?? [];
  expect(chain.map(({ subject, issuer }) => `${subject} by ${issuer}`)).toEqual([
    "shop.test by Test Middle",
    "Test Middle by Test Root",
    "Test Root by Test Root",
  ]);
  expect(chain[0]).toMatchObject({ fingerprint256: result.evidence?.certificate?.fingerprint256 });
  for (const { validToMs, fingerprint256 } of chain) {
    expect(Math.abs(validToMs - valid.validToMs)).toBeLessThan(1000);
    expect(fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  }
});

test("an address that our own rules forbid is unknown, keeps where the name led, and nothing was tried", async () => {
  const target = await startHttpTarget();
  stops.push(() => target.stop());
  zone.set("inside.test", ["127.0.0.1"]);
  const strict = createEgress({
    policy: { allowPrivate: false, allowCidrs: [] },
    clock: systemClock,
    resolve: createResolve({ clock: systemClock, servers: [dns.server] }),
  });
  stops.push(() => Promise.resolve(strict.close()));
  const url = `http://inside.test:${target.port}/`;
  const result = await probe(requestFor({ url }, { egress: strict, timeoutMs: 20_000 }));
  expect(inShort(result)).toBe("UNKNOWN address_forbidden");
  expect(result.evidence?.dnsAnswer?.records).toMatchObject([{ value: "127.0.0.1" }]);
  expect(result.evidence?.addressesTried).toEqual([]);
  expect(target.connections).toBe(0);
});
