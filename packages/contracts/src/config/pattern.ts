import { RE2JS, RE2JSSyntaxException } from "re2js";
import { z } from "zod";
import { remember } from "./lru.ts";
import { issue } from "./problem.ts";

/** Matching costs at most characters times instructions, so that both must be bounded. */
const MAX_INSTRUCTIONS = 1000;
const KEPT = 500;
const NEAR_CHARACTERS = 40;

/** A regular expression that is matched in time linear in the text. */
export interface Pattern {
  /** Of the compiled program: the time for each character at most. */
  readonly instructions: number;
  /** True where the text contains a match. */
  test(text: string): boolean;
  /** The first group of the first match, the whole match where there is no group; undefined without a match. */
  capture(text: string): string | undefined;
  /** The template with `$1`, `${1}`, `$name` and `${name}` of the first match filled in, as Go's `Expand` does. */
  expand(text: string, template: string): string | undefined;
}

export interface Unreadable {
  readonly ok: false;
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
}
export type CompiledPattern = { readonly ok: true; readonly pattern: Pattern } | Unreadable;

/** Reads a regular expression of RE2's syntax; those used last are kept compiled. */
export const compilePattern: (text: string) => CompiledPattern = remember(KEPT, compile);

function compile(text: string): CompiledPattern {
  try {
    const compiled = RE2JS.compile(text);
    const size = compiled.programSize();
    if (size > MAX_INSTRUCTIONS) {
      const params = { value: text.slice(0, 200), size: String(size), maximum: String(MAX_INSTRUCTIONS) };
      return { ok: false, code: "pattern_too_large", params };
    }
    return { ok: true, pattern: patternOf(compiled, size) };
  } catch (thrown) {
    const near = thrown instanceof RE2JSSyntaxException ? (thrown.input ?? "") : "";
    const at = near === "" ? 0 : Math.max(0, text.indexOf(near));
    const params = { value: text.slice(0, 200), at: String(at + 1), near: text.slice(at, at + NEAR_CHARACTERS) };
    return { ok: false, code: "bad_pattern", params };
  }
}

const patternOf = (compiled: RE2JS, instructions: number): Pattern => ({
  instructions,
  test: (text) => compiled.test(text),
  capture: (text) => {
    const matcher = compiled.matcher(text);
    if (!matcher.find()) return undefined;
    return matcher.group(Math.min(1, matcher.groupCount())) ?? undefined;
  },
  expand: (text, template) => {
    const matcher = compiled.matcher(text);
    return matcher.find() ? expanded(matcher, compiled.namedGroups(), template) : undefined;
  },
});

/** `$$` is a dollar; what names no group is nothing. */
function expanded(matcher: Matcher, names: Readonly<Record<string, number>>, template: string): string {
  return template.replaceAll(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar?: string, braced?: string, bare?: string) => {
    if (dollar !== undefined) return "$";
    const name = braced ?? bare ?? "";
    const index = /^\d+$/.test(name) ? Number(name) : names[name];
    return index === undefined || index > matcher.groupCount() ? "" : (matcher.group(index) ?? "");
  });
}

type Matcher = ReturnType<RE2JS["matcher"]>;

/** A field that holds a regular expression. */
export const pattern = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((text, context) => {
    const read = compilePattern(text);
    if (!read.ok) context.addIssue({ code: "custom", ...issue(read.code, read.params) });
  });
