import type { DetailedPeerCertificate } from "node:tls";
import type { PeerCertificateFacts } from "./egress.ts";

/** More than any server shows with reason. */
const MOST_CERTIFICATES = 6;
const MOST_NAMES = 20;

/** The certificate of the server and its issuers as far as they are known, its own first. */
export function certificateChain(leaf: DetailedPeerCertificate): readonly PeerCertificateFacts[] {
  const chain = new Map<string, PeerCertificateFacts>();
  let each: DetailedPeerCertificate | undefined = leaf;
  while (each?.fingerprint256 !== undefined && !chain.has(each.fingerprint256) && chain.size < MOST_CERTIFICATES) {
    chain.set(each.fingerprint256, factsOf(each));
    each = each.issuerCertificate;
  }
  return [...chain.values()];
}

const factsOf = (certificate: DetailedPeerCertificate): PeerCertificateFacts => ({
  subject: String(certificate.subject?.CN ?? certificate.subject?.O ?? ""),
  issuer: String(certificate.issuer?.CN ?? certificate.issuer?.O ?? ""),
  validFromMs: Date.parse(certificate.valid_from),
  validToMs: Date.parse(certificate.valid_to),
  fingerprint256: certificate.fingerprint256,
  names: namesIn(certificate.subjectaltname ?? ""),
});

/** "DNS:shop.test, IP Address:192.0.2.1" as names. */
export const namesIn = (alternatives: string): string[] =>
  alternatives
    .split(", ")
    .filter((name) => name !== "")
    .map((name) => name.replace(/^(DNS|IP Address):/, ""))
    .slice(0, MOST_NAMES);
