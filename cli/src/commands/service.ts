import { SentinelError } from "@sentinel/contracts/errors";
import type { Command } from "../command.ts";
import { takeWords } from "../parse-options.ts";
import { SERVICE_NAMES } from "../up/options.ts";
import { readUpOptions, UP_OPTIONS } from "../up/read-up-options.ts";
import { unknownCommand } from "./subcommand.ts";

const { distributed: _, ...SERVICE_OPTIONS } = UP_OPTIONS;

/** `sentinel service`: one service of distributed mode as a process of its own. */
export const service: Command = {
  name: "service",
  options: SERVICE_OPTIONS,
  async run(parsed, context) {
    const [word = ""] = takeWords("service", parsed.words, [SERVICE_NAMES.join(" | ")]);
    const name = SERVICE_NAMES.find((each) => each === word);
    if (name === undefined) throw unknownCommand(word, SERVICE_NAMES, "service ");
    if (parsed.flag("demo")) throw new SentinelError("option_needs_other", { option: "--demo", needed: "sentinel up" });
    const { runService } = await import("../up/service.ts");
    return runService(name, readUpOptions(parsed, context, true));
  },
};
