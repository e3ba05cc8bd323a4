import type { Locale, Sentence, TextParams } from "./catalogue.ts";
import { formatDuration, formatNumber } from "./format.ts";
import { fill } from "./sentence.ts";

/** The grammar of assertions in one language; `{of}` says which one, `{expected}` is the value compared with. */
export interface AssertionWords {
  /** By subject; with `{of}` where one is named. */
  readonly subjects: Readonly<Record<string, string>>;
  readonly comparisons: Readonly<Record<string, string>>;
  readonly phases: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, string>>;
  /** Of `{subject}`, `{actual}` and `{expected}`. */
  readonly differs: string;
  /** Of `{subject}` and `{expected}`. */
  readonly missing: string;
}

/** @param whole the sentence with the value that was found, or that of one that is not there. */
export const assertionSentence =
  (words: AssertionWords, whole: "differs" | "missing", plain: string): Sentence =>
  (params, locale) => {
    const { subject = "", comparison = "", expected = "", actual = "" } = params;
    if (subject === "" || comparison === "" || (whole === "differs" && actual === "")) return plain;
    const [name = "", ...rest] = subject.split(" ");
    const value = (text: string): string => withUnit(words, { name, text, locale });
    const phrase = words.comparisons[comparison] ?? `${comparison} {expected}`;
    return fill(words[whole], {
      subject: subjectIn(words, name, rest.join(" ")),
      actual: value(actual),
      expected: fill(phrase, { expected: expected.split(", ").map(value).join(", ") }),
    });
  };

/** Any reason whose only fact is the subject of an assertion. */
export const aboutSubject =
  (words: AssertionWords, full: string, plain: string): Sentence =>
  (params: TextParams) => {
    const [name = "", ...rest] = (params["subject"] ?? "").split(" ");
    return name === "" ? plain : fill(full, { subject: subjectIn(words, name, rest.join(" ")) });
  };

function subjectIn(words: AssertionWords, name: string, of: string): string {
  const shown = name === "phase" ? (words.phases[of] ?? of) : of;
  return fill(words.subjects[of === "" ? name : `${name} {of}`] ?? `${name} {of}`, { of: shown });
}

const SPANS = new Set(["latency", "phase"]);

/** Spans as spans, counted things with their unit, and everything else as it stands, in quotes. */
function withUnit(
  { units }: AssertionWords,
  { name, text, locale }: { readonly name: string; readonly text: string; readonly locale: Locale },
): string {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  const quoted = fill(units["quoted"] ?? "{value}", { value: text });
  if (!Number.isFinite(number)) return quoted;
  if (SPANS.has(name)) return formatDuration(locale, number);
  const unit = units[name];
  return unit === undefined ? text : fill(unit, { value: formatNumber(locale, number) });
}
