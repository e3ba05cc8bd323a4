import type { BlackboxValidator } from "@sentinel/contracts/config";
import type { Answer } from "dns-packet";
import { matchesPattern } from "../core/assertions.ts";
import { recordText } from "../core/dns-record-text.ts";

/** True where the records of a section are as the module wants them. */
export function judgeRecords(records: readonly Answer[], rules: BlackboxValidator): boolean {
  const {
    fail_if_matches_regexp: none,
    fail_if_not_matches_regexp: every,
    fail_if_all_match_regexp: notAll,
    fail_if_none_matches_regexp: some,
  } = rules;
  const lines = records.map(recordLine);
  if (lines.length === 0) return every.length === 0 && some.length === 0;
  const fits = (line: string) => (pattern: string) => matchesPattern(pattern, line);
  if (lines.some((line) => none.some(fits(line)))) return false;
  if (lines.some((line) => !every.every(fits(line)))) return false;
  if (notAll.length > 0 && lines.every((line) => notAll.some(fits(line)))) return false;
  return some.length === 0 || lines.some((line) => some.some(fits(line)));
}

/** A record as zone files and Go's DNS library write it: name, time to live, class, type, value, with tabs between. */
export function recordLine(record: Answer): string {
  const ttl = "ttl" in record && typeof record.ttl === "number" ? record.ttl : 0;
  const kind = "class" in record && typeof record.class === "string" ? record.class : "IN";
  return [absolute(record.name), ttl, kind, record.type, valueOf(record)].join("\t");
}

const absolute = (name: string): string => (name.endsWith(".") ? name : `${name}.`);

function valueOf(record: Answer): string {
  const text = recordText(record);
  switch (record.type) {
    case "TXT": {
      const parts = Array.isArray(record.data) ? record.data : [record.data];
      return parts.map((part) => `"${String(part).replaceAll(/["\\]/g, "\\$&")}"`).join(" ");
    }
    case "MX":
    case "SRV":
    case "CNAME":
    case "NS":
    case "PTR":
      return absolute(text);
    case "SOA": {
      const [mname = "", rname = "", ...rest] = text.split(" ");
      return [absolute(mname), absolute(rname), ...rest].join(" ");
    }
    default:
      return text;
  }
}
