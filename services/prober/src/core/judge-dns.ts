import { type DnsCheck, Verdict } from "@sentinel/contracts";
import { type Judgement, WELL } from "./assertions.ts";
import type { DnsAnswer } from "./dns-message.ts";
import { isSameValue } from "./dns-record-text.ts";

export interface AskedOf {
  /** The server. */
  readonly host: string;
  readonly name: string;
  /** True when assertions say how many records, or which, are well: then none may be. */
  readonly mayBeEmpty: boolean;
}

const SHOWN_CHARACTERS = 200;
const down = (reason: string, params: Readonly<Record<string, string>>): Judgement => ({
  verdict: Verdict.DOWN,
  reason,
  params,
});

/** The code first, then the flags, then the records. */
export function judgeDns(check: DnsCheck, answer: DnsAnswer, { host, name, mayBeEmpty }: AskedOf): Judgement {
  const { type } = check;
  if (answer.rcode !== check.rcode) {
    if (answer.rcode === "NXDOMAIN") return down("dns_nxdomain", { host: name, name });
    return down("dns_rcode", { host, name, type, expected: check.rcode, actual: answer.rcode });
  }
  const flag = check.flags.find((each) => !answer.flags.includes(each));
  if (flag !== undefined) return down("dns_flag", { name, expected: flag, actual: answer.flags.join(" ") || "–" });
  const missing = check.expect.find((each) => !answer.values.some((value) => isSameValue(type, value, each)));
  const none = answer.values.length === 0;
  if (none && (missing !== undefined || (check.rcode === "NOERROR" && !mayBeEmpty)))
    return down("dns_no_records", { host, name, type });
  if (missing === undefined) return WELL;
  const actual = answer.values.join(", ").slice(0, SHOWN_CHARACTERS);
  return down("answer_mismatch", { name, type, expected: missing, actual });
}
