/**
 * Where registries tell about the domains under an ending, as IANA's bootstrap file https://data.iana.org/rdap/dns.json
 * has it; only the most common endings, each in use for years. For all others, FALLBACK knows the way.
 */
export const RDAP_SERVERS: Readonly<Record<string, readonly string[]>> = {
  "https://rdap.verisign.com/com/v1/": ["com"],
  "https://rdap.verisign.com/net/v1/": ["net"],
  "https://tld-rdap.verisign.com/cc/v1/": ["cc"],
  "https://tld-rdap.verisign.com/name/v1/": ["name"],
  "https://rdap.publicinterestregistry.org/rdap/": ["org", "ngo", "ong"],
  "https://rdap.identitydigital.services/rdap/": ["info", "ai", "academy", "agency", "aero", "asia"],
  "https://pubapi.registry.google/rdap/": ["app", "dev", "page"],
  "https://rdap.centralnic.com/xyz/": ["xyz"],
  "https://rdap.gmoregistry.net/rdap/": ["shop", "tokyo"],
  "https://rdap.nic.fr/": ["fr", "re", "pm", "tf", "wf", "yt"],
  "https://rdap.nominet.uk/uk/": ["uk"],
  "https://rdap.sidn.nl/": ["nl"],
  "https://rdap.norid.no/": ["no"],
  "https://rdap.nic.cz/": ["cz"],
  "https://rdap.dns.pl/": ["pl"],
  "https://rdap.fi/rdap/rdap/": ["fi"],
  "https://rdap.registro.br/": ["br"],
  "https://rdap.ca.fury.ca/rdap/": ["ca"],
  "https://rdap.hostmaster.ua/": ["ua"],
};

/** Redirects to the registry of any ending that has one; answers 404 itself for the others. */
export const RDAP_FALLBACK = "https://rdap.org/";
