import { expect, test } from "@jest/globals";
import { addressHash } from "./choose-address.ts";
import { judgeRecords, recordLine } from "./dns-records.ts";
import { splitHostPort } from "./host-port.ts";
import { createMetrics } from "./metrics.ts";
import { probeTimeoutMs } from "./probe-timeout.ts";

test("metrics are told by name and labels, with what labels may not hold escaped", () => {
  const metrics = createMetrics();
  metrics.set("probe_success", 1);
  metrics.add("probe_http_duration_seconds", 0.25, { phase: "tls" });
  metrics.add("probe_http_duration_seconds", 0.5, { phase: "tls" });
  metrics.set("probe_http_duration_seconds", 0, { phase: "connect" });
  metrics.set("probe_ssl_last_chain_info", 1, { subject: 'CN="a\\b"\n' });
  expect(metrics.text().split("\n")).toEqual([
    "# HELP probe_http_duration_seconds Duration of http request by phase, summed over all redirects",
    "# TYPE probe_http_duration_seconds gauge",
    'probe_http_duration_seconds{phase="connect"} 0',
    'probe_http_duration_seconds{phase="tls"} 0.75',
    "# HELP probe_ssl_last_chain_info Contains SSL leaf certificate information",
    "# TYPE probe_ssl_last_chain_info gauge",
    'probe_ssl_last_chain_info{subject="CN=\\"a\\\\b\\"\\n"} 1',
    "# HELP probe_success Displays whether or not the probe was a success",
    "# TYPE probe_success gauge",
    "probe_success 1",
    "",
  ]);
});

test.each([
  [undefined, 5000, 5000],
  [undefined, 0, 119_500],
  ["10", 5000, 5000],
  ["3", 5000, 2500],
  ["0.25", 5000, 5000],
  ["0", 0, 119_500],
  ["soon", 5000, undefined],
  [" ", 5000, undefined],
])("a scrape of %s s with a module of %s ms is given %s ms", (header, moduleMs, expected) =>
  expect(probeTimeoutMs(header, moduleMs, 0.5)).toBe(expected),
);

test.each([
  ["127.0.0.1", 3_668_918_509],
  ["::1", 1_751_717_746],
])("the hash of %s is FNV-1a over its bytes", (address, hash) => expect(addressHash(address)).toBe(hash));

test.each([
  ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
  ["[::1]:443", { host: "::1", port: 443 }],
  ["shop.test", undefined],
  ["::1:80", undefined],
  ["shop.test:99999", undefined],
])("%s is split as Go splits it", (target, expected) => expect(splitHostPort(target)).toEqual(expected));

const A = { type: "A", name: "shop.test", ttl: 30, data: "192.0.2.1" } as const;
const MX = { type: "MX", name: "shop.test", ttl: 5, data: { preference: 10, exchange: "mail.shop.test" } } as const;
const NONE = {
  fail_if_matches_regexp: [],
  fail_if_all_match_regexp: [],
  fail_if_not_matches_regexp: [],
  fail_if_none_matches_regexp: [],
};

test("records are written as zone files do", () => {
  expect(recordLine(A)).toBe("shop.test.\t30\tIN\tA\t192.0.2.1");
  expect(recordLine(MX)).toBe("shop.test.\t5\tIN\tMX\t10 mail.shop.test.");
});

test.each([
  ["fail_if_matches_regexp", ["\\.1$"], false],
  ["fail_if_matches_regexp", ["\\.9$"], true],
  ["fail_if_all_match_regexp", ["shop"], false],
  ["fail_if_all_match_regexp", ["\\.1$"], true],
  ["fail_if_not_matches_regexp", ["shop"], true],
  ["fail_if_not_matches_regexp", ["\\.1$"], false],
  ["fail_if_none_matches_regexp", ["\\.1$"], true],
  ["fail_if_none_matches_regexp", ["\\.9$"], false],
] as const)("%s %j over two records: %s", (rule, patterns, fits) =>
  expect(judgeRecords([A, MX], { ...NONE, [rule]: [...patterns] })).toBe(fits),
);
