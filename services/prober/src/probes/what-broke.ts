const LONGEST = 300;

/** A fault of our own in words: what was thrown and the line it comes from, without the folders of this machine. */
export function whatBroke(thrown: unknown): Readonly<Record<string, string>> {
  if (!(thrown instanceof Error)) return { error: String(thrown).slice(0, LONGEST), at: "" };
  const [, file = "", line = ""] = /([\w.-]+):(\d+):\d+\)?$/m.exec(framesOf(thrown)) ?? [];
  return { error: `${thrown.name}: ${thrown.message}`.slice(0, LONGEST), at: file === "" ? "" : `${file}:${line}` };
}

/** The lines below the message, which may hold anything. */
const framesOf = (thrown: Error): string =>
  (thrown.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
