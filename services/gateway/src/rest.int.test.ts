import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Verdict, CheckResult } from "@sentinel/contracts";
import {
  incidentView,
  monitorStatsView,
  monitorView,
  overview,
  problemJson,
  timelineEntryView,
} from "@sentinel/contracts/api";
import { type Fixture, openGateway } from "./testing/gateway-fixture.ts";

const JSON_TYPE = { "content-type": "application/json" };
const SHOP = JSON.stringify({ name: "kiosk", endpoints: ["http://127.0.0.1:8081/health"] });

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openGateway({}, (api) => {
    api.addMonitor("mon_shop", "shop");
    api.addMonitor("mon_slow", "slow");
    api.addIncident(126, { resolvedAtMs: Date.UTC(2026, 0, 1), resolution: "RESOLUTION_AUTO_FIX" });
    api.addIncident(127);
    for (const slotMs of [3000, 2000, 1000]) {
      api.checks.push(CheckResult.fromPartial({ monitorId: "mon_shop", slotMs, verdict: Verdict.HEALTHY }));
    }
  });
});
afterAll(() => fixture.gateway.stop());

describe("the fixed addresses", () => {
  test("/api/status has the shape that clients rely on", async () => {
    const { json } = await fixture.ask("/api/status");
    expect(json).toEqual({
      services: {
        shop: { status: "healthy", response_time_ms: 245, uptime_24h: 99.2 },
        slow: { status: "healthy", response_time_ms: 245, uptime_24h: 99.2 },
      },
      alerts: [expect.objectContaining({ id: 127, service: "shop", severity: "CRITICAL", resolved_at: null })],
      metrics: { total_checks: 15_823, total_incidents: 12, auto_fixes: 8 },
      security: { secure: null, security_score: null },
    });
  });

  test("/api/incidents lists all incidents, or the open ones only", async () => {
    const open = await fixture.ask("/api/incidents?open_only=true");
    expect(open.json).toEqual({
      incidents: [
        {
          id: 127,
          service: "shop",
          severity: "CRITICAL",
          issue: "127.0.0.1 cannot be reached on port 8081",
          detected_at: "2026-01-01T00:00:04.000Z",
          resolved_at: null,
          recommendation: expect.stringMatching(/\S/),
        },
      ],
    });
    const all = await fixture.ask("/api/incidents");
    expect(all.json.incidents.map((each: { id: number }) => each.id)).toEqual([127, 126]);
  });

  test("/api/security/status claims neither safety nor danger while nothing is checked", async () => {
    const { json } = await fixture.ask("/api/security/status");
    expect(json).toEqual({
      secure: null,
      security_score: null,
      checks: [{ name: "No security check is configured", status: "INCONCLUSIVE" }],
      vulnerabilities: [],
    });
  });
});

