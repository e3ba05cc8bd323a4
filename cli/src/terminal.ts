import { once } from "node:events";
import type { Locale } from "@sentinel/contracts/text";
import { systemClock } from "@sentinel/service-kit";

/** Where a command writes and what it knows of its surroundings. */
export interface Terminal {
  /** Data, for people and scripts: stdout. */
  out(text: string): void;
  /** Everything else: stderr. */
  err(text: string): void;
  /** Resolves when stdout takes more, or nobody reads it any longer. */
  drained(): Promise<void>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Context {
  readonly terminal: Terminal;
  readonly locale: Locale;
}

/** The terminal of this process. */
export function processTerminal(env: Terminal["env"]): Terminal {
  // Whoever reads may go away first, as `head` does; what is asked for is done all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    drained: async () => {
      const { stdout } = process;
      if (stdout.writableNeedDrain && !stdout.destroyed)
        await Promise.race([once(stdout, "drain"), once(stdout, "close")]);
    },
    env,
    cwd: process.cwd(),
    now: () => systemClock.now(),
  };
}
