const GAP = "  ";

/** Columns side by side, each as wide as its widest cell; no spaces at the end of a line. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ""))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
        .join(GAP)
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** A name before each value, one pair a line; a value of several lines stays under itself. */
export function renderFacts(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...facts.map(([name]) => widthOf(name)));
  return facts
    .map(([name, value]) => {
      const indent = `\n${" ".repeat(width)}${GAP}`;
      return `${name}${" ".repeat(width - widthOf(name))}${GAP}${value.replaceAll("\n", indent)}\n`;
    })
    .join("");
}

/** Terminal cells of a text: combining marks take none, wide East Asian characters and emoji two. */
function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
