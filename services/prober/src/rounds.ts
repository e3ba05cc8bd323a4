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
import { isOurs } from "./core/judge-ourselves.ts";
import { isRetried, isSilence } from "./core/network-like.ts";
import type { Usual } from "./core/usual.ts";
import { honest, verdictOf } from "./core/verdict.ts";
import type { Hears, ProbeRequest } from "./probes/probe.ts";
import { probe } from "./probes/index.ts";
import type { SecretSource } from "./core/secrets.ts";
import type { HostPlaces } from "./host-places.ts";
import type { SelfCheck } from "./self/self-check.ts";
import { addressesOf, failingAddress, hostOf } from "./self/target-of.ts";

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
  /** How long rounds of a monitor usually take. */
  readonly usual?: (monitorId: string) => Usual | undefined;
  /** How many may ask one host at a time; without it as many as there are. */
  readonly hosts?: HostPlaces;
  /** Finds out whether it is us, before a failure is told; without it every failure is the target's. */
  readonly selfCheck?: Pick<SelfCheck, "judge">;
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
  const fromMs = performance.now();
  const { egress, secret, browsers } = deps;
  const probeDeps = { egress, clock: kit.clock, secret, ...(browsers === undefined ? {} : { browsers }) };
  const usual = deps.usual?.(monitor.id);
  const hears = hearsOf(deps.api, request, signal);
  const endpoints = await Promise.all(
    spec.endpoints.map((endpoint) => {
      const probe = (): Promise<EndpointResult> =>
        probeTwice({ endpoint, spec, deps: probeDeps, signal, hears, usual });
      return deps.hosts === undefined ? probe() : deps.hosts.run(hostAsked(endpoint), probe);
    }),
  );
  const latenessMs = request.onDemand ? 0 : Math.max(0, startedAtMs - slotMs);
  const seen = honest(verdictOf(endpoints), { latenessMs, loopDelayP99Ms: deps.loopDelayP99Ms() });
  const urls = spec.endpoints.flatMap(addressesOf);
  const failed = endpoints.findIndex(({ reason }) => reason === seen.reason);
  const [asked, given] = [spec.endpoints[failed], endpoints[failed]];
  const failing = asked === undefined || given === undefined ? "" : failingAddress(asked, given);
  const round = (await deps.selfCheck?.judge(seen, { urls, failing, fromMs })) ?? seen;
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

const askedHosts = new WeakMap<MonitorSpec["endpoints"][number], string>();

/** The same definition is read with every round. */
function hostAsked(endpoint: MonitorSpec["endpoints"][number]): string {
  const known = askedHosts.get(endpoint);
  if (known !== undefined) return known;
  const host = hostOf(endpoint.url);
  askedHosts.set(endpoint, host);
  return host;
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

/**
 * Asks once more where the way to the target may be to blame, within the time that is left: a packet that was lost is no
 * outage. What is wrong on our side is not the target's failure.
 */
async function probeTwice(request: ProbeRequest): Promise<EndpointResult> {
  const { endpoint, spec, deps } = request;
  const fromMs = deps.clock.monotonic();
  const first = await probe(request);
  const leftMs = spec.timeoutMs - (deps.clock.monotonic() - fromMs);
  const again =
    first.verdict === Verdict.DOWN && isRetried(endpoint.check?.$case ?? "http", endpoint.method, first.reason);
  if (!again || leftMs < MIN_RETRY_MS || request.signal.aborted) return oursAsUnknown(first);
  const second = await probe({ ...request, spec: { ...spec, timeoutMs: Math.floor(leftMs) } });
  // Less time was left than a check has: running out of it says less than the first failure.
  return oursAsUnknown(isSilence(second.reason) ? first : second);
}

const MIN_RETRY_MS = 200;

const oursAsUnknown = (result: EndpointResult): EndpointResult =>
  isOurs(result.reason) ? { ...result, verdict: Verdict.UNKNOWN } : result;

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
