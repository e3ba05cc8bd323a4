import type { EndpointResult } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import type { Egress } from "@sentinel/egress";
import { type Clock, systemClock } from "@sentinel/service-kit";
import type { SecretSource } from "../core/secrets.ts";
import type { ProbeRequest } from "./probe.ts";

interface Asking {
  readonly egress: Egress;
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly secret?: SecretSource;
}

/** An endpoint as people write it, read as the product reads it, ready to be probed. */
export function requestFor(endpoint: object, { egress, timeoutMs = 2000, clock, secret }: Asking): ProbeRequest {
  const parsed = parseMonitorInput({ name: "x", endpoints: [endpoint], timeout: `${timeoutMs}ms`, slowAfter: "60s" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [first] = parsed.spec.endpoints;
  if (first === undefined) throw new Error("no endpoint");
  const deps = { egress, clock: clock ?? systemClock, secret: secret ?? (() => undefined) };
  return { endpoint: first, spec: parsed.spec, deps, signal: new AbortController().signal };
}

/** In short what came of a check. */
export const inShort = ({ verdict, reason }: EndpointResult) => `${verdict.replace("VERDICT_", "")} ${reason}`.trim();
