import type { OptionSpecs, Parsed } from "./parse-options.ts";
import type { Context } from "./terminal.ts";

/** 0 done, 1 failed, 2 the command line is wrong, 3 production is degraded or down, 4 unknown or out of reach. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notUp: 3, unknown: 4 } as const;

/** A command: its help page is the text `cli.help.<name>`. */
export interface Command {
  readonly name: string;
  readonly options: OptionSpecs;
  /** Resolves with the exit code. */
  run(parsed: Parsed, context: Context): Promise<number>;
}
