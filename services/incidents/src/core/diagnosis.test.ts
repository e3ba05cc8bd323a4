import { describe, expect, test } from "@jest/globals";
import { type EndpointResult, Evidence, Nature, RepairMode, Severity, Verdict } from "@sentinel/contracts";
import { diagnose, RULES } from "./diagnosis.ts";
import { anEndpoint, aRepairPolicy, aSpec, T0 } from "./fixtures.ts";

const { DOWN, DEGRADED } = Verdict;

type Facts = Parameters<typeof diagnose>[0];

const of = (failing: readonly EndpointResult[], change: Partial<Facts> = {}) =>
  diagnose({
    spec: aSpec(),
    verdict: DOWN,
    failing,
    endpointsTotal: failing.length,
    lastHealthyAtMs: T0 - 30_000,
    atMs: T0,
    ...change,
  });

const down = (reason: string, change: Partial<EndpointResult> = {}): EndpointResult => anEndpoint(DOWN, reason, change);
const evidence = (params: Readonly<Record<string, string>>): Evidence => ({ ...Evidence.fromPartial({}), params });

describe("each reason has its row", () => {
  test.each([
    ["connect_refused", "connect.refused"],
    ["connect_reset", "connect.reset"],
    ["connect_unreachable", "connect.unreachable"],
    ["timeout_in_connect", "connect.timeout"],
    ["reset", "connect.reset"],
    ["empty_reply", "connect.reset"],
    ["dns_nxdomain", "dns.nxdomain"],
    ["dns_no_address", "dns.no_address"],
    ["dns_failed", "dns.failing"],
    ["timeout_in_dns", "dns.failing"],
    ["tls_expired", "tls.expired"],
    ["tls_not_yet_valid", "tls.not_yet_valid"],
    ["tls_hostname", "tls.hostname"],
    ["tls_self_signed", "tls.untrusted"],
    ["tls_untrusted", "tls.untrusted"],
    ["tls_wrong_version", "tls.plain_http"],
    ["tls_handshake", "tls.handshake"],
    ["timeout_in_tls", "tls.handshake"],
    ["protocol", "http.protocol"],
    ["headers_too_large", "http.headers"],
    ["timeout_in_first_byte", "http.no_first_byte"],
    ["timeout_in_transfer", "http.stalled"],
    ["truncated", "http.stalled"],
    ["body_too_large", "http.body"],
    ["decompression_bomb", "http.body"],
    ["redirect_loop", "http.redirect_loop"],
    ["too_many_redirects", "http.too_many_redirects"],
    ["body_mismatch", "http.body_mismatch"],
    ["address_forbidden", "address.refused"],
    ["address_metadata", "address.unusable"],
    ["scheme_not_allowed", "address.unusable"],
    ["credentials_in_url", "address.unusable"],
    ["bad_url", "address.unusable"],
    ["heartbeat_missed", "job.silent"],
    ["heartbeat_failed", "job.failed"],
    ["heartbeat_overrun", "job.overran"],
    ["slow", "latency.slow"],
    ["never heard of", "other"],
    ["", "other"],
  ])("%s is %s", (reason, rule) => {
    expect(of([down(reason)]).rule).toBe(`${rule}/all`);
  });

  test.each([
    [500, "http.500"],
    [502, "http.unavailable"],
    [503, "http.unavailable"],
    [504, "http.unavailable"],
    [505, "http.5xx"],
    [599, "http.5xx"],
    [401, "http.refused"],
    [403, "http.refused"],
    [404, "http.gone"],
    [410, "http.gone"],
    [429, "http.limited"],
    [418, "http.status"],
    [302, "http.status"],
  ])("status %d is %s", (status, rule) => {
    expect(of([down("status", { status })]).rule).toBe(`${rule}/all`);
  });

  test("and every row says what to do next", () => {
    for (const row of RULES) expect([row.rule, row.recommendations.length > 0]).toEqual([row.rule, true]);
    expect(new Set(RULES.map((row) => row.rule)).size).toBe(RULES.length);
  });
});

