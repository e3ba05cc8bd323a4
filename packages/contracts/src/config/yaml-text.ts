import { parse, stringify } from "yaml";
import { SentinelError } from "../errors/index.ts";

const MAX_ALIASES = 100;

/** Plain values of a YAML document, which JSON is as well. @throws SentinelError `file_not_readable_as` {file, form, detail} */
export function readYaml(text: string, file: string): unknown {
  try {
    const value: unknown = parse(text, { maxAliasCount: MAX_ALIASES, merge: true, logLevel: "error" });
    return value;
  } catch (cause) {
    const detail = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "";
    throw new SentinelError("file_not_readable_as", { file, form: "YAML", detail }, { cause });
  }
}

export const writeYaml = (value: unknown): string => stringify(value, { lineWidth: 120, aliasDuplicateObjects: false });
