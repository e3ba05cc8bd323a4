import type { DialTarget } from "@sentinel/egress";
import type { ProbeRequest } from "./probe.ts";

/**
 * Whom to dial for the address of an endpoint.
 * @param usualPort of the protocol, where the address names none.
 */
export function whereTo({ endpoint, spec, signal }: ProbeRequest, usualPort = 0): DialTarget {
  const url = new URL(endpoint.url);
  const port = url.port === "" ? usualPort : Number(url.port);
  return { host: url.hostname, port, timeoutMs: spec.timeoutMs, signal };
}
