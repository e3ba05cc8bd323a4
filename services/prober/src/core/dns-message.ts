import { AUTHENTIC_DATA, type Answer, decode, type DecodedPacket, encode, RECURSION_DESIRED } from "dns-packet";
import { recordText } from "./dns-record-text.ts";

export interface DnsQuestion {
  readonly id: number;
  readonly name: string;
  readonly type: DnsType;
}

export type DnsType = "A" | "AAAA" | "CNAME" | "MX" | "NS" | "TXT" | "SRV" | "SOA" | "CAA" | "PTR";
const TYPES: readonly DnsType[] = ["A", "AAAA", "CNAME", "MX", "NS", "TXT", "SRV", "SOA", "CAA", "PTR"];

/** The record type of that name; A for one that is none. */
export const dnsType = (name: string): DnsType => TYPES.find((each) => each === name) ?? "A";

export interface DnsAnswer {
  readonly rcode: string;
  /** Of "aa", "tc", "ra" and "ad", those that are set. */
  readonly flags: readonly string[];
  /** Records of the type asked for, in presentation form, in the order of the answer. */
  readonly values: readonly string[];
}

/** Asks for recursion, and for the server's word on whether it validated the answer (RFC 6840). */
export const encodeQuestion = ({ id, name, type }: DnsQuestion): Uint8Array =>
  encode({ type: "query", id, flags: RECURSION_DESIRED | AUTHENTIC_DATA, questions: [{ type, name, class: "IN" }] });

const HEADER_BYTES = 12;
const QR = 0x80;
const TC = 0x02;

/** True for an answer to this very question, by its number and the question that it repeats. */
export function isAnswerTo(question: DnsQuestion, message: Uint8Array): boolean {
  const [high = 0, low = 0, flags = 0] = message;
  if (message.length < HEADER_BYTES || high * 256 + low !== question.id || (flags & QR) === 0) return false;
  const packet = decoded(message);
  // What cannot be read but has the number is what this server says.
  if (packet === undefined) return true;
  const [asked] = packet.questions ?? [];
  // A server that refuses may leave the question out.
  if (asked === undefined) return rcodeOf(message) !== "NOERROR";
  return asked.type === question.type && sameName(asked.name, question.name);
}

export const isTruncated = (message: Uint8Array): boolean => ((message[2] ?? 0) & TC) !== 0;

/** Undefined for what is no readable message. */
export function readAnswer(type: DnsType, message: Uint8Array): DnsAnswer | undefined {
  const packet = decoded(message);
  if (packet === undefined) return undefined;
  const flags = Object.entries({ aa: packet.flag_aa, tc: packet.flag_tc, ra: packet.flag_ra, ad: packet.flag_ad });
  return {
    rcode: rcodeOf(message),
    flags: flags.filter(([, set]) => set).map(([flag]) => flag),
    values: (packet.answers ?? []).filter((each: Answer) => each.type === type).map(recordText),
  };
}

function decoded(message: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(message));
  } catch {
    return undefined;
  }
}

const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

function rcodeOf(message: Uint8Array): string {
  const code = (message[3] ?? 0) & 0x0f;
  return RCODES[code] ?? `RCODE${code}`;
}

const sameName = (one: string, other: string): boolean =>
  one.toLowerCase().replace(/\.$/, "") === other.toLowerCase().replace(/\.$/, "");
