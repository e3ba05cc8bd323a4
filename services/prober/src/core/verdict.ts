import { type EndpointResult, type MonitorSpec, Verdict } from "@sentinel/contracts";
import { type Judgement, WELL } from "./assertions.ts";
import type { Usual } from "./usual.ts";

/**
 * What became of a round of endpoints: all failing is down, some failing or slow is degraded. What could not be told of
 * one endpoint hides nothing that was seen of another.
 */
export function verdictOf(endpoints: readonly EndpointResult[]): {
  readonly verdict: Verdict;
  readonly reason: string;
} {
  const untold = endpoints.find((each) => each.verdict === Verdict.UNKNOWN);
  const failing = endpoints.filter((each) => each.verdict !== Verdict.HEALTHY && each.verdict !== Verdict.UNKNOWN);
  if (failing.length === 0 && untold !== undefined) return { verdict: Verdict.UNKNOWN, reason: untold.reason };
  if (failing.length === 0) return { verdict: Verdict.HEALTHY, reason: "" };
  const down = failing.filter((each) => each.verdict === Verdict.DOWN);
  const worst = down[0] ?? failing[0];
  const verdict = down.length === endpoints.length ? Verdict.DOWN : Verdict.DEGRADED;
  return { verdict, reason: worst?.reason ?? "" };
}

/** Our own rules forbid these: nothing was asked of the target, so nothing is known of it. */
const REFUSED_BY_US: ReadonlySet<string> = new Set(["address_forbidden", "address_metadata"]);

/** What it says of the target that no whole answer came. */
export const verdictOfFailure = (reason: string): Verdict =>
  REFUSED_BY_US.has(reason) ? Verdict.UNKNOWN : Verdict.DOWN;

type Endpoint = MonitorSpec["endpoints"][number];

/** What an HTTP endpoint must answer by its short forms: status first, then content. */
export function judgeStatusAndBody(endpoint: Endpoint, status: number, body: () => string): Judgement {
  if (!statusFits(endpoint.expectStatus, status)) {
    const expected = endpoint.expectStatus.length === 0 ? "2xx" : endpoint.expectStatus.join(", ");
    return { verdict: Verdict.DOWN, reason: "status", params: { expected, actual: String(status) } };
  }
  if (endpoint.expectBodyContains !== "" && !body().includes(endpoint.expectBodyContains)) {
    return { verdict: Verdict.DOWN, reason: "body_mismatch", params: { expected: endpoint.expectBodyContains } };
  }
  return WELL;
}

/** What is well so far, or only degraded, may still have come too late. */
export function judgeTime(
  endpoint: Endpoint,
  slowAfterMs: number,
  durationMs: number,
  soFar: Judgement = WELL,
  usual?: Usual,
): Judgement {
  const limitMs = endpoint.maxLatencyMs > 0 ? endpoint.maxLatencyMs : slowAfterMs;
  if (soFar.verdict !== Verdict.HEALTHY) return soFar;
  if (limitMs === 0 || durationMs <= limitMs) {
    // Whoever set a limit for the endpoint has said what is slow.
    return endpoint.maxLatencyMs > 0 ? soFar : judgeUsual(durationMs, usual, soFar);
  }
  const params = { limitMs: String(limitMs), latencyMs: String(Math.round(durationMs)) };
  return { verdict: Verdict.DEGRADED, reason: "slow", params };
}

function judgeUsual(durationMs: number, usual: Usual | undefined, soFar: Judgement): Judgement {
  if (usual === undefined || durationMs <= usual.limitMs) return soFar;
  const params = {
    limitMs: String(Math.round(usual.limitMs)),
    latencyMs: String(Math.round(durationMs)),
    usualMs: String(Math.round(usual.p95Ms)),
  };
  return { verdict: Verdict.DEGRADED, reason: "slower_than_usual", params };
}

function statusFits(expected: readonly number[], actual: number): boolean {
  return expected.length === 0 ? actual >= 200 && actual < 300 : expected.includes(actual);
}

/** Signs that this prober, not the target, was too slow to judge. */
export interface Fitness {
  readonly latenessMs: number;
  readonly loopDelayP99Ms: number;
}

/** What comes late where we are; what a page shows too late is not there when it is looked for. */
const WAITED_FOR = new Set([
  "slow",
  "slower_than_usual",
  "page_text_missing",
  "page_element_missing",
  "page_element_unusable",
  "page_element_visible",
  "page_url",
  "page_hangs",
  "page_script_late",
]);

const MAX_LATENESS_MS = 1000;
const MAX_LOOP_DELAY_MS = 200;

/** A failure that our own slowness may have caused is unknown, never down. */
export function honest(
  round: { readonly verdict: Verdict; readonly reason: string },
  fitness: Fitness,
): { readonly verdict: Verdict; readonly reason: string } {
  const timely = fitness.latenessMs < MAX_LATENESS_MS && fitness.loopDelayP99Ms < MAX_LOOP_DELAY_MS;
  const doubtful = round.reason.startsWith("timeout_") || WAITED_FOR.has(round.reason);
  return timely || !doubtful ? round : { verdict: Verdict.UNKNOWN, reason: "prober_overloaded" };
}
