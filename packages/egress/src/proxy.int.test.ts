import { afterAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, startHttpTarget, startRawTarget, startTlsTarget } from "@sentinel/testkit";
import { createEgress } from "./create-egress.ts";
import { egress, failureOf, get, stopAll, use } from "./test-support.ts";
import { startHttpProxy, startSocksProxy } from "./test-proxies.ts";

afterAll(stopAll);

const HOUR_MS = 3_600_000;
const now = systemClock.now();
const certificate = createCertificate({
  commonName: "127.0.0.1",
  names: ["127.0.0.1"],
  validFromMs: now - HOUR_MS,
  validToMs: now + HOUR_MS,
});
const tls = { skipVerify: true };

describe("through a proxy", () => {
  test("plain HTTP is asked for by its whole address, and HTTPS through a tunnel", async () => {
    const proxy = use(await startHttpProxy());
    const plain = use(await startHttpTarget());
    expect((await get(`http://shop.test:${plain.port}/a?b`, { proxy: `http://${proxy.host}` })).status).toBe(200);
    const secured = use(await startTlsTarget(certificate));
    const answer = await get(`https://127.0.0.1:${secured.port}/`, { proxy: `http://${proxy.host}`, tls });
    expect(answer.status).toBe(200);
    expect(answer.certificate?.subject).toBe("127.0.0.1");
    expect(proxy.asked).toEqual([
      `GET http://shop.test:${plain.port}/a?b HTTP/1.1`,
      `CONNECT 127.0.0.1:${secured.port} HTTP/1.1`,
    ]);
    expect(plain.requests[0]?.headers["host"]).toBe(`shop.test:${plain.port}`);
  });

  test("a SOCKS proxy is given the address that we resolved, of either family", async () => {
    const proxy = use(await startSocksProxy());
    const target = use(await startHttpTarget());
    const ours = createEgress({
      policy: { allowPrivate: true, allowCidrs: [] },
      clock: systemClock,
      resolve: (host) => Promise.resolve({ ok: true, addresses: [host === "shop.test" ? "127.0.0.1" : host] }),
    });
    const url = `http://shop.test:${target.port}/`;
    const answer = await ours.request({ url, timeoutMs: 3000, proxy: `socks5://${proxy.host}` });
    ours.close();
    expect(answer.status).toBe(200);
    expect(proxy.asked).toEqual([`127.0.0.1:${target.port}`]);
    await failureOf(get(`http://[::1]:1/`, { proxy: `socks5://${proxy.host}` }));
    expect(proxy.asked[1]).toBe(`${"0.".repeat(15)}1:1`);
  });

  test("a proxy by https must prove who it is", async () => {
    const proxy = use(await startHttpProxy(certificate));
    const failure = await failureOf(get("http://127.0.0.1:1/", { proxy: `https://${proxy.host}` }));
    expect(failure).toMatchObject({ reason: "proxy_unreachable", params: { cause: "tls_self_signed" }, phase: "tls" });
  });

  test("what keeps the proxy from connecting is its failure, not the target's", async () => {
    const target = use(await startHttpTarget());
    const refusing = use(await startSocksProxy(2));
    const silent = use(await startRawTarget(() => undefined));
    const http = use(await startHttpProxy());
    const rude = use(await startRawTarget((socket) => socket.end("SSH-2.0\r\n\r\n"), { at: "connection" }));
    const url = `https://127.0.0.1:${target.port}/`;
    const of = async (proxy: string, to = url) => (await failureOf(get(to, { proxy, timeoutMs: 300 }))).reason;
    expect(await of(`socks5://${refusing.host}`)).toBe("proxy_refused");
    expect(await of(`http://${silent.host}`)).toBe("proxy_unreachable");
    expect(await of(`http://${rude.host}`)).toBe("proxy_refused");
    expect(await of(`socks5://${rude.host}`)).toBe("proxy_refused");
    expect(await of("http://127.0.0.1:1")).toBe("proxy_unreachable");
    expect(await of(`http://${http.host}`, "https://127.0.0.1:1/")).toBe("proxy_refused");
  });

  test("where private targets are forbidden an HTTP proxy is given the address that we judged, never a name", async () => {
    const strict = createEgress({
      policy: { allowPrivate: false, allowCidrs: ["127.0.0.0/8"] },
      clock: systemClock,
      resolve: (host) =>
        Promise.resolve({
          ok: true,
          addresses: [{ "shop.test": "127.0.0.1", "inner.test": "10.0.0.1" }[host] ?? host],
        }),
    });
    const proxy = use(await startHttpProxy());
    const plain = use(await startHttpTarget());
    const secured = use(await startTlsTarget(certificate));
    const through = (url: string) => strict.request({ url, proxy: `http://${proxy.host}`, tls, timeoutMs: 3000 });
    expect((await through(`http://shop.test:${plain.port}/a?b`)).status).toBe(200);
    expect((await through(`https://shop.test:${secured.port}/`)).status).toBe(200);
    expect(plain.requests[0]).toMatchObject({ url: "/a?b", headers: { host: `shop.test:${plain.port}` } });
    for (const url of ["http://inner.test/", "https://inner.test/", "http://10.0.0.1/"]) {
      expect((await failureOf(through(url))).reason).toBe("address_forbidden");
    }
    expect(proxy.asked).toEqual([plain, secured].map(({ port }) => `CONNECT 127.0.0.1:${port} HTTP/1.1`));
    strict.close();
  });

  test("its address is judged as any other, and so is the target's where we know it", async () => {
    const strict = createEgress({
      policy: { allowPrivate: false, allowCidrs: ["127.0.0.2/32"] },
      clock: systemClock,
      resolve: (host) => Promise.resolve({ ok: true, addresses: [host === "inner.test" ? "10.0.0.1" : host] }),
    });
    const reason = async (url: string, proxy: string) =>
      (await failureOf(strict.request({ url, proxy, timeoutMs: 500 }))).reason;
    const proxy = use(await startSocksProxy());
    expect(await reason("http://shop.test/", `http://${proxy.host}`)).toBe("address_forbidden");
    expect(await reason("http://10.0.0.1/", "http://127.0.0.2:1")).toBe("address_forbidden");
    expect(await reason("http://169.254.169.254/", "http://127.0.0.2:1")).toBe("address_metadata");
    expect(await reason("http://[::ffff:10.0.0.1]/", "http://127.0.0.2:1")).toBe("address_forbidden");
    expect(await reason("http://inner.test/", "socks5://127.0.0.2:1")).toBe("address_forbidden");
    expect(proxy.asked).toEqual([]);
    strict.close();
  });
});

test("a family that the target has no address of is said before anything is dialled", async () => {
  const target = use(await startHttpTarget());
  expect((await failureOf(get(target.url, { ipFamily: 6 }))).reason).toBe("dns_no_address");
  expect((await egress.request({ url: target.url, ipFamily: 4, timeoutMs: 3000 })).status).toBe(200);
});
