import { SentinelError } from "@sentinel/contracts";
import { problemsOf } from "@sentinel/contracts/config";
import { chooseLocale, type Locale } from "@sentinel/contracts/text";
import { z } from "zod";

type RawQuery = Readonly<Record<string, unknown>>;

const lang = z.enum(["en", "fr"]);

/** `?lang=` beats Accept-Language. Errors: `query_invalid`. */
export function localeOf(query: RawQuery, acceptLanguage: string | undefined): Locale {
  if (query["lang"] === undefined) return chooseLocale(acceptLanguage);
  const read = lang.safeParse(query["lang"]);
  if (read.success) return read.data;
  throw new SentinelError("query_invalid", { name: "lang", value: shown(query["lang"]), expected: "en, fr" });
}

/** Errors: `query_invalid`, also for a parameter nobody knows. Gives the raw values once they are known to fit. */
export function checkQuery(shape: z.ZodObject | undefined, query: RawQuery): RawQuery {
  const { lang: _lang, ...own } = query;
  const wanted = shape ?? z.object({});
  const read = wanted.strict().safeParse(own);
  if (read.success) return own;
  const issue = read.error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const name = issue.keys[0] ?? "";
    const expected = ["lang", ...Object.keys(wanted.shape)].join(", ");
    throw new SentinelError("query_invalid", { name, value: shown(own[name]), expected });
  }
  const name = String(issue?.path[0] ?? "");
  throw new SentinelError("query_invalid", { name, value: shown(own[name]), expected: issue?.message ?? "" });
}

function shown(value: unknown): string {
  return (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).slice(0, 100);
}

/** JSON of a body; undefined when it is empty. Errors: `request_malformed`. */
export function parseJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "";
    throw new SentinelError("request_malformed", { reason: reason.slice(0, 200) }, { cause });
  }
}

/** Number of an incident in an address. Errors: `query_invalid`. */
export function incidentId(text: string | undefined): number {
  const id = Number(text);
  if (/^\d{1,10}$/.test(text ?? "") && id > 0 && id < 2 ** 32) return id;
  throw new SentinelError("query_invalid", { name: "id", value: shown(text), expected: "1, 2, 3 …" });
}

/**
 * The version in If-Match; 0 for `*`, which means any. Errors: `precondition_required` when it is absent,
 * `header_invalid` when it is no tag of ours.
 */
export function requiredVersion(ifMatch: string): number {
  const version = optionalVersion(ifMatch);
  if (version === undefined) throw new SentinelError("precondition_required");
  return version;
}

/** The same where it may be left out. */
export function optionalVersion(ifMatch: string): number | undefined {
  const text = ifMatch.trim();
  if (text === "") return undefined;
  if (text === "*") return 0;
  const version = Number(/^"(\d{1,9})"$/.exec(text)?.[1]);
  if (version > 0) return version;
  throw new SentinelError("header_invalid", { name: "If-Match", value: shown(text), expected: '"3", *' });
}

/** Errors: `header_invalid`. */
export function idempotencyKey(text: string): string {
  if (/^[\x21-\x7e]{0,200}$/.test(text)) return text;
  throw new SentinelError("header_invalid", {
    name: "Idempotency-Key",
    value: shown(text),
    expected: "1–200 ASCII characters without spaces",
  });
}

/** Reads a body by its shape. Errors: `request_invalid` with each wrong field. */
export function readBody<Shape extends z.ZodObject>(shape: Shape, body: unknown): z.output<Shape> {
  const read = shape.safeParse(body ?? {}, { reportInput: true });
  if (read.success) return read.data;
  const problems = problemsOf(read.error, [], () => Object.keys(shape.shape));
  throw new SentinelError("request_invalid", { count: String(problems.length) }, { problems });
}
