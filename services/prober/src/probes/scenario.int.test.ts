import type { RequestListener } from "node:http";
import { afterAll, describe, expect, test } from "@jest/globals";
import { type EndpointResult, Verdict } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { renderReason } from "@sentinel/contracts/text";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { startHttpTarget } from "@sentinel/testkit";
import { probe } from "./index.ts";

const PASSWORD = "correct horse";
const TOKEN = "csrf/ä+1 token";
const SESSION = "session-4711";
const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  egress.close();
  await Promise.all(stops.map((stop) => stop()));
});

async function site(listener: RequestListener) {
  const target = await startHttpTarget(listener);
  stops.push(() => target.stop());
  return target;
}

async function check(steps: readonly object[], timeoutMs = 3000): Promise<EndpointResult> {
  const endpoints = [{ url: "scenario://shop", scenario: { steps } }];
  const parsed = parseMonitorInput({ name: "x", endpoints, timeout: `${timeoutMs}ms` });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [endpoint] = parsed.spec.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const secret = (name: string) => (name === "SENTINEL_SECRET_PASSWORD" ? PASSWORD : undefined);
  const deps = { egress, clock: systemClock, secret };
  return probe({ endpoint, spec: parsed.spec, deps, signal: new AbortController().signal });
}

/** A form with a token, a login that redirects and sets a cookie, and a page for those who are in. */
const shop: RequestListener = (request, response) => {
  const url = new URL(request.url ?? "", "http://shop.test");
  if (url.pathname === "/form") {
    response.setHeader("set-cookie", ["lang=fr; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "visit=one-two; Path=/"]);
    return void response.end(`<input name="csrf" value="${TOKEN}">`);
  }
  if (url.pathname === "/login") {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    return void request.on("end", () => {
      const fits = url.searchParams.get("csrf") === TOKEN && body === `password=${PASSWORD}`;
      if (!fits || !request.headers.cookie?.includes("visit=one-two")) return void response.writeHead(403).end(body);
      response.writeHead(302, { location: "/account", "set-cookie": `sid=${SESSION}; HttpOnly; Path=/` }).end();
    });
  }
  if (!request.headers.cookie?.includes(`sid=${SESSION}`)) return void response.writeHead(401).end("who are you?");
  return void response.end(JSON.stringify({ user: "anna", session: SESSION, csrf: TOKEN }));
};

const login = (base: string) => [
  { name: "form", url: `${base}/form`, capture: [{ name: "csrf", subject: "body", of: 'value="([^"]*)"' }] },
  {
    name: "login",
    url: `${base}/login?csrf={{csrf}}`,
    method: "POST",
    http: { body: "password=${SENTINEL_SECRET_PASSWORD}" },
    assert: [{ subject: "status", is: 302 }],
    capture: [{ name: "sid", subject: "cookie", of: "sid" }],
  },
  {
    name: "account",
    url: `${base}/account`,
    headers: { "x-session": "{{sid}}" },
    assert: [{ subject: "json", of: "$.user", is: "anna" }],
  },
];

describe("a login in three steps", () => {
  test("carries token and cookies from step to step, and sums the phases", async () => {
    const target = await site(shop);
    const result = await check(login(target.url));
    expect(result).toMatchObject({ verdict: Verdict.HEALTHY, reason: "", status: 200 });
    expect(target.requests.map(({ url }) => url)).toEqual([
      "/form",
      `/login?csrf=${encodeURIComponent(TOKEN)}`,
      "/account",
    ]);
    expect(target.requests[2]?.headers).toMatchObject({
      "x-session": SESSION,
      cookie: expect.stringContaining("lang=fr"),
    });
    const { phases } = result;
    const sum = Object.values(phases ?? {}).reduce((all, ms) => all + ms, 0);
    expect(result.durationMs).toBeCloseTo(sum);
  });

  test("keeps the cookies of a redirect that it follows", async () => {
    const target = await site(shop);
    const [form, second] = login(target.url);
    const followed = { ...second, redirects: 1, assert: [{ subject: "redirects", is: 1 }] };
    expect(await check([form ?? {}, followed])).toMatchObject({ verdict: Verdict.HEALTHY, status: 200 });
    expect(target.requests.at(-1)?.url).toBe("/account");
  });

  test.each<readonly [string, number, object, object]>([
    ["an assertion", 2, { assert: [{ subject: "json", of: "$.csrf", is: "x" }] }, { reason: "assertion", status: 200 }],
    ["a status", 1, { http: { body: "password=${SENTINEL_SECRET_PASSWORD}!" }, assert: [] }, { reason: "status" }],
    ["a capture", 0, { capture: [{ name: "csrf", subject: "header", of: "x" }] }, { reason: "capture_missing" }],
    ["a connection", 2, { url: "http://127.0.0.1:1/{{csrf}}" }, { reason: "connect_refused" }],
  ])("names the step in which %s fails, and repeats no secret", async (_what, index, change, wanted) => {
    const target = await site(shop);
    const steps = login(target.url).map((step, at) => (at === index ? { ...step, ...change } : step));
    const result = await check(steps);
    const name = ["form", "login", "account"][index] ?? "";
    expect(result).toMatchObject({ verdict: Verdict.DOWN, ...wanted });
    expect(result.evidence?.params).toMatchObject({ step: name });
    expect(result.evidence?.requestLine).toMatch(new RegExp(`^${name}: (GET|POST) http://`));
    expect(renderReason("en", result.reason, result.evidence?.params)).toMatch(new RegExp(`^Step “${name}”: .+\\.$`));
    expect(renderReason("fr", result.reason, result.evidence?.params)).toMatch(
      new RegExp(`^Étape «\\s${name}\\s»\\s: .+\\.$`),
    );
    const { bodyHead, ...rest } = result.evidence ?? { bodyHead: new Uint8Array() };
    const kept = `${JSON.stringify(rest)} ${Buffer.from(bodyHead).toString()}`;
    const hidden = index === 0 ? [PASSWORD] : [PASSWORD, TOKEN, SESSION, encodeURIComponent(TOKEN)];
    for (const secret of hidden) expect(kept).not.toContain(secret);
  });
});

test("a step that hangs is charged to its phase, within the time of the whole", async () => {
  const target = await site((request, response) => {
    if (request.url === "/ok") response.end("ok");
  });
  const steps = [
    { name: "one", url: `${target.url}/ok` },
    { name: "two", url: `${target.url}/hang` },
    { name: "three", url: `${target.url}/ok` },
  ];
  const result = await check(steps, 300);
  expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "timeout_in_first_byte" });
  expect(result.phases?.firstByteMs).toBeGreaterThan(200);
  expect(result.durationMs).toBeLessThan(600);
  expect(target.requests).toHaveLength(2);
});

