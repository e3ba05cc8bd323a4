import { z } from "zod";
import { type Assertion, AssertionSeverity } from "../generated/sentinel/monitors/v1/monitors.ts";
import { parseDuration } from "./duration.ts";
import { compileJsonPath } from "./json-path.ts";
import { pattern } from "./pattern.ts";
import { issue } from "./problem.ts";

/** What an assertion may look at. Each kind of check gives some of them; a subject it has not is an error when saved. */
const SUBJECTS = [
  "status",
  "header",
  "body",
  "json",
  "size",
  "redirects",
  "version",
  "latency",
  "phase",
  "certificate_days",
  "answer",
  "rows",
  "value",
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Subjects of which there are several, with what says which one. */
const NEEDS_OF: ReadonlySet<Subject> = new Set(["header", "json", "phase"]);
/** A column of the first row for SQL, a field of INFO for Redis. */
const MAY_HAVE_OF: ReadonlySet<Subject> = new Set(["value"]);
const SPANS: ReadonlySet<Subject> = new Set(["latency", "phase"]);
const PHASES: readonly string[] = ["dns", "connect", "tls", "first_byte", "transfer"];

const scalar = z.union([z.string().max(4096), z.number(), z.boolean()]);
/** A span such as "800ms" for latency and phases, a number for the rest. */
const limit = z.union([z.number(), z.string().max(40)]);

const comparisons = {
  is: scalar.optional(),
  isNot: scalar.optional(),
  oneOf: z.array(scalar).min(1).max(50).optional(),
  contains: z.string().min(1).max(4096).optional(),
  containsNot: z.string().min(1).max(4096).optional(),
  matches: pattern.optional(),
  matchesNot: pattern.optional(),
  below: limit.optional(),
  atMost: limit.optional(),
  above: limit.optional(),
  atLeast: limit.optional(),
  exists: z.boolean().optional(),
};
type ComparisonKey = keyof typeof comparisons;

/** The keys of comparisons as people write them. */
export const COMPARISONS: readonly string[] = Object.keys(comparisons);

const WIRE = {
  is: "is",
  isNot: "is_not",
  oneOf: "one_of",
  contains: "contains",
  containsNot: "contains_not",
  matches: "matches",
  matchesNot: "matches_not",
  below: "below",
  atMost: "at_most",
  above: "above",
  atLeast: "at_least",
  exists: "exists",
} as const satisfies Readonly<Record<ComparisonKey, string>>;
const LIMITS: ReadonlySet<string> = new Set(["below", "atMost", "above", "atLeast"]);
const isComparison = (key: string): key is ComparisonKey => key in comparisons;

/** One assertion as people write it: a subject, exactly one comparison, and how bad it is when it does not hold. */
export const assertion = z
  .strictObject({
    subject: z.enum(SUBJECTS),
    of: z.string().min(1).max(1000).optional(),
    ...comparisons,
    severity: z.enum(["down", "degraded"]).default("down"),
  })
  .superRefine((each, context) => {
    const given = Object.keys(each).filter((key) => isComparison(key) && each[key] !== undefined);
    const report = (code: string, params: Record<string, string> = {}) =>
      context.addIssue({ code: "custom", ...issue(code, { subject: each.subject, ...params }) });
    if (given.length !== 1) report("one_comparison", { allowed: COMPARISONS.join(", "), given: given.join(", ") });
    if (NEEDS_OF.has(each.subject) && each.of === undefined) report("subject_needs_of");
    if (!NEEDS_OF.has(each.subject) && !MAY_HAVE_OF.has(each.subject) && each.of !== undefined)
      report("subject_has_no_of");
    if (each.subject === "phase" && each.of !== undefined && !PHASES.includes(each.of)) {
      report("not_one_of", { allowed: PHASES.join(", ") });
    }
    const path = each.subject === "json" && each.of !== undefined ? compileJsonPath(each.of) : undefined;
    if (path?.ok === false) context.addIssue({ code: "custom", path: ["of"], ...issue(path.code, path.params) });
    for (const key of given) {
      const value = isComparison(key) ? each[key] : undefined;
      if (LIMITS.has(key) && wireLimit(each.subject, value) === undefined)
        report("bad_limit", { value: String(value) });
    }
  });

type AssertionInput = z.output<typeof assertion>;

/** A limit as the wire has it: milliseconds for spans; undefined when it is no such limit. */
function wireLimit(subject: Subject, value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return undefined;
  const ms = SPANS.has(subject) ? parseDuration(value) : undefined;
  if (ms !== undefined) return String(ms);
  return value.trim() !== "" && Number.isFinite(Number(value)) ? value.trim() : undefined;
}

export function toAssertion(each: AssertionInput): Assertion {
  const key = COMPARISONS.find((name) => isComparison(name) && each[name] !== undefined);
  const value: unknown = key !== undefined && isComparison(key) ? each[key] : undefined;
  const wire = key !== undefined && isComparison(key) ? WIRE[key] : "";
  return {
    subject: each.subject,
    of: each.of ?? "",
    comparison: wire === "exists" && value === false ? "exists_not" : wire,
    values: valuesOf(each.subject, key ?? "", value),
    severity: each.severity === "degraded" ? AssertionSeverity.DEGRADED : AssertionSeverity.DOWN,
  };
}

function valuesOf(subject: Subject, key: string, value: unknown): string[] {
  if (key === "exists") return [];
  if (Array.isArray(value)) return value.map(String);
  return [LIMITS.has(key) ? (wireLimit(subject, value) ?? "") : String(value)];
}

/** An assertion as the API shows it; what GET shows can be PUT again. */
export function viewOfAssertion(each: Assertion): Record<string, string | string[] | boolean> {
  const key = COMPARISONS.find((name) => isComparison(name) && WIRE[name] === each.comparison) ?? "exists";
  return {
    subject: each.subject,
    ...(each.of === "" ? {} : { of: each.of }),
    [key]: key === "exists" ? each.comparison === "exists" : key === "oneOf" ? each.values : (each.values[0] ?? ""),
    severity: each.severity === AssertionSeverity.DEGRADED ? "degraded" : "down",
  };
}