describe("/api/v1 answers in the shapes of the contracts", () => {
  test("status", async () => {
    const { json } = await fixture.ask("/api/v1/status");
    expect(overview.parse(json)).toMatchObject({ openIncidents: 1, monitors: { total: 2, healthy: 2 } });
  });

  test("monitors, in pages", async () => {
    const first = await fixture.ask("/api/v1/monitors?limit=1");
    expect(monitorView.array().parse(first.json.data)).toHaveLength(1);
    const rest = await fixture.ask(`/api/v1/monitors?cursor=${first.json.nextCursor}`);
    expect(rest.json.data.map((each: { id: string }) => each.id)).toEqual(["mon_slow"]);
    expect(rest.json.nextCursor).toBeNull();
  });

  test("monitors of a group, with a tag, or both", async () => {
    const stall = { name: "stall", endpoints: ["http://127.0.0.1:8081/"], group: "Back office", tags: ["team:data"] };
    const body = JSON.stringify(stall);
    await fixture.ask("/api/v1/monitors", { method: "POST", headers: JSON_TYPE, body });
    const found = async (query: string): Promise<readonly string[]> =>
      (await fixture.ask(`/api/v1/monitors?${query}`)).json.data.map(({ name }: { name: string }) => name);
    expect(await found("group=Back%20office")).toEqual(["stall"]);
    expect(await found("tag=team:data")).toEqual(["stall"]);
    expect(await found("group=Back%20office&tag=web")).toEqual([]);
    expect(await found("tag=team")).toEqual([]);
    const { etag } = (await fixture.ask("/api/v1/monitors/stall")).headers;
    await fixture.ask("/api/v1/monitors/stall", { method: "DELETE", headers: { "if-match": String(etag) } });
  });

  test("one monitor, by id and by name", async () => {
    const byId = await fixture.ask("/api/v1/monitors/mon_shop");
    const byName = await fixture.ask("/api/v1/monitors/shop");
    expect(monitorView.parse(byId.json)).toEqual(byName.json);
    expect(byId.headers["etag"]).toBe('"1"');
  });

  test("checks, bounded by instants", async () => {
    const all = await fixture.ask("/api/v1/monitors/shop/checks?limit=2");
    expect(all.json.data.map((each: { slotMs: number }) => each.slotMs)).toEqual([3000, 2000]);
    const some = await fixture.ask("/api/v1/monitors/shop/checks?before=1970-01-01T00:00:03Z&after=2000");
    expect(some.json.data.map((each: { slotMs: number }) => each.slotMs)).toEqual([2000]);
  });

  test("uptime and response times over a span; what is not known is null", async () => {
    const { json } = await fixture.ask("/api/v1/monitors/mon_shop/stats?window=7d");
    expect(monitorStatsView.parse(json)).toMatchObject({
      to: "1970-01-08T00:00:00.000Z",
      uptime: 99.5,
      downMs: 1000,
      p50Ms: 12.5,
      p99Ms: null,
    });
  });

  test("incidents, in pages, newest first", async () => {
    const first = await fixture.ask("/api/v1/incidents?limit=1");
    expect(incidentView.parse(first.json.data[0])).toMatchObject({ id: 127, status: "open" });
    const second = await fixture.ask(`/api/v1/incidents?limit=1&cursor=${first.json.nextCursor}`);
    expect(second.json).toMatchObject({ data: [{ id: 126, resolution: "auto_fix" }], nextCursor: null });
  });

  test("sentences follow ?lang= before Accept-Language", async () => {
    const headers = { "accept-language": "en" };
    const { json } = await fixture.ask("/api/v1/incidents/127?lang=fr", { headers });
    expect(json.diagnosis.text.issue).toBe("127.0.0.1 est injoignable sur le port 8081");
  });

  test("a comment becomes part of the timeline, under the name of who wrote it", async () => {
    const headers = { ...JSON_TYPE, "idempotency-key": "comment-1" };
    const body = JSON.stringify({ text: "on it", actor: "ada" });
    const made = await fixture.ask("/api/v1/incidents/126/comments", { method: "POST", headers, body });
    expect(made.status).toBe(201);
    expect(fixture.api.idempotencyKeys).toContain("comment-1");
    const { json } = await fixture.ask("/api/v1/incidents/126/timeline");
    const entry = timelineEntryView.parse(json.data[0]);
    expect(entry).toMatchObject({ type: "comment_added", data: { actor: "ada", text: "on it" } });
    expect(entry.text).toContain("on it");
  });

  test("an acknowledged incident says who took it", async () => {
    const { json, headers } = await fixture.ask("/api/v1/incidents/127/acknowledge", { method: "POST" });
    expect(json).toMatchObject({ status: "acknowledged", acknowledgedBy: "api" });
    expect(headers["etag"]).toBe(`"${json.version}"`);
  });

  test("channels show no secret, and a test says what came of it", async () => {
    const { json } = await fixture.ask("/api/v1/channels");
    expect(json.data).toEqual([
      {
        name: "ops",
        type: "webhook",
        target: "hooks.example.com",
        secret: "WEBHOOK_SECRET (a1b2c3)",
        lastDeliveredAt: null,
        lastError: null,
      },
    ]);
    const tried = await fixture.ask("/api/v1/channels/ops/test", { method: "POST" });
    expect(tried.json).toEqual({ delivered: false, reason: "connect_refused", tookMs: 12, params: {} });
  });

  test("a round can be asked for", async () => {
    const { status } = await fixture.ask("/api/v1/monitors/mon_shop/check", { method: "POST" });
    expect(status).toBe(202);
    expect(fixture.api.checksAsked).toEqual(["mon_shop"]);
  });
});

describe("a monitor's life", () => {
  test("it is created, changed under its ETag, and removed, each seen at once", async () => {
    const headers = { ...JSON_TYPE, "idempotency-key": "make-kiosk" };
    const made = await fixture.ask("/api/v1/monitors", { method: "POST", headers, body: SHOP });
    expect(made).toMatchObject({ status: 201, headers: { location: "/api/v1/monitors/mon_kiosk", etag: '"1"' } });
    expect(fixture.api.idempotencyKeys).toContain("make-kiosk");

    const where = "/api/v1/monitors/mon_kiosk";
    const stale = await fixture.ask(where, { method: "PUT", headers: { ...JSON_TYPE, "if-match": '"7"' }, body: SHOP });
    expect([stale.status, stale.json.code]).toEqual([412, "version_mismatch"]);
    const changed = await fixture.ask(where, {
      method: "PUT",
      headers: { ...JSON_TYPE, "if-match": '"1"' },
      body: SHOP,
    });
    expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect((await fixture.ask(where)).headers["etag"]).toBe('"2"');

    const listed = async () => (await fixture.ask("/api/v1/monitors")).json.data.map((each: { id: string }) => each.id);
    expect(await listed()).toContain("mon_kiosk");
    const gone = await fixture.ask(where, { method: "DELETE", headers: { "if-match": '"2"' } });
    expect(gone).toMatchObject({ status: 204, text: "" });
    expect((await fixture.ask(where)).status).toBe(404);
    expect(await listed()).not.toContain("mon_kiosk");
  });
});

