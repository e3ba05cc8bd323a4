/** The name under which a record about an address stands, such as "1.2.0.192.in-addr.arpa"; undefined for no address. */
export function reverseName(address: string): string | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
  if (!address.includes(":")) return undefined;
  const written = URL.parse(`http://[${address}]`)?.hostname.replaceAll(/[[\]]/g, "");
  if (written === undefined) return undefined;
  const [head = "", tail] = written.split("::");
  const words = (text: string | undefined) => (text === undefined || text === "" ? [] : text.split(":"));
  const gap = Array.from({ length: 8 - words(head).length - words(tail).length }, () => "0");
  const all = [...words(head), ...(tail === undefined ? [] : gap), ...words(tail)];
  const digits = all.map((word) => word.padStart(4, "0")).join("");
  return `${digits.split("").toReversed().join(".")}.ip6.arpa`;
}

/** The name servers that a resolv.conf names, in its order. */
export const nameServersIn = (resolvConf: string): readonly string[] =>
  [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, server]) => (server === undefined ? [] : [server]));
