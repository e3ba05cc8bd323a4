import { type Endpoint, Verdict } from "@sentinel/contracts";
import type { EgressResponse } from "@sentinel/egress";
import type { Judgement } from "../core/assertions.ts";
import { judgeStatusAndBody } from "../core/verdict.ts";
import { exchangeHttp, isRefused } from "./http-exchange.ts";
import { lookAtHttp } from "./look-at-http.ts";
import { type Probe, resultOf } from "./probe.ts";

/** HTTP and HTTPS: one exchange over a fresh connection, judged by status, content, assertions and time. */
export const probeHttp: Probe = (request) =>
  resultOf(request, async () => {
    const { endpoint, spec } = request;
    const { url, method, headers, http, maxRedirects } = endpoint;
    const ask = { url, method, headers, options: http, maxRedirects, timeoutMs: spec.timeoutMs };
    const response = await exchangeHttp(ask, request);
    const text = (): string => new TextDecoder().decode(response.body);
    return {
      facts: response,
      judgement:
        proxyFailure(endpoint, response) ??
        refusalOf(endpoint, response) ??
        judgeStatusAndBody(endpoint, response.status, text),
      look: lookAtHttp(response, text),
    };
  });

function refusalOf(endpoint: Endpoint, response: EgressResponse): Judgement | undefined {
  if (endpoint.expectStatus.includes(response.status) || !isRefused(endpoint.http, response)) return undefined;
  const params = { host: new URL(endpoint.url).host, actual: String(response.status) };
  return { verdict: Verdict.DOWN, reason: "auth_refused", params };
}

/** By these a proxy says that it, or its way to the target, failed; a tunnel or SOCKS says nothing in the target's name. */
const GATEWAY_FAILED = new Set([502, 504]);

function proxyFailure({ url, http, expectStatus }: Endpoint, { status }: EgressResponse): Judgement | undefined {
  const proxy = URL.parse(http?.proxy ?? "");
  const speaksForTarget = proxy !== null && proxy.protocol.startsWith("http") && url.startsWith("http:");
  if (!speaksForTarget || !GATEWAY_FAILED.has(status) || expectStatus.includes(status)) return undefined;
  return { verdict: Verdict.DOWN, reason: "proxy_refused", params: { proxy: proxy.host, actual: String(status) } };
}
