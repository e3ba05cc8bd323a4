import { parseConfig } from "@sentinel/contracts/config";
import { type FieldProblem, SentinelError } from "@sentinel/contracts/errors";
import { renderProblem, renderText } from "@sentinel/contracts/text";
import { type Command, EXIT } from "../command.ts";
import { readChoice } from "../parse-options.ts";
import { readTextFile } from "../read-text-file.ts";
import { toJson } from "../rest/rest-options.ts";
import type { Context } from "../terminal.ts";

/** `sentinel check`: every mistake of a configuration at once, in the form that editors and CI understand. */
export const check: Command = {
  name: "check",
  options: { output: { type: "string", short: "o" } },
  async run(parsed, context) {
    const json = readChoice("--output", parsed.value("output") ?? "table", ["table", "json"]) === "json";
    const [file = "sentinel.yaml", extra] = parsed.words;
    if (extra !== undefined) throw new SentinelError("argument_unexpected", { argument: extra, command: "check" });
    const result = parseConfig(await readTextFile(file), { file, env: context.terminal.env });
    const problems = result.ok ? [] : result.problems;
    if (json) context.terminal.out(toJson({ file, ok: result.ok, problems: problems.map(withMessage(context)) }));
    else if (!result.ok) context.terminal.out(problems.map((each) => line(file, each, context)).join(""));
    else {
      const { monitors, channels } = result.config;
      const counts = { file, monitors: String(monitors.length), channels: String(channels.length) };
      context.terminal.out(`${renderText(context.locale, "cli.check_ok", counts)}\n`);
    }
    return result.ok ? EXIT.ok : EXIT.failed;
  },
};

function line(file: string, problem: FieldProblem, { locale }: Context): string {
  const message = renderProblem(locale, problem);
  const path = problem.path === "" ? "" : `${problem.path}: `;
  return `${file}:${problem.line ?? 1}:${problem.column ?? 1}: ${path}${message}\n`;
}

function withMessage({ locale }: Context) {
  return ({ path, code, line: at, column, ...rest }: FieldProblem) => ({
    path,
    code,
    line: at ?? null,
    column: column ?? null,
    message: renderProblem(locale, { code, params: rest.params }),
  });
}
