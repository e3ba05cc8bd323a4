import { parseArgs } from "node:util";
import { SentinelError } from "@sentinel/contracts/errors";
import { nearest } from "@sentinel/contracts/config";

/** An option of a command, by its long name: with a value, or a flag. */
interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The options and words of one command line. */
export interface Parsed {
  /** The value of an option, the last one where it stands twice. */
  readonly value: (name: string) => string | undefined;
  readonly flag: (name: string) => boolean;
  /** The words that are no options, in order. */
  readonly words: readonly string[];
}

/** Options that every command takes. */
export const COMMON_OPTIONS: OptionSpecs = {
  help: { type: "boolean", short: "h" },
  lang: { type: "string" },
};

/**
 * Reads a command line strictly.
 * @throws SentinelError `option_unknown(_near)` {option, command, near}, `option_value_missing` {option},
 * `option_value_unexpected` {option, value}
 */
export function parseOptions(command: string, args: readonly string[], specs: OptionSpecs): Parsed {
  const options = { ...COMMON_OPTIONS, ...specs };
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const spec = options[token.name];
    if (spec === undefined) throw unknownOption(command, token.rawName, options);
    if (spec.type === "boolean") {
      if (token.value !== undefined) {
        throw new SentinelError("option_value_unexpected", { option: token.rawName, value: token.value });
      }
      flags.add(token.name);
    } else {
      values.set(token.name, valueOf(token.rawName, token.value, token.inlineValue === true));
    }
  }
  return { value: (name) => values.get(name), flag: (name) => flags.has(name), words };
}

function valueOf(option: string, value: string | undefined, inline: boolean): string {
  // `--config --demo` is a forgotten value, not a file named "--demo".
  if (value === undefined || value === "" || (!inline && value.startsWith("-"))) {
    throw new SentinelError("option_value_missing", { option });
  }
  return value;
}

function unknownOption(command: string, option: string, options: OptionSpecs): SentinelError {
  const near = nearest(option.replace(/^-+/, ""), Object.keys(options));
  return near === undefined
    ? new SentinelError("option_unknown", { option, command })
    : new SentinelError("option_unknown_near", { option, command, near: `--${near}` });
}

/** A whole number in a range. @throws SentinelError `option_value_invalid` {option, value, expected} */
export function readInteger(option: string, value: string, minimum: number, maximum: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new SentinelError("option_value_invalid", { option, value, expected: `${minimum}–${maximum}` });
}

/** One of a few words. @throws SentinelError `option_value_invalid` {option, value, expected} */
export function readChoice<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  throw new SentinelError("option_value_invalid", { option, value, expected: choices.join(" | ") });
}

/** Exactly the named words. @throws SentinelError `argument_missing`, `argument_unexpected` {argument, command} */
export function takeWords(command: string, words: readonly string[], names: readonly string[]): readonly string[] {
  for (const [i, argument] of names.entries()) {
    if (words[i] === undefined) throw new SentinelError("argument_missing", { argument, command });
  }
  const extra = words[names.length];
  if (extra !== undefined) throw new SentinelError("argument_unexpected", { argument: extra, command });
  return words;
}
