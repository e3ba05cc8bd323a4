import { CheckResult, Verdict } from "@sentinel/contracts";

/** The same numbers in every run; xorshift32, then the sum of uniforms for noise like that of a network. */
let state = 2_463_534_242;
function uniform(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}
const around = (mean: number, deviation: number): number =>
  Math.max(0.01, mean + deviation * (uniform() + uniform() + uniform() - 1.5) * 2);

/** As a prober encodes it: one in two hundred down, response times with the noise of life. */
export const encodedResult = (monitorId: string, index: number, slotMs: number): Uint8Array =>
  CheckResult.encode(resultOf(monitorId, index, slotMs)).finish();

function resultOf(monitorId: string, index: number, slotMs: number): CheckResult {
  const down = uniform() < 1 / 200;
  const verdict = down ? Verdict.DOWN : Verdict.HEALTHY;
  const reason = down ? "http_status" : "";
  const base = 20 + (index % 50) * 4;
  const phases = {
    dnsMs: around(0.8, 0.2),
    connectMs: around(base / 10, base / 100),
    tlsMs: around(base / 5, base / 50),
    firstByteMs: around(base, base / 10) + (uniform() < 0.02 ? base * uniform() * 5 : 0),
    transferMs: around(0.4, 0.1),
  };
  const endpointMs = Object.values(phases).reduce((a, b) => a + b, 0) + 0.1;
  const params = { expected: "200", actual: "503" };
  return CheckResult.fromPartial({
    monitorId,
    region: "local",
    prober: "prober-1",
    slotMs,
    startedAtMs: slotMs + Math.floor(uniform() * 6),
    durationMs: endpointMs + 0.3,
    verdict,
    reason,
    monitorVersion: 1,
    traceparent: `00-${hex(32)}-${hex(16)}-01`,
    endpoints: [
      {
        url: `https://service-${index}.example.org/health`,
        verdict,
        reason,
        status: down ? 503 : 200,
        durationMs: endpointMs,
        phases,
        evidence: down ? { requestLine: "GET /health HTTP/1.1", status: 503, params } : undefined,
      },
    ],
  });
}

const hex = (digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(uniform() * 16).toString(16)).join("");
