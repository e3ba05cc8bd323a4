import type { z } from "zod";
import type { ErrorParams, FieldProblem } from "../errors/index.ts";

/** Marks a schema issue with a problem code of ours; it travels in the issue's params. */
export function issue(code: string, params: ErrorParams = {}): { message: string; params: Record<string, unknown> } {
  return { message: code, params: { code, ...params } };
}

/** The document path of an issue, such as "monitors.shop.endpoints.0". */
function pathOf(prefix: readonly PropertyKey[], path: readonly PropertyKey[]): string {
  return [...prefix, ...path].map(String).join(".");
}

/** Zod's issues as problems of ours: unknown keys one by one with the nearest known key, types named plainly. */
export function problemsOf(
  error: z.ZodError,
  prefix: readonly PropertyKey[],
  knownKeys: (path: readonly PropertyKey[]) => readonly string[],
): readonly FieldProblem[] {
  return error.issues.flatMap((each) => problemsOfIssue(each, prefix, knownKeys));
}

function problemsOfIssue(
  each: z.core.$ZodIssue,
  prefix: readonly PropertyKey[],
  knownKeys: (path: readonly PropertyKey[]) => readonly string[],
): readonly FieldProblem[] {
  const path = pathOf(prefix, each.path);
  switch (each.code) {
    case "unrecognized_keys":
      return each.keys.map((key) => {
        const near = nearest(key, knownKeys(each.path));
        return near === undefined
          ? { path: pathOf(prefix, [...each.path, key]), code: "unknown_key", params: { key } }
          : { path: pathOf(prefix, [...each.path, key]), code: "unknown_key_near", params: { key, near } };
      });
    case "invalid_type":
      return each.input === undefined
        ? [{ path, code: "missing", params: { key: String(each.path.at(-1) ?? "") } }]
        : [{ path, code: "wrong_type", params: { expected: each.expected } }];
    case "invalid_value":
      return [{ path, code: "not_one_of", params: { allowed: each.values.map(String).join(", ") } }];
    case "too_small":
    case "too_big":
      return [{ path, code: each.code, params: limitsOf(each) }];
    case "invalid_union":
      return unionProblems(each, prefix, knownKeys);
    case "custom": {
      const { code, ...params } = Object.fromEntries(
        Object.entries(each.params ?? {}).map(([key, value]) => [key, String(value)]),
      );
      return [{ path, code: code ?? "invalid", params }];
    }
    default:
      return [{ path, code: "invalid", params: { detail: each.message } }];
  }
}

function limitsOf(each: { readonly minimum?: number | bigint; readonly maximum?: number | bigint }): ErrorParams {
  return {
    ...(each.minimum === undefined ? {} : { minimum: String(each.minimum) }),
    ...(each.maximum === undefined ? {} : { maximum: String(each.maximum) }),
  };
}

/** Of several forms, the one that got furthest says what is wrong. */
function unionProblems(
  each: z.core.$ZodIssueInvalidUnion,
  prefix: readonly PropertyKey[],
  knownKeys: (path: readonly PropertyKey[]) => readonly string[],
): readonly FieldProblem[] {
  const branches = each.errors.toSorted((a, b) => depth(b) - depth(a));
  const best = branches[0];
  if (best === undefined || depth(best) === 0) {
    return [{ path: pathOf(prefix, each.path), code: "wrong_form", params: {} }];
  }
  return best.flatMap((inner) =>
    problemsOfIssue(inner, [...prefix, ...each.path], (path) => knownKeys([...each.path, ...path])),
  );
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(
    0,
    ...issues.map((each) => each.path.length + (each.code === "unrecognized_keys" || each.code === "custom" ? 1 : 0)),
  );
}

/** The known key at the smallest edit distance, when it is near enough to be meant. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(key.toLowerCase(), name.toLowerCase());
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  return best !== undefined && best.distance <= Math.max(2, Math.floor(key.length / 3)) ? best.name : undefined;
}

/** Levenshtein distance by the usual two-row table. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
