import type { BlackboxIcmp } from "@sentinel/contracts/config";
import { lossReason } from "../core/ping-output.ts";
import { runPing } from "../probes/icmp.ts";
import { chooseAddress } from "./choose-address.ts";
import { failure, type Outcome, type ProbeContext, SUCCESS } from "./context.ts";

const SUMMARY_MS = 20;

/** One packet by Debian's `ping`, which may open the socket that this process may not. @throws EgressError, Unchecked */
export async function probeIcmp(icmp: BlackboxIcmp, target: string, context: ProbeContext): Promise<Outcome> {
  const { metrics, clock } = context;
  const phase = (name: string, seconds: number): void =>
    metrics.set("probe_icmp_duration_seconds", seconds, { phase: name });
  for (const name of ["resolve", "setup", "rtt"]) phase(name, 0);
  const { address, lookupSeconds } = await chooseAddress(target.replace(/^\[|\]$/g, ""), icmp, context);
  phase("resolve", lookupSeconds);
  const from = clock.monotonic();
  const remainingMs = context.remainingMs();
  const output = await runPing(
    "ping",
    argumentsFor(icmp, address, remainingMs),
    remainingMs,
    new AbortController().signal,
  );
  if (output.received === 0) return failure(lossReason(target, output).reason);
  const rttMs = output.rttMs ?? clock.monotonic() - from;
  phase("rtt", rttMs / 1000);
  phase("setup", Math.max(0, clock.monotonic() - from - rttMs) / 1000);
  if (output.hopLimit !== undefined) metrics.set("probe_icmp_reply_hop_limit", output.hopLimit);
  return SUCCESS;
}

function argumentsFor(icmp: BlackboxIcmp, address: string, remainingMs: number): readonly string[] {
  const waitMs = Math.max(1, remainingMs - SUMMARY_MS);
  const fragment = icmp.dont_fragment ? ["-M", "do"] : [];
  const hops = icmp.ttl === 0 ? [] : ["-t", String(icmp.ttl)];
  return ["-n", "-c", "1", "-W", String(waitMs / 1000), "-s", String(icmp.payload_size), ...fragment, ...hops, address];
}