test("a step that is only degraded does not stop the next, and is what is said in the end", async () => {
  const target = await site((_request, response) => response.end("ok"));
  const assert = [{ subject: "body", is: "better", severity: "degraded" }];
  const result = await check([
    { name: "one", url: target.url, assert },
    { name: "two", url: target.url },
  ]);
  expect(result).toMatchObject({ verdict: Verdict.DEGRADED, reason: "assertion" });
  expect(result.evidence?.params).toMatchObject({ step: "one" });
  expect(target.requests).toHaveLength(2);
});

test("another origin gets no cookie, no header of the step and no body", async () => {
  const other = await site((_request, response) => response.end("ok"));
  const target = await site((request, response) => {
    if (request.url === "/cookie") return void response.setHeader("set-cookie", "sid=secret-1; Path=/").end();
    return void response.writeHead(307, { location: other.url.replace("127.0.0.1", "localhost") }).end();
  });
  const away = { url: target.url, headers: { "x-key": "${SENTINEL_SECRET_PASSWORD}" }, redirects: 1 };
  const auth = { basic: { user: "a", password: "${SENTINEL_SECRET_PASSWORD}" } };
  await check([
    { name: "one", url: `${target.url}/cookie` },
    { ...away, name: "two", http: { auth } },
  ]);
  const sent = other.requests[0]?.headers ?? {};
  expect(Object.keys(sent)).not.toEqual(expect.arrayContaining(["x-key"]));
  expect(sent).not.toHaveProperty("cookie");
  expect(sent).not.toHaveProperty("authorization");
  const result = await check([{ ...away, name: "post", method: "POST", http: { body: "x" } }]);
  expect(result).toMatchObject({ reason: "status", status: 307 });
  expect(other.requests).toHaveLength(1);
});

test("a value that an answer gave cannot add a header", async () => {
  const target = await site((request, response) => {
    response.end(request.url === "/a" ? JSON.stringify({ t: "x\r\nx-evil: 1\u0100" }) : "ok");
  });
  const result = await check([
    { name: "a", url: `${target.url}/a`, capture: [{ name: "t", subject: "json", of: "$.t" }] },
    { name: "b", url: `${target.url}/b`, headers: { "x-t": "{{t}}" } },
  ]);
  expect(result.verdict).toBe(Verdict.HEALTHY);
  expect(target.requests[1]?.headers).toMatchObject({ "x-t": "x??x-evil: 1?" });
});
