import type { BlackboxModule } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { type Egress, EgressError } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";
import { Unchecked } from "../probes/probe.ts";
import { failure, type Outcome, type ProbeContext } from "./context.ts";
import { probeDns } from "./dns.ts";
import { probeGrpc } from "./grpc.ts";
import { probeHttp } from "./http.ts";
import { probeIcmp } from "./icmp.ts";
import { createMetrics, type Labels } from "./metrics.ts";
import { probeTcp } from "./tcp.ts";

export interface ProbeTarget {
  readonly module: BlackboxModule;
  readonly target: string;
  readonly timeoutMs: number;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly readFile: (path: string) => Promise<string>;
}

export interface ProbedTarget {
  readonly success: boolean;
  /** A code of the reason table; empty for a success. */
  readonly reason: string;
  /** In Prometheus's text format. */
  readonly metrics: string;
  /** What was done, one line each, for the debug output. */
  readonly log: readonly string[];
}

/** Probes one target as a module says. Failing is a result, never a throw. */
export async function probeTarget(asked: ProbeTarget): Promise<ProbedTarget> {
  const { module, target, timeoutMs, clock } = asked;
  const from = clock.monotonic();
  const metrics = createMetrics();
  const lines: string[] = [];
  const log = (message: string, fields: Labels = {}): void => {
    const texts = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    lines.push([`ts=${new Date(clock.now()).toISOString()}`, `msg=${JSON.stringify(message)}`, ...texts].join(" "));
  };
  const remainingMs = (): number => Math.max(1, timeoutMs - (clock.monotonic() - from));
  metrics.set("probe_success", 0);
  log("Beginning probe", { probe: module.prober, timeout_seconds: String(timeoutMs / 1000) });
  const outcome = await outcomeOf(module, target, { ...asked, metrics, log, remainingMs });
  const seconds = (clock.monotonic() - from) / 1000;
  metrics.set("probe_duration_seconds", seconds);
  metrics.set("probe_success", outcome.success ? 1 : 0);
  if (!outcome.success) metrics.set("sentinel_probe_reason_info", 1, { reason: outcome.reason });
  const ended = { reason: outcome.reason, duration_seconds: String(seconds) };
  log(outcome.success ? "Probe succeeded" : "Probe failed", ended);
  return { ...outcome, metrics: metrics.text(), log: lines };
}

async function outcomeOf(module: BlackboxModule, target: string, context: ProbeContext): Promise<Outcome> {
  try {
    return await proberOf(module, target, context);
  } catch (thrown) {
    if (thrown instanceof Unchecked) return failure(thrown.reason);
    if (thrown instanceof EgressError) {
      const { reason, phase, params } = thrown.failure;
      context.log("Error on the way", { ...params, reason, phase });
      return failure(reason);
    }
    if (!(thrown instanceof SentinelError)) throw thrown;
    context.log("The probe could not be made", thrown.params);
    return failure(thrown.code);
  }
}

/** One line for each prober. */
function proberOf(module: BlackboxModule, target: string, context: ProbeContext): Promise<Outcome> {
  switch (module.prober) {
    case "http":
      return probeHttp(module.http, target, context);
    case "tcp":
      return probeTcp(module.tcp, target, context);
    case "dns":
      return module.dns === undefined ? Promise.resolve(failure("bad_url")) : probeDns(module.dns, target, context);
    case "icmp":
      return probeIcmp(module.icmp, target, context);
    case "grpc":
      return probeGrpc(module.grpc, target, context);
  }
}
