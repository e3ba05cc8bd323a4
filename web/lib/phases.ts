import type { EndpointResultView } from "@sentinel/contracts/api";

type PhaseName = "dns" | "connect" | "tls" | "firstByte" | "transfer";

export interface PhaseShare {
  readonly name: PhaseName;
  readonly ms: number;
  /** Part of the whole, from 0 to 1. */
  readonly share: number;
}

/** The phases that took place, in order; a phase of no time did not. */
export function phaseShares(phases: EndpointResultView["phases"]): readonly PhaseShare[] {
  const all: readonly (readonly [PhaseName, number])[] = [
    ["dns", phases.dnsMs],
    ["connect", phases.connectMs],
    ["tls", phases.tlsMs],
    ["firstByte", phases.firstByteMs],
    ["transfer", phases.transferMs],
  ];
  const taken = all.filter(([, ms]) => ms > 0);
  const total = taken.reduce((sum, [, ms]) => sum + ms, 0);
  return taken.map(([name, ms]) => ({ name, ms, share: Number((ms / total).toFixed(4)) }));
}
