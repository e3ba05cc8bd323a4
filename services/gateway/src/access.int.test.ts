import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Fixture, follow, openGateway } from "./testing/gateway-fixture.ts";

const TOKEN = "a-token-of-a-test";
const JSON_TYPE = { "content-type": "application/json" };

describe("on loopback, without a token", () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openGateway(
      { allowedHosts: ["Sentinel.Example"] },
      (api) => void api.addMonitor("mon_shop", "shop"),
    );
  });
  afterAll(() => fixture.gateway.stop());

  const port = (): string => new URL(fixture.gateway.url).port;
  const as = (host: string) => fixture.ask("/api/v1/status", { headers: { host } });

  test.each(["localhost", "LOCALHOST", "app.localhost", "127.0.0.1", "127.1.2.3", "[::1]", "sentinel.example"])(
    "answers as %s, with and without a port",
    async (name) => {
      expect((await as(name)).status).toBe(200);
      expect((await as(`${name}:${port()}`)).status).toBe(200);
    },
  );

  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "sentinel.example.evil",
    "10.0.0.1",
    "a:b",
  ])("does not answer for %s, which somebody may have pointed here", async (name) => {
    const { status, json } = await as(name);
    expect([status, json.code]).toEqual([421, "host_not_allowed"]);
  });

  test.each(["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])(
    "lets no page of %s act or listen",
    async (origin) => {
      const headers = { ...JSON_TYPE, origin };
      const acted = await fixture.ask("/api/v1/monitors/mon_shop/check", { method: "POST", headers });
      expect([acted.status, acted.json.code]).toEqual([403, "origin_not_allowed"]);
      expect((await fixture.ask("/api/v1/events", { headers: { origin } })).status).toBe(403);
      expect(fixture.api.checksAsked).toEqual([]);
    },
  );

  test("lets no cross-site request act, even without an Origin", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    const { json } = await fixture.ask("/api/v1/monitors/mon_shop/check", { method: "POST", headers });
    expect(json.code).toBe("origin_not_allowed");
  });

  test("lets its own page act, and says so in the timeline", async () => {
    fixture.api.addIncident(5);
    const headers = { origin: fixture.gateway.url };
    const { json } = await fixture.ask("/api/v1/incidents/5/acknowledge", { method: "POST", headers });
    expect(json.acknowledgedBy).toBe("dashboard");
  });

  test("gives no page elsewhere the right to read", async () => {
    const { headers } = await fixture.ask("/api/v1/status", { headers: { origin: "http://evil.example" } });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    });
  });

  test("says at / that there is no dashboard", async () => {
    const { status, text } = await fixture.ask("/");
    expect([status, text]).toEqual([200, expect.stringContaining("/api/docs")]);
  });
});

describe("with a token", () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openGateway({ tokenHash: createHash("sha256").update(TOKEN).digest("hex") });
  });
  afterAll(() => fixture.gateway.stop());

  test.each(["/api/v1/status", "/api/status", "/api/v1/events", "/api/docs", "/metrics", "/api/v1/nothing"])(
    "%s is not for strangers",
    async (path) => {
      const none = await fixture.ask(path);
      expect([none.status, none.json.code]).toEqual([401, "token_required"]);
      expect(none.headers["www-authenticate"]).toContain("Bearer");
      const wrong = await fixture.ask(path, { headers: { authorization: "Bearer nope" } });
      expect([wrong.status, wrong.json.code]).toEqual([401, "token_wrong"]);
    },
  );

  test("probes need none", async () => {
    expect((await fixture.ask("/livez", { headers: { host: "10.0.0.7" } })).status).toBe(200);
    expect((await fixture.ask("/readyz")).status).toBe(200);
  });

  test("a program sends it in Authorization", async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fixture.ask("/api/v1/status", { headers })).status).toBe(200);
    const stream = await follow(fixture.gateway.url, "", headers);
    expect((await stream.next()).event).toBe("snapshot");
    stream.close();
  });

  test("a browser signs in once and is known by a cookie no script can read", async () => {
    const signIn = (token: string) =>
      fixture.ask("/api/v1/session", { method: "POST", headers: JSON_TYPE, body: JSON.stringify({ token }) });
    const refused = await signIn("nope");
    expect([refused.json.code, refused.headers["set-cookie"]]).toEqual(["token_wrong", undefined]);
    const { status, headers } = await signIn(TOKEN);
    const [cookie = ""] = headers["set-cookie"] ?? [];
    expect(status).toBe(204);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    const own = { cookie: `theme=dark; ${cookie.split(";", 1)[0]}` };
    expect((await fixture.ask("/api/v1/status", { headers: own })).status).toBe(200);
  });
});
