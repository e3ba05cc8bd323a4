import type { Answer, TxtData } from "dns-packet";

/** The value of a record as zone files write it, names without the last dot and texts without quotes. */
export function recordText(record: Answer): string {
  switch (record.type) {
    case "MX":
      return `${record.data.preference ?? 0} ${name(record.data.exchange)}`;
    case "SRV": {
      const { priority = 0, weight = 0, port, target } = record.data;
      return `${priority} ${weight} ${port} ${name(target)}`;
    }
    case "SOA": {
      const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0 } = record.data;
      return [name(mname), name(rname), serial, refresh, retry, expire, minimum].join(" ");
    }
    case "CAA":
      return `${record.data.flags ?? 0} ${record.data.tag} "${record.data.value}"`;
    case "TXT":
      return textOf(record.data);
    case "A":
    case "AAAA":
      return record.data;
    case "CNAME":
    case "NS":
    case "PTR":
      return name(record.data);
    default:
      return "";
  }
}

const name = (text: string): string => (text === "." || text === "" ? "." : text.replace(/\.$/, ""));

/** The strings of one TXT record belong together. */
const textOf = (data: TxtData): string => (Array.isArray(data) ? data : [data]).map(String).join("");

/** True when a value, as somebody wrote it, is that record: dots at the end, case and spelling of addresses aside. */
export const isSameValue = (type: string, one: string, other: string): boolean =>
  canonical(type, one) === canonical(type, other);

function canonical(type: string, text: string): string {
  const plain = text.trim();
  if (type === "TXT") return plain.replaceAll(/^"|"$|" +"/g, "");
  if (type === "AAAA") return URL.parse(`http://[${plain}]`)?.hostname ?? plain;
  const words = plain.split(/\s+/);
  if (type === "CAA") return words.map((word) => word.replaceAll('"', "")).join(" ");
  return words.map((word) => word.toLowerCase().replace(/(.)\.$/, "$1")).join(" ");
}
