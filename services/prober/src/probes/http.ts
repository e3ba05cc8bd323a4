import { judgeStatusAndBody } from "../core/verdict.ts";
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
      look: (subject, of) => {
        switch (subject) {
          case "status":
            return [String(response.status)];
          case "header": {
            const value = response.headers[of.toLowerCase()];
            return value === undefined ? undefined : [value];
          }
          case "body":
            return [text()];
          case "size":
            return [String(response.body.length)];
          case "redirects":
            return [String(response.redirects.length)];
          default:
            return undefined;
        }
      },
    };
  });
