import { afterAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import { createEgress } from "./create-egress.ts";
import { failureOf, get, stopAll, use } from "./test-support.ts";

afterAll(stopAll);

describe("redirects", () => {
  const redirecting = async (
    to: (path: string, target: () => HttpTarget) => string | undefined,
  ): Promise<HttpTarget> => {
    const target: HttpTarget = use(
      await startHttpTarget((request, response) => {
        const location = to(request.url ?? "/", () => target);
        if (location === undefined) return response.end("arrived");
        response.writeHead(302, { location });
        return response.end();
      }),
    );
    return target;
  };

  test("are answers like any other unless asked to follow", async () => {
    const target = await redirecting(() => "/next");
    expect(await get(target.url)).toMatchObject({ status: 302, headers: { location: "/next" }, redirects: [] });
  });

  test("are followed and named in order", async () => {
    const target = await redirecting((path) => ({ "/": "/a", "/a": "b?x=1" })[path]);
    const answer = await get(target.url, { maxRedirects: 10 });
    expect(answer).toMatchObject({ status: 200, redirects: [`${target.url}/a`, `${target.url}/b?x=1`] });
    expect(new TextDecoder().decode(answer.body)).toBe("arrived");
  });

  test("ten are followed, the eleventh is not", async () => {
    const target = await redirecting((path) => {
      const left = Number(path.slice(1));
      return left === 0 ? undefined : `/${left - 1}`;
    });
    expect((await get(`${target.url}/10`, { maxRedirects: 10 })).redirects).toHaveLength(10);
    const failure = await failureOf(get(`${target.url}/11`, { maxRedirects: 10 }));
    expect(failure).toMatchObject({ reason: "too_many_redirects", phase: "transfer", params: { limit: "10" } });
    expect(failure.facts).toMatchObject({ status: 302 });
  });

  test("in a circle are recognised", async () => {
    const target = await redirecting((path) => (path === "/a" ? "/b" : "/a"));
    const failure = await failureOf(get(`${target.url}/a`, { maxRedirects: 10 }));
    expect(failure).toMatchObject({ reason: "redirect_loop", phase: "transfer" });
    const self = await redirecting((path) => path);
    expect(await failureOf(get(`${self.url}/x`, { maxRedirects: 10 }))).toMatchObject({
      reason: "redirect_loop",
      params: { url: `${self.url}/x` },
    });
  });

  test.each([
    ["http://169.254.169.254/latest/meta-data", "address_metadata", "connect"],
    ["http://[::ffff:a9fe:a9fe]/", "address_metadata", "connect"],
    ["http://user:pass@127.0.0.1/", "credentials_in_url", "dns"],
    ["file:///etc/passwd", "scheme_not_allowed", "dns"],
    ["gopher://127.0.0.1/", "scheme_not_allowed", "dns"],
    ["http://[::", "protocol", "transfer"],
  ])("to %s lead nowhere", async (location, reason, phase) => {
    const target = await redirecting(() => location);
    const failure = await failureOf(get(target.url, { maxRedirects: 10 }));
    expect(failure).toMatchObject({ reason, phase });
    expect(JSON.stringify(failure)).not.toContain("pass@");
    await target.idle();
  });

  test("to a dead host tell of that host, not of the redirect", async () => {
    const gone = await startHttpTarget();
    await gone.stop();
    const target = await redirecting(() => gone.url);
    const failure = await failureOf(get(target.url, { maxRedirects: 10 }));
    expect(failure).toMatchObject({ reason: "connect_refused", params: { port: String(gone.port) } });
    expect(failure.facts).toMatchObject({ status: undefined, remoteAddress: gone.host, redirects: [`${gone.url}/`] });
  });

  test("to another origin take no credentials along, to the same one they do", async () => {
    const other = use(await startHttpTarget());
    const target = await redirecting((path) => (path === "/" ? "/again" : other.url));
    const headers = { Authorization: "Bearer abc", cookie: "a=1", "X-Trace": "t" };
    await get(target.url, { maxRedirects: 10, headers });
    expect(target.requests[1]?.headers).toMatchObject({ authorization: "Bearer abc", cookie: "a=1" });
    const arrived = other.requests[0]?.headers ?? {};
    expect(arrived["x-trace"]).toBe("t");
    expect(arrived).not.toHaveProperty("authorization");
    expect(arrived).not.toHaveProperty("cookie");
  });
});

describe("addresses that are never dialled", () => {
  test.each([
    ["http://user:secret@127.0.0.1/", "credentials_in_url", "dns"],
    ["ftp://127.0.0.1/", "scheme_not_allowed", "dns"],
    ["javascript:alert(1)", "scheme_not_allowed", "dns"],
    ["not an address", "bad_url", "dns"],
    ["http://169.254.169.254/", "address_metadata", "connect"],
    ["http://2852039166/", "address_metadata", "connect"],
    ["http://0xa9fea9fe/", "address_metadata", "connect"],
    ["http://0251.0376.0251.0376/", "address_metadata", "connect"],
    ["http://169.254.43518/", "address_metadata", "connect"],
    ["http://169.254.169.254./", "address_metadata", "connect"],
    ["http://①⑥⑨.254.169.254/", "address_metadata", "connect"],
    ["http://[fd00:ec2::254]/", "address_metadata", "connect"],
    ["http://[64:ff9b::169.254.169.254]/", "address_metadata", "connect"],
    ["http://[2002:a9fe:a9fe::]/", "address_metadata", "connect"],
    ["http://0.0.0.0/", "address_forbidden", "connect"],
    ["http://[::]/", "address_forbidden", "connect"],
  ])("%s", async (url, reason, phase) => {
    const failure = await failureOf(get(url));
    expect(failure).toMatchObject({ reason, phase, facts: { status: undefined, remoteAddress: undefined } });
    expect(JSON.stringify(failure)).not.toContain("secret");
  });

  test.each([
    "localhost",
    "127.0.0.1",
    "0177.0.0.1",
    "0x7f.1",
    "2130706433",
    "127.1",
    "[::1]",
    "[::ffff:7f00:1]",
    "a.localhost",
  ])("%s where private targets are not allowed", async (host) => {
    const target = use(await startHttpTarget());
    const strict = createEgress({ policy: { allowPrivate: false, allowCidrs: [] }, clock: systemClock });
    const failure = await failureOf(strict.request({ url: `http://${host}:${target.port}/`, timeoutMs: 1000 }));
    expect(failure).toMatchObject({ reason: "address_forbidden", phase: "connect" });
    expect(target.connections).toBe(0);
  });

  test("a name with one forbidden address among allowed ones, as rebinding looks", async () => {
    const target = use(await startHttpTarget());
    const odd = createEgress({
      policy: { allowPrivate: true, allowCidrs: [] },
      clock: systemClock,
      resolve: () => Promise.resolve({ ok: true, addresses: ["127.0.0.1", "169.254.169.254"] }),
    });
    const failure = await failureOf(odd.request({ url: `http://shop.test:${target.port}`, timeoutMs: 1000 }));
    expect(failure).toMatchObject({
      reason: "address_metadata",
      phase: "connect",
      params: { host: "shop.test", address: "169.254.169.254" },
    });
    expect(target.connections).toBe(0);
  });

  test("a name that changes after it was judged: what was judged is what is dialled, and the next look is judged anew", async () => {
    const target = use(await startHttpTarget());
    const asked: string[] = [];
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    const rebinding = createEgress({
      policy: { allowPrivate: true, allowCidrs: [] },
      clock: systemClock,
      resolve: (host) => {
        asked.push(host);
        return Promise.resolve({ ok: true, addresses: answers[asked.length - 1] ?? [] });
      },
    });
    const request = { url: `http://shop.test:${target.port}`, timeoutMs: 1000 };
    expect(await rebinding.request(request)).toMatchObject({ status: 200, remoteAddress: target.host });
    expect(asked).toEqual(["shop.test"]);
    expect(await failureOf(rebinding.request(request))).toMatchObject({ reason: "address_metadata" });
    expect(target.connections).toBe(1);
  });
});
