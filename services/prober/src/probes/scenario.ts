import { type ScenarioStep, Verdict } from "@sentinel/contracts";
import { compilePattern, fillVariables } from "@sentinel/contracts/config";
import { EgressError, type EgressPhases, type EgressResponse, type ExchangeFacts } from "@sentinel/egress";
import { type Judgement, judgeAssertions, WELL } from "../core/assertions.ts";
import { type CookieJar, createCookieJar } from "../core/cookie-jar.ts";
import { jsonValues, NotJson } from "../core/json-nodes.ts";
import { createWork, patternCost, TooCostly } from "../core/work.ts";
import { exchangeHttp, type HttpAsk, isRefused } from "./http-exchange.ts";
import { lookAtHttp } from "./look-at-http.ts";
import { lookAt, type ProbeRequest, type See, type Seen } from "./probe.ts";

/** What a scenario carries from step to step. */
interface Way {
  readonly request: ProbeRequest;
  readonly jar: CookieJar;
  readonly variables: Map<string, string>;
  readonly phases: EgressPhases;
  readonly leftMs: () => number;
}

/** The steps in order with one cookie jar, until one is down; phases are summed over all requests. */
export const seeScenario: See<"scenario"> = async ({ steps }, request) => {
  const until = request.deps.clock.monotonic() + request.spec.timeoutMs;
  const way: Way = {
    request,
    jar: createCookieJar(),
    variables: new Map(),
    phases: { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, transferMs: 0 },
    leftMs: () => Math.max(1, until - request.deps.clock.monotonic()),
  };
  let worst: Seen | undefined;
  let last: Seen | undefined;
  for (const step of steps) {
    last = await seeStep(step, way);
    const { verdict } = last.judgement ?? WELL;
    if (verdict === Verdict.DOWN || verdict === Verdict.UNKNOWN) return last;
    if (verdict === Verdict.DEGRADED) worst ??= last;
  }
  if (last === undefined) throw new Error("a scenario without steps");
  const seen = worst ?? last;
  return { ...seen, facts: { ...seen.facts, phases: way.phases } };
};

async function seeStep(step: ScenarioStep, way: Way): Promise<Seen> {
  const requestLine = `${step.name}: ${step.method} ${step.url}`;
  const seen = (facts: ExchangeFacts, judgement: Judgement): Seen => ({
    facts: { ...facts, phases: { ...way.phases } },
    requestLine,
    judgement: judgement === WELL ? WELL : { ...judgement, params: { ...judgement.params, step: step.name } },
  });
  try {
    const response = await follow(step, way);
    return seen(response, judgeStep(step, response, way));
  } catch (thrown) {
    if (!(thrown instanceof EgressError)) throw thrown;
    const { reason, params, facts } = thrown.failure;
    add(way.phases, facts.phases);
    return seen(facts, { verdict: Verdict.DOWN, reason, params });
  }
}

/** Values are taken before anything is judged, so that they are kept out of the evidence of a failure too. */
function judgeStep(step: ScenarioStep, response: EgressResponse, way: Way): Judgement {
  const missing = step.captures.find((each) => !capture(each, response, way));
  const judged = judgeAnswer(step, response, way.request.deps.clock.now());
  if (judged.verdict === Verdict.DOWN || judged.verdict === Verdict.UNKNOWN || missing === undefined) return judged;
  const params = { name: missing.name, where: `${missing.subject} ${missing.of}` };
  return { verdict: Verdict.DOWN, reason: "capture_missing", params };
}

/** A status of 2xx is expected where no assertion looks at the status. */
function judgeAnswer(step: ScenarioStep, response: EgressResponse, nowMs: number): Judgement {
  const asks = step.assertions.some(({ subject }) => subject === "status");
  const actual = String(response.status);
  if (!asks && isRefused(step.http, response)) {
    return { verdict: Verdict.DOWN, reason: "auth_refused", params: { host: new URL(step.url).host, actual } };
  }
  if (!asks && (response.status < 200 || response.status > 299)) {
    return { verdict: Verdict.DOWN, reason: "status", params: { expected: "2xx", actual } };
  }
  const look = lookAtHttp(response, () => textOf(response));
  return judgeAssertions(step.assertions, lookAt({ facts: response, look }, nowMs));
}

