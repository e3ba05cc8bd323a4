import { type EndpointResult, type Evidence, type MonitorSpec, type Phases, Verdict } from "@sentinel/contracts";
import { EgressError, type EgressPhases, type ExchangeFacts } from "@sentinel/egress";
import { type Judgement, judgeAnswer } from "../core/verdict.ts";
import type { Probe } from "./index.ts";

const BODY_HEAD_BYTES = 4096;
const REDACTED = new Set([
  "set-cookie",
  "authorization",
  "proxy-authorization",
  "cookie",
  "www-authenticate",
  "x-api-key",
]);

/** HTTP and HTTPS: one exchange over a fresh connection, judged by status, content and time. */
export const probeHttp: Probe = async (endpoint, spec, egress, signal) => {
  try {
    const response = await egress.request({
      url: endpoint.url,
      method: endpoint.method,
      headers: endpoint.headers,
      timeoutMs: spec.timeoutMs,
      maxRedirects: endpoint.maxRedirects,
      signal,
    });
    const durationMs = total(response.phases);
    const body = endpoint.expectBodyContains === "" ? "" : new TextDecoder().decode(response.body);
    const judgement = judgeAnswer(endpoint, spec.slowAfterMs, { status: response.status, durationMs, body });
    return resultOf(endpoint, judgement, response, durationMs);
  } catch (thrown) {
    if (!(thrown instanceof EgressError)) throw thrown;
    const { reason, params, facts } = thrown.failure;
    return resultOf(endpoint, { verdict: Verdict.DOWN, reason, params }, facts, total(facts.phases));
  }
};

type Endpoint = MonitorSpec["endpoints"][number];

function resultOf(endpoint: Endpoint, judgement: Judgement, facts: ExchangeFacts, durationMs: number): EndpointResult {
  return {
    url: endpoint.url,
    verdict: judgement.verdict,
    reason: judgement.reason,
    status: facts.status ?? 0,
    durationMs,
    phases: phasesOf(facts.phases),
    evidence: judgement.verdict === Verdict.HEALTHY ? undefined : evidenceOf(endpoint, judgement, facts),
  };
}

function evidenceOf(endpoint: Endpoint, judgement: Judgement, facts: ExchangeFacts): Evidence {
  const headers = Object.entries(facts.headers).map(([name, value]) => [name, REDACTED.has(name) ? "(hidden)" : value]);
  return {
    requestLine: `${endpoint.method} ${endpoint.url}`,
    remoteAddress: facts.remoteAddress ?? "",
    status: facts.status ?? 0,
    headers: Object.fromEntries(headers),
    bodyHead: facts.body.slice(0, BODY_HEAD_BYTES),
    certificate:
      facts.certificate === undefined ? undefined : { ...facts.certificate, names: [...facts.certificate.names] },
    redirects: [...facts.redirects],
    params: { ...judgement.params },
  };
}

const phasesOf = (phases: EgressPhases): Phases => ({ ...phases });

const total = (phases: EgressPhases): number =>
  phases.dnsMs + phases.connectMs + phases.tlsMs + phases.firstByteMs + phases.transferMs;
