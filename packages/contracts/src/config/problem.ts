import type { z } from "zod";
import type { ErrorParams, FieldProblem } from "../errors/index.ts";

/** Marks a schema issue with a problem code of ours; it travels in the issue's params. */
export function issue(code: string, params: ErrorParams = {}): { message: string; params: Record<string, unknown> } {
  return { message: code, params: { code, ...params } };
}

/** As the message of a schema's own type: what stands there is a span of time. */
export const DURATION = "duration";

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
      if (each.input === undefined) return [missing(path, each.path)];
      // A span of time is a text, but "a text" would not say which.
      if (each.message === DURATION) return [{ path, code: "bad_duration", params: { value: short(each.input) } }];
      return [wrongType(path, [each.expected], each.input)];
    case "invalid_value":
      return each.input === undefined && each.path.length > 0
        ? [missing(path, each.path)]
        : [notOneOf(path, each.values.map(String), each.input)];
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
    case "invalid_format":
      return [{ path, code: "bad_format", params: { value: String(each.input).slice(0, 40) } }];
    case "invalid_key":
      return [{ path, code: "bad_format", params: { value: String(each.path.at(-1) ?? "") } }];
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

/** Of several forms, the one of the value's own type that got furthest says what is wrong. */
function unionProblems(
  each: z.core.$ZodIssueInvalidUnion,
  prefix: readonly PropertyKey[],
  knownKeys: (path: readonly PropertyKey[]) => readonly string[],
): readonly FieldProblem[] {
  const path = pathOf(prefix, each.path);
  if (each.discriminator !== undefined) return [discriminatorProblem(each, path)];
  const ofItsType = each.errors.filter((issues) => !issues.some(isRootType));
  const best = ofItsType.toSorted((a, b) => depth(b) - depth(a))[0];
  if (best === undefined) {
    const expected = each.errors.flatMap((issues) => issues.filter(isRootType).map((inner) => inner.expected));
    return [wrongType(path, expected, each.input)];
  }
  return best.flatMap((inner) =>
    problemsOfIssue(inner, [...prefix, ...each.path], (below) => knownKeys([...each.path, ...below])),
  );
}

const isRootType = (each: z.core.$ZodIssue): each is z.core.$ZodIssueInvalidType =>
  each.code === "invalid_type" && each.path.length === 0;

/** The key that says which form it is, such as the type of a channel. */
function discriminatorProblem(each: z.core.$ZodIssueInvalidUnion, path: string): FieldProblem {
  const key = each.discriminator ?? "";
  const given: unknown = isRecord(each.input) ? each.input[key] : undefined;
  if (given === undefined) return missing(path, [key]);
  const options: readonly unknown[] = "options" in each && Array.isArray(each.options) ? each.options : [];
  return notOneOf(path, options.map(String), given);
}

function missing(path: string, at: readonly PropertyKey[]): FieldProblem {
  return { path, code: "missing", params: { key: String(at.at(-1) ?? "") } };
}

/** @param expected Types as the schema names them; the sentence puts them in words. */
function wrongType(path: string, expected: readonly string[], input: unknown): FieldProblem {
  const params = { expected: [...new Set(expected)].join(",") };
  const wantsNumber = expected.includes("number") || expected.includes("int");
  if (wantsNumber && typeof input === "string" && input.trim() !== "" && Number.isFinite(Number(input))) {
    return { path, code: "wrong_type_near", params: { ...params, near: String(Number(input)) } };
  }
  return { path, code: "wrong_type", params };
}

function notOneOf(path: string, known: readonly string[], input: unknown): FieldProblem {
  const params = { allowed: known.join(", ") };
  const near = typeof input === "string" ? nearest(input, known) : undefined;
  return near === undefined
    ? { path, code: "not_one_of", params }
    : { path, code: "not_one_of_near", params: { ...params, near } };
}

const short = (value: unknown): string => (JSON.stringify(value) ?? "").slice(0, 40);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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
