import { type Locale, renderText } from "@sentinel/contracts/text";
import type { FoundSecret, Note } from "./ledger.ts";

export interface Report {
  readonly notes: readonly Note[];
  readonly secrets: readonly FoundSecret[];
  readonly monitors: number;
  /** How many there were in the input. */
  readonly entries: number;
  readonly file: string | undefined;
}

const KINDS = ["mapped", "changed", "lost"] as const;

/** What was kept, what was changed and what was not kept, each key by its place; no value of a secret is in it. */
export function reportText(locale: Locale, report: Report): string {
  const sections = KINDS.map((kind) => {
    const notes = report.notes.filter((note) => note.kind === kind);
    const head = renderText(locale, `import.${kind}`, { count: String(notes.length) });
    return [head, ...collapsed(notes.map((note) => lineOf(locale, note)))].join("\n");
  });
  const names = [...new Set(report.secrets.map(({ name }) => name))];
  const secrets = names.map((name) => {
    const paths = report.secrets.filter((each) => each.name === name).map(({ path }) => path);
    return `  ${name} (${paths.join(", ")})`;
  });
  const counts = { monitors: String(report.monitors), entries: String(report.entries), file: report.file ?? "" };
  return `${[
    ...sections,
    ...(secrets.length === 0 ? [] : [[renderText(locale, "import.secrets"), ...secrets].join("\n")]),
    renderText(locale, report.file === undefined ? "import.done" : "import.written", counts),
  ].join("\n\n")}\n`;
}

/** As many lines of one kind as are told together, their numbers left out. */
const TOGETHER = 4;

function collapsed(lines: readonly string[]): readonly string[] {
  const withoutNumbers = (line: string): string => line.replaceAll(/\.\d+(?=[.:\s])/g, ".*");
  const groups = Map.groupBy(lines, withoutNumbers);
  return [...groups].flatMap(([line, all]) =>
    all.length < TOGETHER ? all.map((each) => `  ${each}`) : [`  ${line} (×${all.length})`],
  );
}

function lineOf(locale: Locale, { path, to, why, params = {} }: Note): string {
  const target = to === undefined ? "" : ` → ${to}`;
  return `${path}${target}${why === undefined ? "" : `: ${renderText(locale, `import.why.${why}`, params)}`}`;
}
