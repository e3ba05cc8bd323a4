import { describe, expect, test } from "@jest/globals";
import { renderProblem } from "../text/index.ts";
import { parseMonitorInput, specView } from "./monitor-schema.ts";

const parse = (endpoint: unknown) => parseMonitorInput({ name: "x", endpoints: [endpoint] });

function accepted(endpoint: unknown) {
  const parsed = parse(endpoint);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

function problemsWith(endpoint: unknown): readonly string[] {
  const parsed = parse(endpoint);
  if (parsed.ok) throw new Error("it was accepted");
  return parsed.problems.map((each) => `${each.path}: ${renderProblem("en", each)}`);
}

const SECRET = "${SENTINEL_SECRET_DB}";

/** An address of each kind, alone and with everything that can stand beside it. */
const ADDRESSES: readonly (readonly [string, object])[] = [
  [
    "https://example.com/",
    {
      method: "POST",
      headers: { authorization: "Bearer ${SENTINEL_SECRET_API}" },
      http: {
        body: '{"key":"${SENTINEL_SECRET_API}"}',
        auth: { basic: { user: "a", password: "${SENTINEL_SECRET_API}" } },
        tls: { minVersion: "1.3", key: "${SENTINEL_SECRET_KEY}", certificate: "-----BEGIN" },
        ipFamily: 6,
        proxy: "socks5://proxy.example.com:1080",
        version: "2",
      },
      assert: [
        { subject: "status", oneOf: [200, 204] },
        { subject: "body", matches: "^ok\\b" },
        { subject: "json", of: "$.status", is: "ok", severity: "degraded" },
        { subject: "latency", below: "800ms" },
        { subject: "header", of: "etag", exists: false },
      ],
    },
  ],
  ["tcp://mail.example.com:25", { tcp: { starttls: "smtp", steps: [{ send: "EHLO x\r\n", expect: "^250" }] } }],
  ["grpc://example.com:50051/shop.Orders", { grpc: { metadata: { "x-key": "1" }, tls: { serverName: "a" } } }],
  ["wss://example.com/socket", { webSocket: { subprotocols: ["chat"], step: { send: "ping", expect: "pong" } } }],
  [
    "postgres://example.com:5432/shop",
    {
      sql: { user: "reader", password: SECRET, query: "SELECT 1", maxRows: 5 },
      assert: [{ subject: "rows", is: 0 }],
    },
  ],
  ["mysql://example.com/shop", { sql: { query: "SELECT id FROM orders" } }],
  ["redis://example.com", { redis: { password: SECRET }, assert: [{ subject: "value", of: "role", is: "master" }] }],
  ["nats://example.com", { nats: { token: SECRET, jetstream: true } }],
  ["udp://example.com:53", { udp: { sendHex: "00ff", expect: "ok" } }],
  ["dns://1.1.1.1/example.com", { dns: { type: "MX", transport: "tls", expect: ["10 mail.example.com"] } }],
  ["dns:///example.com", { dns: { type: "TXT", flags: ["ad"], rcode: "NXDOMAIN" } }],
  [
    "icmp://example.com",
    { icmp: { count: 3, ipFamily: 4 }, assert: [{ subject: "value", of: "loss", atMost: 40, severity: "degraded" }] },
  ],
  ["tls://example.com:443", { tls: { warnDays: 30, failDays: 7, ciphers: ["TLS_AES_256_GCM_SHA384"] } }],
  ["domain://example.com", { domain: { warnDays: 60 } }],
  ["heartbeat://nightly-backup", { heartbeat: { every: "1h", grace: "10m", tokenHash: "0a".repeat(32) } }],
  ["heartbeat://reports", { heartbeat: { cron: "30 2 * * 1-5", timeZone: "Europe/Paris" } }],
  [
    "browser+https://example.com/login",
    {
      browser: {
        steps: [
          { fill: "#password", with: "${SENTINEL_SECRET_SHOP}" },
          { name: "sign in", click: "text=Sign in" },
          { press: "Enter", in: "#q" },
          { expectUrl: "/account" },
          { expectText: "Welcome", in: "h1" },
          { goto: "/basket" },
          { script: "return true" },
        ],
        locale: "fr-FR",
      },
      assert: [{ subject: "value", of: "errors", is: 0 }],
    },
  ],
];

const LOGIN = {
  name: "login",
  url: "https://example.com/login",
  method: "POST",
  headers: { "x-key": "${SENTINEL_SECRET_API}" },
  http: { body: "password=${SENTINEL_SECRET_PASSWORD}" },
  redirects: 2,
  assert: [{ subject: "status", is: 200 }],
  capture: [{ name: "token", subject: "json", of: "$.token" }],
};

test("a scenario is kept as it was written, every default filled in", () => {
  const account = { name: "account", url: "https://example.com/a/{{token}}?x={{ token }}" };
  const spec = accepted({ url: "scenario://shop", scenario: { steps: [LOGIN, account] } });
  expect(parseMonitorInput(specView(spec))).toEqual({ ok: true, spec });
});

const steps = (...each: object[]) => ({ url: "scenario://shop", scenario: { steps: each } });

describe("each kind of check", () => {
  test.each(ADDRESSES)("%s needs nothing but its address, and what is shown can be written back", (url, options) => {
    for (const endpoint of [url, { url }, { url, ...options }]) {
      const spec = accepted(endpoint);
      expect(spec.endpoints[0]?.url).toBe(url);
      const view = specView(spec);
      const again = parseMonitorInput(view);
      expect(again).toEqual({ ok: true, spec });
    }
  });

  test("a query must be written for Prometheus", () => {
    expect(problemsWith("prometheus+http://example.com:9090")).toEqual([
      "endpoints.0.prometheus.query: “query” is missing. Add it.",
    ]);
    accepted({ url: "prometheus+http://example.com:9090", prometheus: { query: "up" } });
  });

  test("a job that is waited for stands alone in its monitor", () => {
    const parsed = parseMonitorInput({ name: "x", endpoints: ["https://example.com", "heartbeat://job"] });
    expect(parsed).toMatchObject({ ok: false, problems: [{ path: "endpoints.1", code: "heartbeat_not_alone" }] });
  });

  test("spans of assertions are kept in milliseconds", () => {
    const spec = accepted({
      url: "tcp://example.com:1",
      assert: [{ subject: "phase", of: "connect", atMost: "1.5s" }],
    });
    expect(spec.endpoints[0]?.assertions[0]).toMatchObject({ comparison: "at_most", values: ["1500"] });
  });
});

test.each<readonly [string, unknown, string]>([
  ["no port", "tcp://example.com", "endpoints.0: “tcp://example.com” lacks a part"],
  ["no name to ask for", "dns://1.1.1.1", "Write it like dns://1.1.1.1/example.com."],
  ["a name no server can be asked for", `dns://1.1.1.1/${"x".repeat(64)}.example`, "Write it like dns://1.1.1.1/"],
  ["no domain to look up", "domain://localhost", "Write it like domain://example.com."],
  ["an address that nobody registers", "domain://192.0.2.1", "Write it like domain://example.com."],
  [
    "an odd number of hexadecimal digits",
    { url: "udp://example.com:1", udp: { sendHex: "00f" } },
    "endpoints.0.udp.sendHex",
  ],
  [
    "two ways to say what is sent",
    { url: "udp://example.com:1", udp: { sendHex: "00", send: "x" } },
    "endpoints.0.udp.sendHex",
  ],
  ["days the wrong way round", { url: "tls://example.com:443", tls: { warnDays: 3, failDays: 7 } }, "warnDays"],
  [
    "an interval beside a schedule",
    { url: "heartbeat://x", heartbeat: { every: "1h", cron: "0 * * * *" } },
    "endpoints.0.heartbeat.cron: Say either “every” or “cron”, not both.",
  ],
  ["what is no schedule", { url: "heartbeat://x", heartbeat: { cron: "99 * * * *" } }, "“99 * * * *” cannot be read"],
  ["a schedule that no date fits", { url: "heartbeat://x", heartbeat: { cron: "0 0 31 2 *" } }, "is never due"],
  [
    "what is no time zone",
    { url: "heartbeat://x", heartbeat: { cron: "0 0 * * *", timeZone: "Mars/Base" } },
    "endpoints.0.heartbeat.timeZone: “Mars/Base” is no time zone.",
  ],
  [
    "a time zone without a schedule",
    { url: "heartbeat://x", heartbeat: { every: "1h", timeZone: "UTC" } },
    "endpoints.0.heartbeat.timeZone: A time zone says nothing without “cron”",
  ],
  ["a job with an address of its own", "heartbeat://x/run", "Write it like heartbeat://nightly-backup."],
  ["a password in the address", "tcp://:pw@example.com:1", "holds a user name or password"],
  [
    "options of another kind",
    { url: "https://example.com", tcp: {} },
    "endpoints.0.tcp: “tcp” does not belong to a check of a https address.",
  ],
  ["HTTP's keys elsewhere", { url: "tcp://example.com:1", redirects: 3 }, "“redirects” does not belong"],
  ["a misspelt option", { url: "tcp://example.com:1", tcp: { startls: "smtp" } }, "Did you mean “starttls”?"],
  [
    "a subject that is not there",
    { url: "tcp://example.com:1", assert: [{ subject: "body", contains: "x" }] },
    "endpoints.0.assert.0.subject: A check of a tcp address has no “body” to look at. It has: answer, certificate_days, latency, phase.",
  ],
  [
    "two comparisons",
    { url: "https://example.com", assert: [{ subject: "status", is: 200, above: 100 }] },
    "exactly one",
  ],
  ["no comparison", { url: "https://example.com", assert: [{ subject: "status" }] }, "exactly one"],
  ["no header name", { url: "https://example.com", assert: [{ subject: "header", is: "x" }] }, "under “of”"],
  ["a limit that is none", { url: "https://example.com", assert: [{ subject: "latency", below: "fast" }] }, "“fast”"],
  [
    "a pattern that is none",
    { url: "https://example.com", assert: [{ subject: "body", matches: "ok(?=x)" }] },
    "endpoints.0.assert.0.matches: “ok(?=x)” cannot be read as a regular expression from character 3 on, at “(?=x)”.",
  ],
  [
    "a pattern too large",
    { url: "https://example.com", assert: [{ subject: "body", matchesNot: "a{900}b{900}" }] },
    "endpoints.0.assert.0.matchesNot: The regular expression “a{900}b{900}” becomes 1802 instructions, of which 1000",
  ],
  [
    "a pattern of a dialogue",
    { url: "tcp://example.com:1", tcp: { steps: [{ expect: "[" }] } },
    "endpoints.0.tcp.steps.0.expect: “[” cannot be read",
  ],
  [
    "a JSONPath that is none",
    { url: "https://example.com", assert: [{ subject: "json", of: "$.a[", is: 1 }] },
    "endpoints.0.assert.0.of: “$.a[” cannot be read as a JSONPath (RFC 9535) at character 5.",
  ],
  ["a scenario without steps", "scenario://shop", "endpoints.0.scenario.steps: “steps” is missing"],
  [
    "a variable that no step before captures",
    steps({ name: "a", url: "https://example.com/{{token}}" }, LOGIN),
    "endpoints.0.scenario.steps.0.url: No step before this one captures “token”.",
  ],
  [
    "a variable in the host",
    steps(LOGIN, { name: "a", url: "https://{{token}}.example.com/" }),
    "endpoints.0.scenario.steps.1.url: “token” stands in the host.",
  ],
  ["a metadata service as a step", steps({ name: "a", url: "http://169.254.169.254/x" }), "cloud metadata service"],
  ["a step of another kind", steps({ name: "a", url: "tcp://example.com:1" }), "Begin with one of: http, https"],
  [
    "a capture that cannot be read",
    steps({ ...LOGIN, capture: [{ name: "t", subject: "body", of: "(" }] }),
    "endpoints.0.scenario.steps.0.capture.0.of: “(” cannot be read as a regular expression",
  ],
  [
    "two ways to sign in",
    { url: "https://example.com", http: { auth: {} } },
    "endpoints.0.http.auth: Exactly one of these must be given: basic, bearer, oauth2.",
  ],
  [
    "a secret of the target written out",
    { url: "https://example.com", http: { auth: { bearer: "hunter2" } } },
    "endpoints.0.http.auth.bearer: A monitor is kept in the event log and must not hold a secret.",
  ],
  [
    "a password in the address of a proxy",
    { url: "https://example.com", http: { proxy: "http://a:b@proxy:1" } },
    "endpoints.0.http.proxy",
  ],
  ["options of HTTP elsewhere", { url: "tcp://example.com:1", http: {} }, "“http” does not belong"],
  [
    "a secret written out",
    { url: "tcp://example.com:1", tcp: { tls: { key: "hunter2" } } },
    "endpoints.0.tcp.tls.key: A monitor is kept in the event log and must not hold a secret.",
  ],
  [
    "a variable of the machine",
    { url: "https://example.com", headers: { "x-key": "${AWS_SECRET_ACCESS_KEY}" } },
    "SENTINEL_SECRET_; “AWS_SECRET_ACCESS_KEY” does not.",
  ],
])("refused with a sentence: %s", (_what, endpoint, sentence) => {
  expect(problemsWith(endpoint).join("\n")).toContain(sentence);
});

test("no problem repeats a secret that was written out", () => {
  expect(problemsWith({ url: "tcp://example.com:1", tcp: { tls: { key: "hunter2" } } }).join()).not.toContain(
    "hunter2",
  );
});

const journey = (...each: object[]) => ({ url: "browser+https://example.com/", browser: { steps: each } });

test.each([
  [{ name: "x" }, "endpoints.0.browser.steps.0: A step does exactly one thing, one of: goto, click"],
  [{ click: "#a", goto: "/" }, "endpoints.0.browser.steps.0: A step does exactly one thing, one of: goto, click"],
  [{ fill: "#a" }, "endpoints.0.browser.steps.0.with: "],
  [{ click: "#a", with: "b" }, "endpoints.0.browser.steps.0.with: “with” says nothing to a step that does “click”"],
  [{ fill: "#a", with: "${HOME}" }, "endpoints.0.browser.steps.0.with: "],
  [{ goto: "file:///etc/passwd" }, "endpoints.0.browser.steps.0.goto: "],
  [{ goto: "http://169.254.169.254/" }, "endpoints.0.browser.steps.0.goto: "],
])("a step of a journey that cannot be taken is refused: %j", (step, problem) => {
  expect(problemsWith(journey(step))[0]?.slice(0, problem.length)).toBe(problem);
});
