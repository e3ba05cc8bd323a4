/** How the other end was found and what it showed of itself, a line each. */
export const evidence = {
  "evidence.addresses_tried": "Addresses tried",
  "evidence.tried.connected": "{address}: connected in {took}",
  "evidence.tried.failed": "{address}: after {took}, {reason}",
  "evidence.dns_answer": "DNS answer",
  "evidence.dns.asked": "{name}, answered by {resolver} in {took}",
  "evidence.dns.cached": "{name}, known from before from {resolver}",
  "evidence.dns.itself": "{name}, which always names this machine",
  "evidence.dns.failed": "{name}, asked of {resolver} for {took}: {reason}",
  "evidence.dns.record": "{type} {value}",
  "evidence.dns.record.lasting": "{type} {value}, for {ttl}",
  "evidence.certificate_chain": "Certificate chain",
  "evidence.chain.certificate":
    "{place}. {subject}, issued by {issuer}, valid from {from} to {to}, SHA-256 {fingerprint}",
};
