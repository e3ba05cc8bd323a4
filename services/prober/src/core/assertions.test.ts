import { describe, expect, test } from "@jest/globals";
import { type Assertion, AssertionSeverity, Verdict } from "@sentinel/contracts";
import { compilePattern } from "@sentinel/contracts/config";
import * as fc from "fast-check";
import { judgeAssertions, type Look, matchesPattern } from "./assertions.ts";
import { jsonValues } from "./json-nodes.ts";
import { createWork } from "./work.ts";

const assertion = (comparison: string, values: string[] = [], more: Partial<Assertion> = {}): Assertion => ({
  subject: "body",
  of: "",
  comparison,
  values,
  severity: AssertionSeverity.DOWN,
  ...more,
});
const seeing =
  (text: string): Look =>
  (subject, of, work) =>
    subject === "json" ? jsonValues(text, of, work) : [text];
const verdict = (each: Assertion, text: string) => judgeAssertions([each], seeing(text)).verdict;

describe("comparisons", () => {
  test.each<readonly [string, string, string[], boolean]>([
    ["is", "200", ["200.0"], true],
    ["is_not", "a", ["a"], false],
    ["one_of", "2", ["1", "2"], true],
    ["contains", "abc", ["b"], true],
    ["contains_not", "abc", ["b"], false],
    ["matches", "v12", ["^v\\d+$"], true],
    ["matches_not", "v12", ["^v\\d+$"], false],
    ["below", "9", ["10"], true],
    ["at_most", "10", ["10"], true],
    ["above", "10", ["9"], true],
    ["at_least", "", ["0"], false],
    ["exists", "", [], true],
    ["exists_not", "", [], false],
    ["matches", "x", ["("], false],
    ["matches_not", "x", ["("], false],
    ["a_comparison_of_tomorrow", "x", ["x"], false],
  ])("%s %j %j: %s", (comparison, text, values, fits) => {
    expect(verdict(assertion(comparison, values), text)).toBe(fits ? Verdict.HEALTHY : Verdict.DOWN);
  });

  test("a document that is none is down, one that cannot be judged within the bound is unknown", () => {
    const each = assertion("exists", [], { subject: "json", of: "$..*..*..*" });
    expect(judgeAssertions([each], seeing("<p>"))).toMatchObject({ verdict: Verdict.DOWN, reason: "not_json" });
    const wide = JSON.stringify(Array.from({ length: 2000 }, () => Array.from({ length: 100 }, () => [1])));
    expect(judgeAssertions([each], seeing(wide))).toMatchObject({
      verdict: Verdict.UNKNOWN,
      reason: "assertion_too_costly",
    });
  });
});

test("patterns that hang a backtracking matcher end within the bound", () => {
  const text = `${"a".repeat(50_000)}!`;
  for (const pattern of ["(a+)+$", "(a|aa)+$", "(.*a){12}$", "([a-z]+)*\\d", "(a|a?)+b"]) {
    const read = compilePattern(pattern);
    expect(read.ok && read.pattern.instructions).toBeLessThan(100);
    expect(matchesPattern(pattern, text, createWork())).toBe(false);
  }
});

test("any assertion on any text is judged without a throw, and at a bounded cost", () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.json(),
    fc.constantFrom("[".repeat(100_000), "a".repeat(300_000), `{"a":${"[".repeat(150)}${"]".repeat(150)}}`),
  );
  const of = fc.oneof(
    fc.string(),
    fc.constantFrom("$..*", "$[?@..*]", "$[?match(@,'(a+)+$')]", "$..[?@ == $]", `$${"..*".repeat(30)}`),
  );
  const each = fc.record({
    subject: fc.constantFrom("body", "json", "header", "nonsense"),
    of,
    comparison: fc.oneof(
      fc.string(),
      fc.constantFrom(
        "is",
        "is_not",
        "one_of",
        "contains",
        "contains_not",
        "matches",
        "matches_not",
        "below",
        "exists",
      ),
    ),
    values: fc.array(fc.oneof(fc.string(), fc.constantFrom("(a+)+$", "(", ".{1000}", "\\C")), { maxLength: 3 }),
    severity: fc.constantFrom(AssertionSeverity.DOWN, AssertionSeverity.DEGRADED),
  });
  fc.assert(
    fc.property(fc.array(each, { maxLength: 5 }), hostile, (assertions, text) => {
      let spent = 0;
      const limit = createWork(500_000);
      const work = { spend: (units: number) => limit.spend((spent += units) > 0 ? units : 0) };
      const judged = judgeAssertions(assertions, seeing(text), work);
      expect([Verdict.HEALTHY, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN]).toContain(judged.verdict);
      expect((judged.params["actual"] ?? "").length).toBeLessThanOrEqual(200);
    }),
    { numRuns: 300 },
  );
});
