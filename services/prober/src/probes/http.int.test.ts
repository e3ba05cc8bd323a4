import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import { probe } from "./index.ts";

const SECRETS: Readonly<Record<string, string>> = {
  SENTINEL_SECRET_PASSWORD: "pass word/1",
  SENTINEL_SECRET_TOKEN: "token-aaaa",
  SENTINEL_SECRET_CLIENT: "client-secret",
};
const stops: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));
const newEgress = () => {
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  stops.push(async () => egress.close());
  return egress;
};
const usual = newEgress();

async function site(listener?: Parameters<typeof startHttpTarget>[0]): Promise<HttpTarget> {
  const target = await startHttpTarget(listener);
  stops.push(() => target.stop());
  return target;
}

async function check(endpoint: object, egress = usual, secrets = SECRETS) {
  const parsed = parseMonitorInput({ name: "x", endpoints: [endpoint], timeout: "2s" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [first] = parsed.spec.endpoints;
  if (first === undefined) throw new Error("no endpoint");
  const deps = { egress, clock: systemClock, secret: (name: string) => secrets[name] };
  return probe({ endpoint: first, spec: parsed.spec, deps, signal: new AbortController().signal });
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk.toString();
  return body;
}

test("body and headers are sent with their secrets, which no evidence repeats", async () => {
  let got = "";
  const target = await site((request, response) => {
    void bodyOf(request).then((body) => {
      got = `${request.method} ${String(request.headers["x-key"])} ${body}`;
      response.writeHead(500, { "x-echo": "token-aaaa" }).end(`you said ${body}`);
    });
  });
  const result = await check({
    url: target.url,
    method: "POST",
    headers: { "x-key": "${SENTINEL_SECRET_TOKEN}" },
    http: { body: '{"password":"${SENTINEL_SECRET_PASSWORD}"}' },
  });
  expect(got).toBe('POST token-aaaa {"password":"pass word/1"}');
  expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "status" });
  expect(result.evidence?.headers["x-echo"]).toBe("(hidden)");
  expect(Buffer.from(result.evidence?.bodyHead ?? []).toString()).toBe('you said {"password":"(hidden)"}');
});

test("a redirect carries secrets to no other origin", async () => {
  const other = await site();
  const target = await site((request, response) => {
    const location = request.url === "/same" ? "/there" : other.url;
    response.writeHead(request.url === "/there" ? 200 : 307, { location }).end();
  });
  const headers = { "x-key": "${SENTINEL_SECRET_TOKEN}", "x-plain": "1", authorization: "a" };
  await check({ url: target.url, headers, redirects: 1 });
  expect(other.requests[0]?.headers).toMatchObject({ "x-plain": "1" });
  expect(other.requests[0]?.headers).not.toHaveProperty("x-key");
  expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
  await check({ url: `${target.url}/same`, headers, redirects: 1 });
  expect(target.requests.at(-1)?.headers["x-key"]).toBe("token-aaaa");
  const http = { body: "${SENTINEL_SECRET_PASSWORD}" };
  const result = await check({ url: target.url, method: "POST", http, redirects: 1 });
  expect(result).toMatchObject({ reason: "status", status: 307 });
  expect(other.requests).toHaveLength(1);
});

describe("credentials", () => {
  test.each<readonly [string, object, string]>([
    [
      "basic",
      { basic: { user: "anna", password: "${SENTINEL_SECRET_PASSWORD}" } },
      `Basic ${btoa("anna:pass word/1")}`,
    ],
    ["bearer", { bearer: "${SENTINEL_SECRET_TOKEN}" }, "Bearer token-aaaa"],
  ])("%s are shown, and refused ones have a reason of their own", async (_way, auth, expected) => {
    const target = await site((request, response) => {
      response.writeHead(request.headers.authorization === expected ? 200 : 401).end();
    });
    expect(await check({ url: target.url, http: { auth } })).toMatchObject({ verdict: Verdict.HEALTHY });
    const wrong = { SENTINEL_SECRET_PASSWORD: "other", SENTINEL_SECRET_TOKEN: "other" };
    const refused = await check({ url: target.url, http: { auth } }, usual, wrong);
    expect(refused).toMatchObject({ verdict: Verdict.DOWN, reason: "auth_refused", status: 401 });
    const asked = await check({ url: target.url, http: { auth }, expect: { status: 401 } }, usual, wrong);
    expect(asked).toMatchObject({ verdict: Verdict.HEALTHY });
    expect(await check({ url: target.url, http: { auth } }, usual, {})).toMatchObject({
      verdict: Verdict.UNKNOWN,
      reason: "secret_missing",
    });
  });
});

