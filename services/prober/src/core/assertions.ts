import { type Assertion, AssertionSeverity, Verdict } from "@sentinel/contracts";
import { compilePattern } from "@sentinel/contracts/config";
import { NotJson } from "./json-nodes.ts";
import { createWork, patternCost, TooCostly, type Work } from "./work.ts";

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
}

export const WELL: Judgement = { verdict: Verdict.HEALTHY, reason: "", params: {} };

/**
 * What a subject has, such as every node of a JSONPath; undefined where it is not there.
 * @param of which one, such as a header name; empty for subjects there is one of.
 * @param work what looking may still cost.
 */
export type Look = (subject: string, of: string, work: Work) => readonly string[] | undefined;

const SHOWN_CHARACTERS = 200;

/**
 * The first assertion that does not hold and makes the endpoint down, else the first that degrades it. What would cost more
 * than its bound is not judged, which is unknown.
 */
export function judgeAssertions(assertions: readonly Assertion[], look: Look, work: Work = createWork()): Judgement {
  let worst = WELL;
  for (const each of assertions) {
    const judged = judge(each, look, work);
    if (judged.verdict === Verdict.DOWN || judged.verdict === Verdict.UNKNOWN) return judged;
    if (worst === WELL) worst = judged;
  }
  return worst;
}

function judge(each: Assertion, look: Look, work: Work): Judgement {
  const verdict = each.severity === AssertionSeverity.DEGRADED ? Verdict.DEGRADED : Verdict.DOWN;
  try {
    const values = look(each.subject, each.of, work);
    return holds(each, values, work) ? WELL : failed(each, values, verdict);
  } catch (thrown) {
    const params = { subject: nameOf(each) };
    if (thrown instanceof NotJson) return { verdict, reason: "not_json", params };
    if (thrown instanceof TooCostly) return { verdict: Verdict.UNKNOWN, reason: "assertion_too_costly", params };
    throw thrown;
  }
}

const nameOf = ({ subject, of }: Assertion): string => (of === "" ? subject : `${subject} ${of}`);

function failed(each: Assertion, values: readonly string[] | undefined, verdict: Verdict): Judgement {
  const params = {
    subject: nameOf(each),
    comparison: each.comparison,
    expected: each.values.join(", "),
    ...(values === undefined ? {} : { actual: shown(values) }),
  };
  return { verdict, reason: values === undefined ? "assertion_nothing" : "assertion", params };
}

const shown = (values: readonly string[]): string =>
  values
    .slice(0, SHOWN_CHARACTERS)
    .map((value) => value.slice(0, SHOWN_CHARACTERS))
    .join(", ")
    .slice(0, SHOWN_CHARACTERS);

/** Of several values each must fit; where there is none, only `exists_not` and the negative comparisons hold. */
function holds({ comparison, values: wanted }: Assertion, values: readonly string[] | undefined, work: Work): boolean {
  const there = values !== undefined && values.length > 0;
  if (comparison === "exists") return there;
  if (comparison === "exists_not") return !there;
  if (!there) return NEGATIVE.has(comparison);
  return values.every((value) => COMPARISONS[comparison]?.(value, wanted, work) ?? false);
}

const NEGATIVE = new Set(["is_not", "contains_not", "matches_not"]);

type Compare = (value: string, wanted: readonly string[], work: Work) => boolean;

const first = ([value = ""]: readonly string[]): string => value;
const same = (a: string, b: string): boolean => a === b || (isNumber(a) && isNumber(b) && Number(a) === Number(b));
const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));
const byNumber =
  (fits: (value: number, limit: number) => boolean): Compare =>
  (value, wanted) =>
    isNumber(value) && fits(Number(value), Number(first(wanted)));

/** In time linear in the text, whatever the pattern; what is no pattern fits nothing. @throws TooCostly */
export function matchesPattern(pattern: string, text: string, work: Work = createWork()): boolean {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) return false;
  work.spend(patternCost(compiled.pattern.instructions, text));
  return compiled.pattern.test(text);
}

/** A value is compared with a text a word at a time. */
const comparing =
  (fits: (value: string, wanted: readonly string[]) => boolean): Compare =>
  (value, wanted, work) => {
    work.spend(1 + value.length / 8);
    return fits(value, wanted);
  };

const COMPARISONS: Readonly<Record<string, Compare>> = {
  is: comparing((value, wanted) => same(value, first(wanted))),
  is_not: comparing((value, wanted) => !same(value, first(wanted))),
  one_of: comparing((value, wanted) => wanted.some((each) => same(value, each))),
  contains: comparing((value, wanted) => value.includes(first(wanted))),
  contains_not: comparing((value, wanted) => !value.includes(first(wanted))),
  matches: (value, wanted, work) => matchesPattern(first(wanted), value, work),
  matches_not: (value, wanted, work) => compilePattern(first(wanted)).ok && !matchesPattern(first(wanted), value, work),
  below: byNumber((value, limit) => value < limit),
  at_most: byNumber((value, limit) => value <= limit),
  above: byNumber((value, limit) => value > limit),
  at_least: byNumber((value, limit) => value >= limit),
};
