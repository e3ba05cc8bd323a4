import { type PrometheusCheck, Verdict } from "@sentinel/contracts";
import type { EgressResponse } from "@sentinel/egress";
import { type Judgement, WELL } from "../core/assertions.ts";
import { objectAt, textAt } from "../core/json-at.ts";
import { exchangeHttp, type HttpAsk, isRefused } from "./http-exchange.ts";
import type { Endpoint, See } from "./probe.ts";
import { shown } from "./reader.ts";

/** Part of our own deadline after which the server itself gives up, so that it can say so. */
const SERVER_SHARE = 0.9;

/** One instant query; its values are what assertions look at. */
export const seePrometheus: See<"prometheus"> = async (check, request) => {
  const { endpoint, spec } = request;
  const serverMs = Math.max(1, Math.floor(spec.timeoutMs * SERVER_SHARE));
  const base = endpoint.url.replace(/^prometheus\+/i, "").replace(/[?#].*$/, "");
  const query = new URLSearchParams({ query: check.query, timeout: `${serverMs}ms` });
  const ask: HttpAsk = {
    url: `${base.replace(/\/+$/, "")}/api/v1/query?${query.toString()}`,
    method: "GET",
    headers: { accept: "application/json", ...endpoint.headers },
    options: endpoint.http,
    maxRedirects: endpoint.maxRedirects,
    timeoutMs: spec.timeoutMs,
  };
  const response = await exchangeHttp(ask, request);
  const answer = isRefused(endpoint.http, response) ? refused(endpoint, response) : answerOf(response);
  const { values } = answer;
  return {
    facts: response,
    requestLine: `${endpoint.url} ${check.query}`,
    judgement: answer.judgement ?? judgeEmpty(endpoint, check, values),
    look: (subject) => {
      if (subject === "rows") return [String(values.length)];
      return subject === "value" && values.length > 0 ? values : undefined;
    },
  };
};

interface Answer {
  /** Of each series its newest value. */
  readonly values: readonly string[];
  readonly judgement?: Judgement;
}

const down = (reason: string, params: Readonly<Record<string, string>>): Answer => ({
  values: [],
  judgement: { verdict: Verdict.DOWN, reason, params },
});

const refused = ({ url }: Endpoint, { status }: EgressResponse): Answer =>
  down("auth_refused", { host: new URL(url).host, actual: String(status) });

function answerOf(response: EgressResponse): Answer {
  const text = new TextDecoder().decode(response.body);
  const answer = objectAt(text);
  if (answer?.["status"] === "error") {
    const code = textAt(answer, "errorType") ?? "error";
    return down(code === "timeout" ? "query_timeout" : "query_failed", {
      code,
      actual: shown(textAt(answer, "error") ?? ""),
    });
  }
  if (response.status !== 200) return down("status", { expected: "200", actual: String(response.status) });
  const data = objectAt(JSON.stringify(answer?.["data"] ?? null));
  const values = data === undefined ? undefined : valuesOf(data["resultType"], data["result"]);
  if (values === undefined) {
    const { hostname: host, port } = new URL(`http://${response.remoteAddress ?? "unknown"}`);
    return down("wrong_protocol", { host, port, protocol: "Prometheus", actual: shown(text) });
  }
  return { values };
}

/** A point is its time and its value. */
const valueOf = (point: unknown): string => (Array.isArray(point) ? String(point[1] ?? "") : "");

function valuesOf(type: unknown, result: unknown): readonly string[] | undefined {
  if (!Array.isArray(result)) return undefined;
  if (type === "scalar" || type === "string") return [valueOf(result)];
  if (type === "vector") return result.map((each: { readonly value?: unknown } | null) => valueOf(each?.value));
  if (type !== "matrix") return undefined;
  return result.map((each: { readonly values?: unknown } | null) =>
    Array.isArray(each?.values) ? valueOf(each.values.at(-1)) : "",
  );
}

/** Nothing found is a failure of its own, unless an assertion says how many are expected, or that there be none. */
function judgeEmpty(endpoint: Endpoint, { query }: PrometheusCheck, values: readonly string[]): Judgement {
  const expectsNone = ({ subject, comparison }: Endpoint["assertions"][number]): boolean =>
    subject === "rows" || (subject === "value" && comparison === "exists_not");
  if (values.length > 0 || endpoint.assertions.some(expectsNone)) return WELL;
  return { verdict: Verdict.DOWN, reason: "no_data", params: { query } };
}
