import { SentinelError } from "@sentinel/contracts/errors";
import { chooseLocale, type Locale, LOCALES, renderText } from "@sentinel/contracts/text";
import { EXIT } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { unknownCommand } from "./commands/subcommand.ts";
import { describeFailure } from "./describe-failure.ts";
import { parseOptions, readChoice } from "./parse-options.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

const USAGE_CODES = [
  "command_unknown",
  "command_unknown_near",
  "option_unknown",
  "option_unknown_near",
  "option_value_missing",
  "option_value_unexpected",
  "option_value_invalid",
  "option_needs_other",
  "argument_missing",
  "argument_unexpected",
];

/** Runs one command line and gives its exit code; every failure is told on stderr. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const locale = wantedLocale(args, terminal.env);
  try {
    return await dispatch(args, terminal, locale);
  } catch (thrown) {
    terminal.err(describeFailure(locale, thrown));
    return thrown instanceof SentinelError && USAGE_CODES.includes(thrown.code) ? EXIT.usage : EXIT.failed;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal, locale: Locale): Promise<number> {
  const { name, rest } = splitCommand(args);
  if (name === undefined) {
    const parsed = parseOptions("", rest, { version: { type: "boolean", short: "V" } });
    if (parsed.flag("version")) return printVersion(terminal);
    const asked = parsed.flag("help");
    const page = renderText(locale, "cli.help");
    if (asked) terminal.out(page);
    else terminal.err(page);
    return asked ? EXIT.ok : EXIT.usage;
  }
  if (name === "help") return help(rest[0], terminal, locale);
  const load = COMMANDS[name];
  if (load === undefined) throw unknownCommand(name, Object.keys(COMMANDS));
  const command = await load();
  const parsed = parseOptions(name, rest, command.options);
  if (parsed.flag("help")) return help(name, terminal, locale);
  const lang = parsed.value("lang");
  if (lang !== undefined) readChoice("--lang", lang, LOCALES);
  return command.run(parsed, { terminal, locale });
}

/** The command is the first word; `--lang fr` may stand before it. */
function splitCommand(args: readonly string[]): {
  readonly name: string | undefined;
  readonly rest: readonly string[];
} {
  const at = args.findIndex((each, i) => !each.startsWith("-") && args[i - 1] !== "--lang");
  return at < 0 ? { name: undefined, rest: args } : { name: args[at], rest: args.toSpliced(at, 1) };
}

function help(name: string | undefined, terminal: Terminal, locale: Locale): number {
  if (name !== undefined && COMMANDS[name] === undefined) throw unknownCommand(name, Object.keys(COMMANDS));
  terminal.out(renderText(locale, name === undefined ? "cli.help" : `cli.help.${name}`));
  return EXIT.ok;
}

function printVersion(terminal: Terminal): number {
  terminal.out(`sentinel ${VERSION}\n`);
  return EXIT.ok;
}

/** --lang, else the language of the terminal; read first, so that even a wrong command line is told in it. */
function wantedLocale(args: readonly string[], env: Terminal["env"]): Locale {
  const at = args.indexOf("--lang");
  const option = at >= 0 ? args[at + 1] : args.find((each) => each.startsWith("--lang="))?.slice("--lang=".length);
  return chooseLocale(option || env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"]);
}
