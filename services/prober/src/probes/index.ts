import type { EndpointResult, MonitorSpec } from "@sentinel/contracts";
import type { Egress } from "@sentinel/egress";
import { probeHttp } from "./http.ts";

/** One way to check an endpoint. Failing is a result, never a throw. */
export type Probe = (
  endpoint: MonitorSpec["endpoints"][number],
  spec: MonitorSpec,
  egress: Egress,
  signal: AbortSignal,
) => Promise<EndpointResult>;

/** Check kinds by the scheme of the endpoint's address. */
const PROBES: Readonly<Record<string, Probe>> = { "http:": probeHttp, "https:": probeHttp };

/** An address of an unknown kind goes to the HTTP probe, whose egress says what is wrong with it. */
export function probeFor(url: string): Probe {
  return PROBES[URL.parse(url)?.protocol ?? ""] ?? probeHttp;
}