describe("how severe it is", () => {
  const severity = (
    failing: readonly EndpointResult[],
    endpointsTotal: number,
    nature: Nature = Nature.TECHNICAL,
  ): Severity => of(failing, { endpointsTotal, spec: aSpec({ nature }) }).severity;

  test("is a step less when only some endpoints fail, a step more when business depends on it", () => {
    const refused = [down("connect_refused")];
    expect(severity(refused, 1)).toBe(Severity.CRITICAL);
    expect(severity(refused, 2)).toBe(Severity.HIGH);
    expect(severity(refused, 2, Nature.BUSINESS)).toBe(Severity.CRITICAL);
    expect(severity(refused, 1, Nature.BUSINESS)).toBe(Severity.CRITICAL);
    const slow = [anEndpoint(DEGRADED, "slow")];
    expect(severity(slow, 1)).toBe(Severity.MEDIUM);
    expect(severity(slow, 3)).toBe(Severity.LOW);
    expect(severity(slow, 1, Nature.BUSINESS)).toBe(Severity.HIGH);
  });

  test("and the rule names the scope", () => {
    expect(of([down("connect_refused")], { endpointsTotal: 2 }).rule).toBe("connect.refused/some");
  });
});

describe("a host that sleeps", () => {
  const sleepy = aSpec({ repair: aRepairPolicy(), tags: ["sleeps"] });
  const QUIET_MS = 11 * 60_000;

  test("is recognised by its tag and a gateway's answer or a long wait", () => {
    for (const failing of [
      down("status", { status: 503 }),
      down("timeout_in_first_byte"),
      down("timeout_in_connect"),
    ]) {
      expect(of([failing], { spec: sleepy })).toMatchObject({ rule: "host.sleeping/all", issue: "sleeping" });
    }
  });

  test("or by a quiet time before it", () => {
    const spec = aSpec({ repair: aRepairPolicy() });
    const failing = [down("status", { status: 502 })];
    expect(of(failing, { spec, lastHealthyAtMs: T0 - QUIET_MS }).issue).toBe("sleeping");
    expect(of(failing, { spec, lastHealthyAtMs: T0 - 30_000 }).issue).toBe("unavailable");
    expect(of(failing, { spec, lastHealthyAtMs: 0 }).issue).toBe("unavailable");
  });

  test("is not supposed where nothing may wake it, or where it refuses outright", () => {
    const observed = aSpec({ repair: aRepairPolicy({ mode: RepairMode.OBSERVE }), tags: ["sleeps"] });
    expect(of([down("status", { status: 503 })], { spec: observed }).issue).toBe("unavailable");
    expect(of([down("status", { status: 503 })], { spec: aSpec({ tags: ["sleeps"] }) }).issue).toBe("unavailable");
    expect(of([down("connect_refused")], { spec: sleepy }).issue).toBe("unreachable");
    expect(of([down("status", { status: 500 })], { spec: sleepy }).issue).toBe("server_error");
  });
});

describe("what is told of it", () => {
  test("comes from the worst endpoint: one that is down before one that is slow", () => {
    const slow = anEndpoint(DEGRADED, "slow");
    const failing = [slow, down("connect_refused", { url: "https://pay.test/x" })];
    expect(of(failing, { endpointsTotal: 3 })).toMatchObject({
      issue: "unreachable",
      params: { monitor: "shop", url: "https://pay.test/x", host: "pay.test", port: "443", failing: "2", total: "3" },
    });
  });

  test("names the port also where the address does not", () => {
    expect(of([down("connect_refused", { url: "http://shop.test/" })]).params).toMatchObject({ port: "80" });
    expect(of([down("connect_refused", { url: "http://shop.test:81/" })]).params).toMatchObject({ port: "81" });
    expect(of([down("bad_url", { url: "nonsense" })]).params).toMatchObject({ port: "", host: "" });
  });

  test("is the limit of this endpoint, and the host a redirect led to, as the evidence has them", () => {
    const slow = anEndpoint(DEGRADED, "slow", {
      durationMs: 900,
      evidence: evidence({ limitMs: "800", latencyMs: "900" }),
    });
    expect(of([slow]).params).toMatchObject({ limitMs: "800", latencyMs: "900" });
    const led = down("connect_refused", { evidence: evidence({ host: "other.test", port: "9" }) });
    expect(of([led]).params).toMatchObject({ host: "other.test", port: "9", url: "http://shop.test:8080/" });
  });

  test("holds the day a certificate ended", () => {
    const certificate = {
      subject: "shop.test",
      issuer: "CA",
      validFromMs: 0,
      validToMs: Date.UTC(2025, 11, 24, 23),
      fingerprint256: "",
      names: [],
    };
    const expired = down("tls_expired", { evidence: { ...evidence({}), certificate } });
    expect(of([expired]).params).toMatchObject({ certificateExpiredOn: "2025-12-24" });
  });

  test("is something also when no endpoint is named", () => {
    expect(of([], { endpointsTotal: 0 })).toMatchObject({
      rule: "other/all",
      issue: "failing",
      severity: Severity.HIGH,
    });
  });
});
