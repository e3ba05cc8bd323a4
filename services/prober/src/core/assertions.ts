import { type Assertion, AssertionSeverity, Verdict } from "@sentinel/contracts";
import { RE2JS } from "re2js";

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
}

export const WELL: Judgement = { verdict: Verdict.HEALTHY, reason: "", params: {} };

/**
 * What a subject has, such as every node of a JSONPath; undefined where it is not there.
 * @param of which one, such as a header name; empty for subjects there is one of.
 */
export type Look = (subject: string, of: string) => readonly string[] | undefined;

const SHOWN_CHARACTERS = 200;

/** The first assertion that does not hold and makes the endpoint down, else the first that degrades it. */
export function judgeAssertions(assertions: readonly Assertion[], look: Look): Judgement {
  let worst = WELL;
  for (const each of assertions) {
    const values = look(each.subject, each.of);
    if (holds(each, values)) continue;
    const verdict = each.severity === AssertionSeverity.DEGRADED ? Verdict.DEGRADED : Verdict.DOWN;
    if (verdict === Verdict.DOWN) return failed(each, values, verdict);
    if (worst === WELL) worst = failed(each, values, verdict);
  }
  return worst;
}

function failed(each: Assertion, values: readonly string[] | undefined, verdict: Verdict): Judgement {
  const params = {
    subject: each.of === "" ? each.subject : `${each.subject} ${each.of}`,
    comparison: each.comparison,
    expected: each.values.join(", "),
    ...(values === undefined ? {} : { actual: values.join(", ").slice(0, SHOWN_CHARACTERS) }),
  };
  return { verdict, reason: values === undefined ? "assertion_nothing" : "assertion", params };
}

/** Of several values each must fit; where there is none, only `exists_not` and the negative comparisons hold. */
function holds({ comparison, values: wanted }: Assertion, values: readonly string[] | undefined): boolean {
  const there = values !== undefined && values.length > 0;
  if (comparison === "exists") return there;
  if (comparison === "exists_not") return !there;
  if (!there) return NEGATIVE.has(comparison);
  return values.every((value) => COMPARISONS[comparison]?.(value, wanted) ?? false);
}

const NEGATIVE = new Set(["is_not", "contains_not", "matches_not"]);

type Compare = (value: string, wanted: readonly string[]) => boolean;

const first = ([value = ""]: readonly string[]): string => value;
const same = (a: string, b: string): boolean => a === b || (isNumber(a) && isNumber(b) && Number(a) === Number(b));
const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));
const byNumber =
  (fits: (value: number, limit: number) => boolean): Compare =>
  (value, wanted) =>
    isNumber(value) && fits(Number(value), Number(first(wanted)));

/** In time linear in the text, whatever the pattern. */
export const matchesPattern = (pattern: string, text: string): boolean => RE2JS.compile(pattern).matcher(text).find();

const COMPARISONS: Readonly<Record<string, Compare>> = {
  is: (value, wanted) => same(value, first(wanted)),
  is_not: (value, wanted) => !same(value, first(wanted)),
  one_of: (value, wanted) => wanted.some((each) => same(value, each)),
  contains: (value, wanted) => value.includes(first(wanted)),
  contains_not: (value, wanted) => !value.includes(first(wanted)),
  matches: (value, wanted) => matchesPattern(first(wanted), value),
  matches_not: (value, wanted) => !matchesPattern(first(wanted), value),
  below: byNumber((value, limit) => value < limit),
  at_most: byNumber((value, limit) => value <= limit),
  above: byNumber((value, limit) => value > limit),
  at_least: byNumber((value, limit) => value >= limit),
};
