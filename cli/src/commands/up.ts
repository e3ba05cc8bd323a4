import type { Command } from "../command.ts";
import { takeWords } from "../parse-options.ts";
import { readUpOptions, UP_OPTIONS } from "../up/read-up-options.ts";

/** `sentinel up`: everything in one process, or one process per service. */
export const up: Command = {
  name: "up",
  options: UP_OPTIONS,
  async run(parsed, context) {
    takeWords("up", parsed.words, []);
    const distributed = parsed.flag("distributed");
    const options = readUpOptions(parsed, context, distributed);
    if (distributed) {
      const { startDistributed } = await import("../up/distributed.ts");
      return startDistributed(options);
    }
    const { startAllInOne } = await import("../up/all-in-one.ts");
    return startAllInOne(options);
  },
};