const textOf = (response: EgressResponse): string => new TextDecoder().decode(response.body);

/** Keeps one value under its name and out of the evidence; false where there is none. */
function capture(each: ScenarioStep["captures"][number], response: EgressResponse, way: Way): boolean {
  const value = captured(each, response, way.jar);
  if (value === undefined) return false;
  way.request.hide?.(value);
  way.variables.set(each.name, value);
  return true;
}

function captured(
  { subject, of }: ScenarioStep["captures"][number],
  response: EgressResponse,
  jar: CookieJar,
): string | undefined {
  if (subject === "header") return response.headers[of.toLowerCase()];
  if (subject === "cookie") return jar.value(of);
  const work = createWork();
  try {
    if (subject === "json") return jsonValues(textOf(response), of, work)?.[0];
    const compiled = compilePattern(of);
    if (!compiled.ok) return undefined;
    const text = textOf(response);
    work.spend(patternCost(compiled.pattern.instructions, text));
    return compiled.pattern.capture(text);
  } catch (thrown) {
    if (thrown instanceof NotJson || thrown instanceof TooCostly) return undefined;
    throw thrown;
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Asks, keeps the cookies of every hop, and follows redirects as far as the step allows. */
async function follow(step: ScenarioStep, way: Way): Promise<EgressResponse> {
  const redirects: string[] = [];
  let ask = firstAsk(step, way);
  for (;;) {
    const response = await exchangeHttp({ ...ask, timeoutMs: way.leftMs() }, way.request, (text) =>
      fillVariables(text, (name) => way.variables.get(name)),
    );
    add(way.phases, response.phases);
    const url = new URL(ask.url);
    const set = response.headers["set-cookie"];
    if (set !== undefined) way.jar.take(url, set, way.request.deps.clock.now());
    for (const value of way.jar.values()) way.request.hide?.(value);
    const to = redirects.length < step.maxRedirects ? targetOf(url, response) : undefined;
    const next = to === undefined ? undefined : nextAsk(ask, to, response.status);
    if (next === undefined) return { ...response, redirects };
    redirects.push(next.url);
    ask = { ...next, cookies: way.jar.header(new URL(next.url)) };
  }
}

function firstAsk(step: ScenarioStep, way: Way): HttpAsk {
  const url = fillVariables(step.url, (name) => {
    const value = way.variables.get(name);
    return value === undefined ? undefined : encodeURIComponent(value);
  });
  const { method, headers, http } = step;
  const cookies = way.jar.header(new URL(url));
  return { url, method, headers, options: http, maxRedirects: 0, timeoutMs: 0, cookies };
}

const targetOf = (from: URL, { status, headers }: EgressResponse): URL | undefined =>
  REDIRECTS.has(status) ? (URL.parse(headers["location"] ?? "", from.href) ?? undefined) : undefined;

/** Nothing of the step but its way of connecting goes to another origin; undefined for a body that would. */
function nextAsk(ask: HttpAsk, to: URL, status: number): HttpAsk | undefined {
  const stays = to.origin === new URL(ask.url).origin;
  const keeps = status === 307 || status === 308 || ask.method === "HEAD";
  const options = ask.options === undefined ? undefined : { ...ask.options, body: keeps ? ask.options.body : "" };
  const next = { ...ask, url: to.href, method: keeps ? ask.method : "GET", options };
  if (stays) return next;
  if ((options?.body ?? "") !== "") return undefined;
  const tls = options?.tls === undefined ? undefined : { ...options.tls, certificate: "", key: "", serverName: "" };
  return { ...next, headers: {}, options: options === undefined ? undefined : { ...options, auth: undefined, tls } };
}

function add(sum: EgressPhases, more: EgressPhases): void {
  sum.dnsMs += more.dnsMs;
  sum.connectMs += more.connectMs;
  sum.tlsMs += more.tlsMs;
  sum.firstByteMs += more.firstByteMs;
  sum.transferMs += more.transferMs;
}
