import { expect, test } from "@jest/globals";
import { compilePattern } from "../pattern.ts";
import { parseGoBytes, parseGoDuration } from "./go-values.ts";
import { parseBlackbox } from "./parse-blackbox.ts";

test("a module gets the rival's defaults", () => {
  const parsed = parseBlackbox("modules: {http_2xx: {prober: http}, ping: {prober: icmp}}");
  if (!parsed.ok) throw new Error("not read");
  expect(parsed.modules.get("http_2xx")).toMatchObject({
    timeout: 0,
    http: { method: "GET", follow_redirects: true, enable_http2: true, ip_protocol_fallback: true },
  });
  expect(parsed.modules.get("ping")).toMatchObject({ icmp: { payload_size: 28, ttl: 64 } });
});

test.each([
  ["modules: {a: {prober: htp}}", "modules.a.prober", "not_one_of_near", 1, 15],
  ["modules:\n  a:\n    prober: http\n    http:\n      metod: GET", "modules.a.http.metod", "unknown_key_near", 5, 7],
  ["modules: {a: {prober: http, timeout: soon}}", "modules.a.timeout", "bad_duration", 1, 29],
  ["modules: {a: {prober: dns}}", "modules.a.dns", "missing", 1, 11],
  ["modules: [", "", "yaml_syntax", 1, 11],
  [
    "modules: {a: {prober: tcp, tcp: {query_response: [{expect: '('}]}}}",
    "modules.a.tcp.query_response.0.expect",
    "bad_pattern",
    1,
    52,
  ],
])("%j is refused with its place", (text, path, code, line, column) => {
  const parsed = parseBlackbox(text);
  expect(parsed.ok ? [] : parsed.problems).toContainEqual(expect.objectContaining({ path, code, line, column }));
});

test.each([
  ["5s", 5000],
  ["1m30s", 90_000],
  ["0.5s", 500],
  ["250ms", 250],
  ["0", 0],
  ["5", undefined],
  ["s", undefined],
  ["5 s", undefined],
])("Go's span %j is %s ms", (text, ms) => expect(parseGoDuration(text)).toBe(ms));

test.each([
  ["1KB", 1024],
  ["10MiB", 10_485_760],
  ["512", 512],
  ["much", undefined],
])("the size %j is %s bytes", (text, bytes) => expect(parseGoBytes(text)).toBe(bytes));

test.each([
  ["PING :([^ ]+)", "PONG ${1}", "PONG abc"],
  ["(?P<who>PING) :(\\w+)", "$who $2 $$1 ${9}|$none", "PING abc $1 |"],
  ["nothing like it", "x", undefined],
])("what fits %j fills %j", (text, template, expected) => {
  const compiled = compilePattern(text);
  if (!compiled.ok) throw new Error("no pattern");
  expect(compiled.pattern.expand("PING :abc", template)).toBe(expected);
});
