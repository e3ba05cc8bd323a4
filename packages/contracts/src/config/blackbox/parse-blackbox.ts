import { LineCounter, parseDocument } from "yaml";
import type { FieldProblem } from "../../errors/index.ts";
import { placed, plainOf, syntaxProblem } from "../parse-config.ts";
import { problemsOf } from "../problem.ts";
import { BLACKBOX_KEYS, blackboxFile, type BlackboxModule } from "./module-schema.ts";

export type ParsedBlackbox =
  | { readonly ok: true; readonly modules: ReadonlyMap<string, BlackboxModule> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Reads a `blackbox.yml`: every problem at once, each with line and column, or all modules. */
export function parseBlackbox(text: string): ParsedBlackbox {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, merge: true });
  if (document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => syntaxProblem(error, lines)) };
  }
  const plain = plainOf(document);
  if (!plain.ok) return { ok: false, problems: [placed(plain.problem, document, lines)] };
  const parsed = blackboxFile.safeParse(plain.value ?? {}, { reportInput: true });
  if (parsed.success) return { ok: true, modules: new Map(Object.entries(parsed.data.modules)) };
  const problems = problemsOf(parsed.error, [], () => BLACKBOX_KEYS);
  return { ok: false, problems: problems.map((each) => placed(each, document, lines)) };
}
