import { domainToASCII } from "node:url";
import type { DialTarget } from "@sentinel/egress";
import type { ProbeRequest } from "./probe.ts";

/** The host of an address as it is looked up: outside http, URLs leave other scripts percent-encoded. */
export function hostOf(url: URL): string {
  try {
    return domainToASCII(decodeURIComponent(url.hostname)) || url.hostname;
  } catch {
    return url.hostname;
  }
}

/**
 * Whom to dial for the address of an endpoint.
 * @param usualPort of the protocol, where the address names none.
 */
export function whereTo({ endpoint, spec, signal }: ProbeRequest, usualPort = 0): DialTarget {
  const url = new URL(endpoint.url);
  const port = url.port === "" ? usualPort : Number(url.port);
  return { host: hostOf(url), port, timeoutMs: spec.timeoutMs, signal };
}
