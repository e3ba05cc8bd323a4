import type { Evidence } from "@sentinel/contracts";
import type { ExchangeFacts } from "@sentinel/egress";

type PeerEvidence = Pick<Evidence, "addressesTried" | "dnsAnswer" | "certificateChain">;

/** How the other end was found and what it showed of itself, as messages. */
export function peerEvidence({ addressesTried = [], lookup, certificateChain }: ExchangeFacts): PeerEvidence {
  return {
    addressesTried: addressesTried.map((each) => ({ ...each })),
    dnsAnswer: lookup === undefined ? undefined : { ...lookup, records: lookup.records.map((each) => ({ ...each })) },
    certificateChain: (certificateChain?.() ?? []).map(({ names, ...each }) => ({ ...each, names: [...names] })),
  };
}
