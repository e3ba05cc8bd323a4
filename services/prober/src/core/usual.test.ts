import { Verdict } from "@sentinel/contracts";
import { expect, test } from "@jest/globals";
import { createUsualTimes } from "./usual.ts";

const good = (durationMs: number) => ({ verdict: Verdict.HEALTHY, reason: "", durationMs });
const slow = (durationMs: number) => ({ verdict: Verdict.DEGRADED, reason: "slower_than_usual", durationMs });
const many = <T>(count: number, round: T) => Array.from({ length: count }, () => round);

test("nothing is usual before twenty good rounds", () => {
  const usual = createUsualTimes();
  usual.begin("a", many(19, good(600)));
  expect(usual.of("a")).toBeUndefined();
  usual.note("a", good(600));
  expect(usual.of("a")).toEqual({ p95Ms: 600, limitMs: 1800 });
  expect(usual.of("b")).toBeUndefined();
});

test("three times what 95 of 100 take is slow, and never less than a second", () => {
  const usual = createUsualTimes();
  usual.begin("a", [...many(57, good(40)), ...many(3, good(900))]);
  expect(usual.of("a")).toEqual({ p95Ms: 40, limitMs: 1000 });
  usual.begin("b", [...many(56, good(40)), ...many(4, good(900))]);
  expect(usual.of("b")).toEqual({ p95Ms: 900, limitMs: 2700 });
});

test("only the last sixty rounds count, and of those only what was answered well", () => {
  const usual = createUsualTimes();
  usual.begin("a", [...many(60, good(5000)), ...many(60, good(500))]);
  usual.note("a", { verdict: Verdict.DOWN, reason: "status", durationMs: 9000 });
  usual.note("a", { verdict: Verdict.DEGRADED, reason: "slow", durationMs: 9000 });
  usual.note("a", { verdict: Verdict.MISSED, reason: "still_running", durationMs: 0 });
  expect(usual.of("a")).toEqual({ p95Ms: 500, limitMs: 1500 });
});

test("slow rounds hardly move what is usual, until they have gone on for long", () => {
  const usual = createUsualTimes();
  usual.begin("a", many(60, good(500)));
  for (const round of many(30, slow(4000))) usual.note("a", round);
  expect(usual.of("a")?.limitMs).toBe(1500);
  for (const round of many(10, slow(4000))) usual.note("a", round);
  expect(usual.of("a")?.limitMs).toBe(12_000);
});

test("what is known from elsewhere does not replace what was seen here, and can be forgotten", () => {
  const usual = createUsualTimes();
  usual.begin("a", many(20, good(500)));
  usual.begin("a", many(60, good(5000)));
  expect(usual.of("a")?.p95Ms).toBe(500);
  usual.forget("a");
  expect(usual.of("a")).toBeUndefined();
});