describe("OAuth2 client credentials", () => {
  async function issuer(lifeS: number) {
    const asked: string[] = [];
    const target = await site((request, response) => {
      void bodyOf(request).then((body) => {
        asked.push(`${request.headers.authorization} ${body}`);
        if (!asked[0]?.includes(btoa("shop:client-secret"))) return void response.writeHead(401).end();
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ access_token: `granted-${asked.length}`, expires_in: lifeS }));
      });
    });
    return { target, asked };
  }
  const auth = (tokenUrl: string) => ({
    oauth2: { tokenUrl, clientId: "shop", clientSecret: "${SENTINEL_SECRET_CLIENT}", scopes: ["a", "b"] },
  });

  test("a token is got once and used until it ends", async () => {
    const egress = newEgress();
    const [long, short, target] = [await issuer(3600), await issuer(1), await site()];
    for (const { target: from } of [long, long, short, short]) {
      const result = await check({ url: target.url, http: { auth: auth(from.url) } }, egress);
      expect(result).toMatchObject({ verdict: Verdict.HEALTHY });
    }
    expect(long.asked).toEqual([`Basic ${btoa("shop:client-secret")} grant_type=client_credentials&scope=a+b`]);
    expect(short.asked).toHaveLength(2);
    const shown = target.requests.map((request) => request.headers.authorization);
    expect(shown).toEqual(["Bearer granted-1", "Bearer granted-1", "Bearer granted-1", "Bearer granted-2"]);
  });

  test("a token that is refused is asked for anew, once", async () => {
    const from = await issuer(3600);
    const target = await site((request, response) => {
      response.writeHead(request.headers.authorization === "Bearer granted-2" ? 200 : 401).end();
    });
    const endpoint = { url: target.url, http: { auth: auth(from.target.url) } };
    expect(await check(endpoint)).toMatchObject({ verdict: Verdict.HEALTHY });
    target.answer((request, response) => response.writeHead(401).end(request.headers.authorization));
    const refused = await check(endpoint);
    expect(refused).toMatchObject({ verdict: Verdict.DOWN, reason: "auth_refused" });
    expect(from.asked).toHaveLength(3);
    expect(Buffer.from(refused.evidence?.bodyHead ?? []).toString()).toBe("Bearer (hidden)");
  });

  test("a server of tokens that refuses, fails or is not there has its reason, and its answer is no evidence", async () => {
    const target = await site();
    const from = await issuer(60);
    const rude = await site((_request, response) => response.end('{"access_token":7,"leak":"x"}'));
    const of = (tokenUrl: string, secrets = SECRETS) =>
      check({ url: target.url, http: { auth: auth(tokenUrl) } }, newEgress(), secrets);
    const wrong = await of(from.target.url, { SENTINEL_SECRET_CLIENT: "wrong" });
    expect(wrong).toMatchObject({ reason: "auth_refused", evidence: { params: { host: from.target.host } } });
    const broken = await of(rude.url);
    expect(broken).toMatchObject({ verdict: Verdict.DOWN, reason: "token_failed" });
    expect(broken.evidence?.bodyHead).toHaveLength(0);
    expect(await of("http://127.0.0.1:1/")).toMatchObject({
      reason: "token_failed",
      evidence: { params: { cause: "connect_refused" } },
    });
    expect(target.requests).toHaveLength(0);
  });
});

describe("TLS", () => {
  const now = systemClock.now();
  const valid = { validFromMs: now - 3_600_000, validToMs: now + 100 * 3_600_000 };
  const root = createCertificate({ commonName: "Test Root", authority: true, ...valid });
  const issuer = { commonName: "Test Root", key: root.key };
  const server = createCertificate({ commonName: "shop.test", names: ["127.0.0.1"], issuer, ...valid });
  const client = createCertificate({ commonName: "sentinel", issuer, ...valid });

  async function secured(options: object): Promise<string> {
    const https = createTlsServer({ ...server, ...options }, (_request, response) => response.end("ok"));
    https.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => https.listen(0, "127.0.0.1", resolve));
    stops.push(() => new Promise((resolve) => https.close(resolve)));
    const address: AddressInfo | string | null = https.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `https://127.0.0.1:${address.port}/`;
  }

  test("own authorities are trusted, and without them only who skips the proof gets in", async () => {
    const url = await secured({});
    expect((await check({ url })).reason).toMatch(/^tls_(untrusted|self_signed)$/);
    expect(await check({ url, http: { tls: { authorities: root.cert } } })).toMatchObject({ reason: "" });
    expect(await check({ url, http: { tls: { skipVerify: true } } })).toMatchObject({ reason: "" });
  });

  test("a server that wants a certificate gets the one with the secret key", async () => {
    const url = await secured({ requestCert: true, rejectUnauthorized: true, ca: root.cert });
    const tls = { authorities: root.cert, certificate: client.cert, key: "${SENTINEL_SECRET_KEY}" };
    const secrets = { SENTINEL_SECRET_KEY: client.key };
    expect(await check({ url, http: { tls } }, usual, secrets)).toMatchObject({ reason: "" });
    expect((await check({ url, http: { tls: { authorities: root.cert } } })).verdict).toBe(Verdict.DOWN);
  });

  test("a version below the floor is not spoken", async () => {
    const url = await secured({ maxVersion: "TLSv1.2" });
    const tls = { authorities: root.cert, minVersion: "1.3" };
    expect(await check({ url, http: { tls } })).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_old_version" });
  });
});

test("assertions look at JSON and at the version of HTTP", async () => {
  const target = await site((_request, response) => response.end('{"queue":{"length":120}}'));
  const degraded = { subject: "json", of: "$.queue.length", atMost: 100, severity: "degraded" };
  const result = await check({ url: target.url, assert: [{ subject: "version", is: "1.1" }, degraded] });
  expect(result).toMatchObject({ verdict: Verdict.DEGRADED, reason: "assertion" });
  expect(result.evidence?.params).toMatchObject({ subject: "json $.queue.length", expected: "100", actual: "120" });
});
