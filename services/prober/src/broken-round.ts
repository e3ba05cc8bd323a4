import { CheckResult, EndpointResult, Evidence, Verdict } from "@sentinel/contracts";
import { whatBroke } from "./probes/what-broke.ts";
import type { RoundRequest, RoundsDeps } from "./rounds.ts";

/** The round, or that it could not be judged because of a fault of our own: a slot never goes without a word. */
export async function orBroken(
  { kit, region, name }: Pick<RoundsDeps, "kit" | "region" | "name">,
  request: RoundRequest,
  stopping: AbortSignal,
  round: () => Promise<CheckResult>,
): Promise<CheckResult> {
  const startedAtMs = kit.clock.now();
  const from = kit.clock.monotonic();
  try {
    return await round();
  } catch (error) {
    if (stopping.aborted) throw error;
    kit.log.error("prober.round_broke", { error, monitor: request.spec.name });
    const { monitor, spec, slotMs, onDemand, requestId, traceparent } = request;
    const evidence = { ...Evidence.fromPartial({}), params: { ...whatBroke(error) } };
    const broken = { verdict: Verdict.UNKNOWN, reason: "check_broke" };
    return {
      ...CheckResult.fromPartial({ monitorId: monitor.id, monitorVersion: monitor.version, prober: name, region }),
      ...broken,
      slotMs,
      startedAtMs,
      durationMs: kit.clock.monotonic() - from,
      onDemand,
      requestId,
      traceparent,
      endpoints: spec.endpoints.map(({ url }) => ({ ...EndpointResult.fromPartial({ url }), ...broken, evidence })),
    };
  }
}
