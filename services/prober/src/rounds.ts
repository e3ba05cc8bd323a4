import {
  CheckResult,
  type EndpointResult,
  type Monitor,
  type MonitorSpec,
  pingSeqOf,
  type SentinelApi,
  Verdict,
} from "@sentinel/contracts";
import type { Egress } from "@sentinel/egress";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Browsers } from "./browser/browsers.ts";
import { honest, verdictOf } from "./core/verdict.ts";
import type { Hears } from "./probes/probe.ts";
import { probe } from "./probes/index.ts";
import type { SecretSource } from "./core/secrets.ts";

/** Tells what a job has told of itself; absent where nobody takes pings. */
export type HeartbeatSource = Partial<Pick<SentinelApi, "getHeartbeat">>;

export interface RoundsDeps {
  readonly api: HeartbeatSource;
  readonly kit: ServiceKit;
  readonly egress: Egress;
  readonly secret: SecretSource;
  readonly browsers?: Browsers;
  readonly region: string;
  readonly name: string;
  readonly loopDelayP99Ms: () => number;
}

export interface RoundRequest {
  readonly monitor: Monitor;
  readonly spec: MonitorSpec;
  readonly slotMs: number;
  readonly onDemand: boolean;
  readonly traceparent: string;
  /** Names the request this round answers; empty on a slot. */
  readonly requestId: string;
}

/** Asks all endpoints of a monitor at once and makes one result of the answers. */
export async function runRound(deps: RoundsDeps, request: RoundRequest, signal: AbortSignal): Promise<CheckResult> {
  const { kit } = deps;
  const { monitor, spec, slotMs } = request;
  const span = kit.tracing.start("prober.check", {
    parent: request.traceparent,
    kind: "client",
    attributes: { "sentinel.monitor": spec.name },
  });
  const startedAtMs = kit.clock.now();
  const from = kit.clock.monotonic();
  const { egress, secret, browsers } = deps;
  const probeDeps = { egress, clock: kit.clock, secret, ...(browsers === undefined ? {} : { browsers }) };
  const hears = hearsOf(deps.api, request, signal);
  const endpoints = await Promise.all(
    spec.endpoints.map((endpoint) => probe({ endpoint, spec, deps: probeDeps, signal, hears })),
  );
  const latenessMs = request.onDemand ? 0 : Math.max(0, startedAtMs - slotMs);
  const round = honest(verdictOf(endpoints), { latenessMs, loopDelayP99Ms: deps.loopDelayP99Ms() });
  span.set({ "sentinel.verdict": round.verdict, "sentinel.reason": round.reason });
  span.end();
  return {
    ...emptyResult(deps, monitor, slotMs),
    startedAtMs,
    durationMs: slowest(endpoints, kit.clock.monotonic() - from),
    verdict: round.verdict,
    reason: round.reason,
    endpoints,
    traceparent: span.traceparent,
    onDemand: request.onDemand,
    requestId: request.requestId,
  };
}

function hearsOf({ getHeartbeat }: HeartbeatSource, request: RoundRequest, signal: AbortSignal): Hears | undefined {
  if (getHeartbeat === undefined) return undefined;
  const { monitor, requestId, traceparent } = request;
  return {
    sinceMs: monitor.changedAtMs,
    seq: pingSeqOf(requestId),
    heard: (seq) => getHeartbeat({ monitorId: monitor.id, seq }, { signal, traceparent }),
  };
}

const slowest = (endpoints: readonly EndpointResult[], elapsedMs: number): number =>
  Math.max(0, ...endpoints.map((each) => each.durationMs)) || elapsedMs;

/** Slots nobody ran, as one result; named by the first of them unless `nameMs`, which is not after it, says otherwise. */
export function missedResult(
  deps: Pick<RoundsDeps, "region" | "name">,
  monitor: Monitor,
  missed: { readonly firstMs: number; readonly count: number; readonly nameMs?: number },
  everyMs: number,
  reason: string,
): CheckResult {
  const { firstMs, count, nameMs = firstMs } = missed;
  return {
    ...emptyResult(deps, monitor, nameMs),
    verdict: Verdict.MISSED,
    reason,
    missedSlots: count,
    missedUntilMs: firstMs + (count - 1) * everyMs,
  };
}

function emptyResult(deps: Pick<RoundsDeps, "region" | "name">, monitor: Monitor, slotMs: number): CheckResult {
  return CheckResult.fromPartial({
    monitorId: monitor.id,
    region: deps.region,
    prober: deps.name,
    slotMs,
    monitorVersion: monitor.version,
  });
}
