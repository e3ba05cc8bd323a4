import { type CheckResult, type Evidence, Verdict } from "@sentinel/contracts";

/** The same result in fewer bytes, for a bus that refused it for its size: first without bodies, then without what was seen. */
export function smallerResult(result: CheckResult, refusals: number): CheckResult {
  return refusals <= 1 ? withoutBodies(result) : tooLarge(result);
}

const withoutBodies = (result: CheckResult): CheckResult => ({
  ...result,
  endpoints: result.endpoints.map(({ evidence, ...endpoint }) => ({ ...endpoint, evidence: withoutBody(evidence) })),
});

const withoutBody = (evidence: Evidence | undefined): Evidence | undefined =>
  evidence === undefined ? undefined : { ...evidence, bodyHead: new Uint8Array(), screenshot: new Uint8Array() };

/** What the round saw cannot be told, so nothing is claimed about the target. */
const tooLarge = (result: CheckResult): CheckResult => ({
  ...result,
  verdict: Verdict.UNKNOWN,
  reason: "result_too_large",
  endpoints: [],
});
