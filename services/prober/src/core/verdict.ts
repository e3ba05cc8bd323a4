import { type EndpointResult, type MonitorSpec, Verdict } from "@sentinel/contracts";

/** What became of a round of endpoints: all failing is down, some failing or slow is degraded. */
export function verdictOf(endpoints: readonly EndpointResult[]): {
  readonly verdict: Verdict;
  readonly reason: string;
} {
  const failing = endpoints.filter((each) => each.verdict !== Verdict.HEALTHY);
  if (failing.length === 0) return { verdict: Verdict.HEALTHY, reason: "" };
  const down = failing.filter((each) => each.verdict === Verdict.DOWN);
  const worst = down[0] ?? failing[0];
  const verdict = down.length === endpoints.length ? Verdict.DOWN : Verdict.DEGRADED;
  return { verdict, reason: worst?.reason ?? "" };
}

/** What an endpoint answered, as far as the verdict needs it. */
export interface Answer {
  readonly status: number;
  readonly durationMs: number;
  readonly body: string;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
}

type Endpoint = MonitorSpec["endpoints"][number];

/** An answer against what the endpoint must answer; status first, then content, then time. */
export function judgeAnswer(endpoint: Endpoint, slowAfterMs: number, answer: Answer): Judgement {
  if (!statusFits(endpoint.expectStatus, answer.status)) {
    const expected = endpoint.expectStatus.length === 0 ? "2xx" : endpoint.expectStatus.join(", ");
    return { verdict: Verdict.DOWN, reason: "status", params: { expected, actual: String(answer.status) } };
  }
  if (endpoint.expectBodyContains !== "" && !answer.body.includes(endpoint.expectBodyContains)) {
    return { verdict: Verdict.DOWN, reason: "body_mismatch", params: { expected: endpoint.expectBodyContains } };
  }
  const limitMs = endpoint.maxLatencyMs > 0 ? endpoint.maxLatencyMs : slowAfterMs;
  if (limitMs > 0 && answer.durationMs > limitMs) {
    const params = { limitMs: String(limitMs), latencyMs: String(Math.round(answer.durationMs)) };
    return { verdict: Verdict.DEGRADED, reason: "slow", params };
  }
  return { verdict: Verdict.HEALTHY, reason: "", params: {} };
}

function statusFits(expected: readonly number[], actual: number): boolean {
  return expected.length === 0 ? actual >= 200 && actual < 300 : expected.includes(actual);
}

/** Signs that this prober, not the target, was too slow to judge. */
export interface Fitness {
  readonly latenessMs: number;
  readonly loopDelayP99Ms: number;
}

const MAX_LATENESS_MS = 1000;
const MAX_LOOP_DELAY_MS = 200;

/** A failure that our own slowness may have caused is unknown, never down. */
export function honest(
  round: { readonly verdict: Verdict; readonly reason: string },
  fitness: Fitness,
): { readonly verdict: Verdict; readonly reason: string } {
  const timely = fitness.latenessMs < MAX_LATENESS_MS && fitness.loopDelayP99Ms < MAX_LOOP_DELAY_MS;
  const doubtful = round.reason === "slow" || round.reason.startsWith("timeout_");
  return timely || !doubtful ? round : { verdict: Verdict.UNKNOWN, reason: "prober_overloaded" };
}
