import type { X509Certificate } from "node:crypto";
import type { PeerCertificateFacts } from "./egress.ts";

/** More than any server shows with reason. */
const MOST_CERTIFICATES = 6;
const MOST_NAMES = 20;
const MOST_CHARACTERS = 300;

/**
 * The certificates that the server showed, its own first. What it did not show is not added from what we trust, so that a
 * missing intermediate is seen to be missing.
 */
export function certificateChain(leaf: X509Certificate): readonly PeerCertificateFacts[] {
  const chain: PeerCertificateFacts[] = [];
  let each: X509Certificate | undefined = leaf;
  while (each !== undefined && chain.length < MOST_CERTIFICATES) {
    chain.push(factsOf(each));
    each = each.issuerCertificate;
  }
  return chain;
}

const factsOf = (certificate: X509Certificate): PeerCertificateFacts => ({
  subject: shortName(certificate.subject),
  issuer: shortName(certificate.issuer),
  validFromMs: Date.parse(certificate.validFrom),
  validToMs: Date.parse(certificate.validTo),
  fingerprint256: certificate.fingerprint256,
  names: namesIn(certificate.subjectAltName ?? ""),
});

/** The common name, or else the organisation. */
function shortName(lines: string | undefined): string {
  const parts = (lines ?? "").split("\n");
  const of = (key: string): string | undefined => parts.find((each) => each.startsWith(key))?.slice(key.length);
  return (of("CN=") ?? of("O=") ?? "").slice(0, MOST_CHARACTERS);
}

/** "DNS:shop.test, IP Address:192.0.2.1" as names. */
export const namesIn = (alternatives: string): string[] =>
  alternatives
    .split(", ")
    .filter((name) => name !== "")
    .map((name) => name.replace(/^(DNS|IP Address):/, ""))
    .slice(0, MOST_NAMES);
