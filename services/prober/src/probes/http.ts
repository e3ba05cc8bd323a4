import { judgeStatusAndBody } from "../core/verdict.ts";
import { lookAtHttp } from "./look-at-http.ts";
import { type Probe, resultOf } from "./probe.ts";

/** HTTP and HTTPS: one exchange over a fresh connection, judged by status, content, assertions and time. */
export const probeHttp: Probe = (request) =>
  resultOf(request, async () => {
    const { endpoint, spec, deps, signal } = request;
    const response = await deps.egress.request({
      url: endpoint.url,
      method: endpoint.method,
      headers: endpoint.headers,
      timeoutMs: spec.timeoutMs,
      maxRedirects: endpoint.maxRedirects,
      signal,
    });
    const text = (): string => new TextDecoder().decode(response.body);
    return {
      facts: response,
      judgement: judgeStatusAndBody(endpoint, response.status, text),
      look: lookAtHttp(response, text),
    };
  });
