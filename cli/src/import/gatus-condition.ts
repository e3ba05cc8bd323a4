import type { Assert, Json } from "./draft.ts";
import { spanMs } from "./span.ts";

/** What a condition of Gatus comes to. */
export type Condition =
  | { readonly is: "assert"; readonly assert: Assert; readonly changed?: string }
  | { readonly is: "status"; readonly allows: (status: number) => boolean }
  | { readonly is: "rcode"; readonly rcode: string }
  | { readonly is: "domain"; readonly days: number }
  | { readonly is: "implied" }
  | { readonly is: "lost"; readonly why: string };

const OPERATORS = ["==", "!=", "<=", ">=", "<", ">"] as const;
type Operator = (typeof OPERATORS)[number];
const SWAPPED: Readonly<Record<Operator, Operator>> = {
  "==": "==",
  "!=": "!=",
  "<=": ">=",
  ">=": "<=",
  "<": ">",
  ">": "<",
};
const DAY_MS = 86_400_000;

interface Parts {
  readonly left: string;
  readonly operator: Operator;
  readonly right: string;
}

/** @param body the subject that `[BODY]` is for this kind of check. */
export function readCondition(text: string, body: "body" | "answer"): Condition {
  const parts = split(text);
  if (parts === undefined) return lost("condition_unreadable");
  const { left, operator, right } = parts;
  if (left === "[STATUS]") return onStatus(operator, right);
  if (left === "[RESPONSE_TIME]") return onLimit("latency", operator, spanOf(right));
  if (left === "[CONNECTED]")
    return operator === "==" && right === "true" ? { is: "implied" } : lost("condition_connected");
  if (left === "[DNS_RCODE]") return operator === "==" ? { is: "rcode", rcode: right } : lost("condition_operator");
  if (left === "[CERTIFICATE_EXPIRATION]") return onCertificate(operator, right);
  if (left === "[DOMAIN_EXPIRATION]") return onDomain(operator, right);
  if (left === "[BODY]") return onText({ subject: body }, operator, right);
  const [, has] = /^has\(\[BODY\]\.?(.*)\)$/.exec(left) ?? [];
  if (has !== undefined && body === "body") {
    const exists = (right === "true") === (operator === "==");
    return { is: "assert", assert: { subject: "json", of: jsonPath(has), exists } };
  }
  if (left.startsWith("[BODY].") || left.startsWith("[BODY][")) {
    if (body === "answer") return lost("condition_json");
    const where = { subject: "json", of: jsonPath(left.slice("[BODY]".length).replace(/^\./, "")) };
    return ["==", "!="].includes(operator) ? onText(where, operator, right) : onNumber(where, operator, right);
  }
  if (left.startsWith("len(")) return lost("condition_length");
  return lost(left === "[IP]" ? "condition_ip" : "condition_unknown");
}

const lost = (why: string): Condition => ({ is: "lost", why });

/** A placeholder may stand on either side; the spaces are required. */
function split(text: string): Parts | undefined {
  for (const operator of OPERATORS) {
    const at = text.indexOf(` ${operator} `);
    if (at < 0) continue;
    const left = text.slice(0, at).trim();
    const right = text.slice(at + operator.length + 2).trim();
    const turned = !/\[[A-Z_]+\]/.test(left) && /\[[A-Z_]+\]/.test(right);
    return turned ? { left: right, operator: SWAPPED[operator], right: left } : { left, operator, right };
  }
  return undefined;
}

const COMPARES: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function onStatus(operator: Operator, right: string): Condition {
  const any = anyOf(right);
  const wanted = (any ?? [right]).map(Number);
  if (wanted.some((each) => !Number.isInteger(each))) return lost("condition_unreadable");
  if (operator === "!=") return { is: "status", allows: (status) => !wanted.includes(status) };
  return { is: "status", allows: (status) => wanted.some((each) => COMPARES[operator](status, each)) };
}

const anyOf = (text: string): readonly string[] | undefined =>
  /^any\((.*)\)$/s
    .exec(text)?.[1]
    ?.split(",")
    .map((each) => each.trim());

const LIMITS: Readonly<Partial<Record<Operator, string>>> = {
  "<": "below",
  "<=": "atMost",
  ">": "above",
  ">=": "atLeast",
};

function spanOf(text: string): string | undefined {
  if (/^\d+$/.test(text)) return `${text}ms`;
  const ms = spanMs(text);
  return ms === undefined ? undefined : `${ms}ms`;
}

function onLimit(subject: string, operator: Operator, limit: string | undefined): Condition {
  const comparison = LIMITS[operator];
  if (limit === undefined || comparison === undefined) return lost("condition_operator");
  return { is: "assert", assert: { subject, [comparison]: limit } };
}

function onNumber(where: Assert, operator: Operator, right: string): Condition {
  const comparison = LIMITS[operator];
  const value = /^\d+(?:\.\d+)?$/.test(right) ? Number(right) : undefined;
  if (comparison === undefined || value === undefined) return lost("condition_operator");
  return { is: "assert", assert: { ...where, [comparison]: value }, changed: "fails_closed" };
}

function onCertificate(operator: Operator, right: string): Condition {
  const ms = spanMs(right);
  if (ms === undefined || (operator !== ">" && operator !== ">=")) return lost("condition_operator");
  const days = Math.ceil(ms / DAY_MS);
  return {
    is: "assert",
    assert: { subject: "certificate_days", atLeast: days },
    ...(days * DAY_MS === ms ? {} : { changed: "whole_days" }),
  };
}

function onDomain(operator: Operator, right: string): Condition {
  const ms = spanMs(right);
  if (ms === undefined || (operator !== ">" && operator !== ">=")) return lost("condition_operator");
  return { is: "domain", days: Math.ceil(ms / DAY_MS) };
}

function onText(where: Assert, operator: Operator, right: string): Condition {
  const equal = operator === "==";
  if (!equal && operator !== "!=") return lost("condition_operator");
  const any = anyOf(right);
  const values = any ?? [right];
  const asserted = (assert: Assert): Condition => ({ is: "assert", assert: { ...where, ...assert } });
  if (values.some((each) => each.startsWith("pat("))) {
    const pattern = values.map((each) => wildcard(/^pat\((.*)\)$/s.exec(each)?.[1] ?? each)).join("|");
    return asserted({ [equal ? "matches" : "matchesNot"]: `(?s)^(?:${pattern})$` });
  }
  if (any !== undefined && equal) return asserted({ oneOf: [...any] });
  if (any !== undefined) return asserted({ matchesNot: `^(?:${any.map(escaped).join("|")})$` });
  const value: Json = right;
  return asserted({ [equal ? "is" : "isNot"]: value });
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** `*` is any text, `?` any character. */
const wildcard = (text: string): string =>
  text
    .split("*")
    .map((part) => part.split("?").map(escaped).join("."))
    .join(".*");

/** "data.items[0].name" as JSONPath; a body that is a list begins with an index. */
function jsonPath(path: string): string {
  const steps = path.split(".").flatMap((part) => {
    const [, name = "", indices = ""] = /^([^[]*)((?:\[\d+\])*)$/.exec(part) ?? [];
    const named = name === "" ? "" : /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    return [named, indices];
  });
  return `$${steps.join("")}`;
}
