import { nearest } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";

/**
 * The first word as one of a command's actions, the first action where there is no word.
 * @throws SentinelError `command_unknown(_near)` {command, near}
 */
export function subcommand<T extends string>(
  command: string,
  [word, ...words]: readonly string[],
  actions: readonly [T, ...T[]],
): { readonly action: T; readonly words: readonly string[] } {
  if (word === undefined) return { action: actions[0], words: [] };
  const action = actions.find((each) => each === word);
  if (action !== undefined) return { action, words };
  throw unknownCommand(word, actions, `${command} `);
}

/** @param prefix what stands before the word, such as "monitors ". */
export function unknownCommand(word: string, known: readonly string[], prefix = ""): SentinelError {
  const near = nearest(word, known);
  return near === undefined
    ? new SentinelError("command_unknown", { command: `${prefix}${word}` })
    : new SentinelError("command_unknown_near", { command: `${prefix}${word}`, near: `${prefix}${near}` });
}