describe("bad input", () => {
  const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = JSON_TYPE) => ({
    method: "POST",
    headers,
    body,
  });
  const put = (headers: Readonly<Record<string, string>>) => ({ method: "PUT", headers, body: SHOP });
  const one = "/api/v1/monitors/mon_shop";

  test.each([
    ["malformed JSON", "/api/v1/monitors", post("{"), 400, "request_malformed"],
    ["no body", "/api/v1/monitors", post(""), 400, "request_malformed"],
    ["over 1 MB", "/api/v1/monitors", post(Buffer.alloc(1_100_000, 32)), 413, "request_too_large"],
    [
      "another content type",
      "/api/v1/monitors",
      post(SHOP, { "content-type": "text/plain" }),
      415,
      "media_type_unsupported",
    ],
    ["a wrong field", "/api/v1/monitors", post('{"name":"x","endpoints":[],"evry":"2s"}'), 422, "request_invalid"],
    [
      "a taken name",
      "/api/v1/monitors",
      post('{"name":"shop","endpoints":["http://a.test/"]}'),
      409,
      "monitor_name_taken",
    ],
    ["no If-Match", one, put(JSON_TYPE), 428, "precondition_required"],
    ["a foreign ETag", one, put({ ...JSON_TYPE, "if-match": "abc" }), 400, "header_invalid"],
    ["an old ETag", one, put({ ...JSON_TYPE, "if-match": '"99"' }), 412, "version_mismatch"],
    [
      "a bad idempotency key",
      "/api/v1/monitors",
      post(SHOP, { ...JSON_TYPE, "idempotency-key": "a b" }),
      400,
      "header_invalid",
    ],
    ["an empty comment", "/api/v1/incidents/127/comments", post('{"text":" "}'), 422, "request_invalid"],
    ["an unknown address", "/api/v1/nothing", {}, 404, "route_not_found"],
    ["an address that cannot be decoded", "/%zz", {}, 404, "route_not_found"],
    ["an unknown monitor", "/api/v1/monitors/mon_none", {}, 404, "monitor_not_found"],
    ["an unknown incident", "/api/v1/incidents/999", {}, 404, "incident_not_found"],
    ["no number of an incident", "/api/v1/incidents/first", {}, 400, "query_invalid"],
    ["a limit out of range", "/api/v1/incidents?limit=201", {}, 400, "query_invalid"],
    ["an unknown parameter", "/api/v1/incidents?page=2", {}, 400, "query_invalid"],
    ["an unknown language", "/api/v1/status?lang=de", {}, 400, "query_invalid"],
    ["an instant that is none", `${one}/checks?before=yesterday`, {}, 400, "query_invalid"],
    ["a span there is not", `${one}/stats?window=2d`, {}, 400, "query_invalid"],
    ["another method", "/api/v1/status", { method: "DELETE" }, 405, "method_not_allowed"],
  ])("%s: its own code, as a problem", async (_name, path, options, status, code) => {
    const told = await fixture.ask(path, options);
    expect(told.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(problemJson.parse(told.json)).toMatchObject({ status, code });
    expect(told.status).toBe(status);
    expect(told.json.detail).not.toMatch(/\{\w+\}/);
  });

  test("a wrong field is named, with the key that was meant", async () => {
    const { json } = await fixture.ask("/api/v1/monitors", post('{"name":"x","endpoint":["http://a.test/"]}'));
    expect(json.problems).toContainEqual(
      expect.objectContaining({
        path: "endpoint",
        code: "unknown_key_near",
        message: expect.stringContaining("endpoints"),
      }),
    );
  });

  test("a method that is not allowed says which are", async () => {
    const { headers } = await fixture.ask("/api/v1/monitors/mon_shop", {
      method: "PATCH",
      headers: JSON_TYPE,
      body: "{}",
    });
    expect(headers["allow"]).toBe("GET, HEAD, PUT, DELETE");
  });

  test("a fault of ours tells nothing of itself but a trace id", async () => {
    const { status, json, text: body } = await fixture.ask("/api/v1/channels/other/test", { method: "POST" });
    expect([status, json.code]).toEqual([500, "internal"]);
    expect(json.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(body).not.toContain("the fake");
  });

  test.each([
    ["noise", "\u0016\u0003\u0001 hello\r\n\r\n", 400, "request_not_http"],
    [
      "endless headers",
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      431,
      "header_too_large",
    ],
  ])("%s instead of a request gets an answer, and the connection ends", async (_name, bytes, status, code) => {
    const { hostname, port } = new URL(fixture.gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(bytes);
    const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
    expect(head).toContain(`HTTP/1.1 ${status}`);
    expect(problemJson.parse(JSON.parse(body))).toMatchObject({ status, code });
  });

  test("a problem is told in French to who reads French", async () => {
    const headers = { "accept-language": "fr-CA, en;q=0.5" };
    const { json } = await fixture.ask("/api/v1/nothing", { headers });
    expect(json.title).toBe("Il n’y a rien à cette adresse");
  });

  test("the trace of the caller is the trace of the problem", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    expect((await fixture.ask("/api/v1/nothing", { headers })).json.traceId).toBe(traceId);
  });
});

test("figures of incidents are means where there is something to take the mean of", async () => {
  const { json, status } = await fixture.ask("/api/v1/kpis?days=2");
  expect([status, json.from, json.to]).toEqual([200, "1970-01-01T00:00:00.000Z", "1970-01-03T00:00:00.000Z"]);
  expect(json.total).toEqual({
    incidents: 3,
    autoFixes: 0,
    downtimeMs: 90_000,
    mttdMs: 3,
    mttaMs: null,
    acknowledged: 0,
    mttrMs: 0,
    resolved: 2,
  });
  expect(json.monitors).toMatchObject([{ id: "mon_1", name: "shop", incidents: 3 }]);
  expect(json.days).toMatchObject([{ day: "1970-01-01", incidents: 3 }]);
  expect(json.projections).toEqual([{ name: "incident_kpis", parkedStreams: 1 }]);
  expect((await fixture.ask("/api/v1/kpis?days=401")).json.code).toBe("query_invalid");
  expect((await fixture.ask("/api/v1/kpis")).json.to).toBe("1970-01-31T00:00:00.000Z");
});

test("dead letters are listed in pages, shown, sent again or forgotten, each once", async () => {
  const first = await fixture.ask("/api/v1/dead-letters?limit=2");
  expect(first.json.data).toMatchObject([{ id: 3 }, { id: 2, source: "checks", at: "1970-01-01T00:00:02.000Z" }]);
  expect(first.json.data[0].reasonText).toMatch(/^It is no check result/);
  expect(first.json.data[0]).not.toHaveProperty("payload");
  const second = await fixture.ask(`/api/v1/dead-letters?limit=2&cursor=${first.json.nextCursor}`);
  expect([second.json.data.length, second.json.nextCursor]).toEqual([1, null]);
  expect((await fixture.ask("/api/v1/dead-letters/2")).json).toMatchObject({ id: 2, payload: "AGhp" });
  const json = { "content-type": "application/json" };
  const replay = { method: "POST", headers: json, body: JSON.stringify({ actor: "ada" }) };
  expect((await fixture.ask("/api/v1/dead-letters/2/replay", replay)).status).toBe(204);
  expect(fixture.api.replayed).toEqual([{ id: 2, actor: "ada" }]);
  expect((await fixture.ask("/api/v1/dead-letters/1", { method: "DELETE" })).status).toBe(204);
  for (const id of [1, 2]) {
    const gone = await fixture.ask(`/api/v1/dead-letters/${id}`);
    expect(gone.json).toMatchObject({ code: "dead_letter_not_found", status: 404 });
  }
  expect((await fixture.ask("/api/v1/dead-letters/x")).json.code).toBe("query_invalid");
});

test("metrics count requests by route, never by address", async () => {
  await fixture.ask("/api/v1/monitors/mon_shop");
  const { text } = await fixture.ask("/metrics");
  expect(text).toMatch(
    /sentinel_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/monitors\/:id",status="200"\} \d+/,
  );
  expect(text).not.toContain('route="/api/v1/monitors/mon_shop"');
  expect(text).toMatch(/^sentinel_monitor_status\{monitor="shop",status="\w+"\} 1$/m);
});

test("the API description names every operation, and its page shows them", async () => {
  const { json } = await fixture.ask("/api/v1/openapi.json");
  expect(json.openapi).toBe("3.1.0");
  expect(json.paths["/api/v1/monitors/{id}"].put.parameters).toContainEqual(
    expect.objectContaining({ name: "If-Match", required: true }),
  );
  const references = [...JSON.stringify(json).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(Object.keys(json.components.schemas)).toEqual(expect.arrayContaining([...new Set(references)]));
  const page = await fixture.ask("/api/docs");
  expect(page.headers["content-security-policy"]).toContain("script-src 'self';");
  expect(page.text).toContain("/api/v1/monitors/{id}");
});
