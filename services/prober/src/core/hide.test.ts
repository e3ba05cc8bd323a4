import { describe, expect, test } from "@jest/globals";
import { type EndpointResult, Verdict } from "@sentinel/contracts";
import { hideIn } from "./hide.ts";

const result = (body: string): EndpointResult => ({
  url: "https://example.com",
  verdict: Verdict.DOWN,
  reason: "status",
  status: 500,
  durationMs: 1,
  phases: undefined,
  evidence: {
    requestLine: "GET https://example.com/?k=hun%20ter2",
    remoteAddress: "192.0.2.1:443",
    status: 500,
    headers: { "x-echo": "Bearer hun ter2" },
    bodyHead: Buffer.from(body),
    certificate: undefined,
    certificateChain: [
      { subject: "hun ter2", issuer: "", validFromMs: 0, validToMs: 0, fingerprint256: "", names: ["hun ter2"] },
    ],
    dnsAnswer: {
      name: "hun ter2",
      records: [{ type: "TXT", value: "hun ter2", ttlSeconds: 30 }],
      resolver: "",
      durationMs: 1,
      outcome: "",
      fromCache: false,
    },
    addressesTried: [],
    redirects: ["https://example.com/?k=hun+ter2"],
    params: { actual: "hun ter2" },
    screenshot: new Uint8Array(),
    console: ["GET /?k=hun+ter2 failed"],
    steps: [{ name: "goto /?k=hun%20ter2", durationMs: 1 }],
  },
});

describe("a secret that the target repeats", () => {
  test("is hidden wherever it stands, also when encoded", () => {
    const { evidence } = hideIn(result(`{"a":"hun ter2","b":"${btoa("hun ter2")}"}`), ["hun ter2"]);
    expect(JSON.stringify(evidence)).not.toMatch(/ter2/);
    expect(Buffer.from(evidence?.bodyHead ?? []).toString()).toBe('{"a":"(hidden)","b":"(hidden)"}');
  });

  test("is cut where the end of the head cuts it", () => {
    const { evidence } = hideIn(result(`${"x".repeat(4091)}hun t`), ["hun ter2"]);
    expect(Buffer.from(evidence?.bodyHead ?? []).toString()).toBe("x".repeat(4091));
  });

  test("of three characters or fewer hides nothing", () => {
    expect(hideIn(result("a b c"), ["a"])).toEqual(result("a b c"));
  });
});
