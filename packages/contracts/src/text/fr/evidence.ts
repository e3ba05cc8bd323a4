/** How the other end was found and what it showed of itself, a line each. */
export const evidence = {
  "evidence.addresses_tried": "Adresses essayées",
  "evidence.tried.connected": "{address} : connexion établie en {took}",
  "evidence.tried.failed": "{address} : après {took}, {reason}",
  "evidence.dns_answer": "Réponse DNS",
  "evidence.dns.asked": "{name}, réponse de {resolver} en {took}",
  "evidence.dns.cached": "{name}, déjà connu par {resolver}",
  "evidence.dns.itself": "{name}, qui désigne toujours cette machine",
  "evidence.dns.failed": "{name}, demandé à {resolver} pendant {took} : {reason}",
  "evidence.dns.record": "{type} {value}",
  "evidence.dns.record.lasting": "{type} {value}, pour {ttl}",
  "evidence.certificate_chain": "Chaîne de certificats",
  "evidence.chain.certificate":
    "{place}. {subject}, émis par {issuer}, valide du {from} au {to}, SHA-256 {fingerprint}",
};
