import { type Overview, overview } from "@sentinel/contracts/api";
import { SentinelError } from "@sentinel/contracts/errors";
import { formatDateTime, renderText } from "@sentinel/contracts/text";
import { type Command, EXIT } from "../command.ts";
import { takeWords } from "../parse-options.ts";
import { describeFailure } from "../describe-failure.ts";
import { openRest, REST_OPTIONS, toJson } from "../rest/rest-options.ts";
import type { Context } from "../terminal.ts";

const EXIT_OF: Readonly<Record<Overview["state"], number>> = {
  up: EXIT.ok,
  degraded: EXIT.notUp,
  down: EXIT.notUp,
  unknown: EXIT.unknown,
  empty: EXIT.unknown,
};

/** `sentinel status`: the five answers in a line, which is what the headline of the overview says. */
export const status: Command = {
  name: "status",
  options: REST_OPTIONS,
  async run(parsed, context) {
    takeWords("status", parsed.words, []);
    const { client, json } = openRest(parsed, context);
    try {
      const { raw, value } = await client.call("/status", overview);
      context.terminal.out(json ? toJson(raw) : told(value, context));
      return EXIT_OF[value.state];
    } catch (thrown) {
      if (thrown instanceof SentinelError && thrown.code === "option_value_invalid") throw thrown;
      // Whatever hides the answer, production's state is not known; that is not "down".
      context.terminal.err(describeFailure(context.locale, thrown));
      return EXIT.unknown;
    }
  },
};

function told({ headline, notFoldedSince }: Overview, { locale }: Context): string {
  if (notFoldedSince === null) return `${headline}\n`;
  const time = formatDateTime(locale, Date.parse(notFoldedSince));
  return `${headline}\n${renderText(locale, "cli.not_folded", { time })}\n`;
}
