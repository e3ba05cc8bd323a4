import { formatDuration, renderText } from "@sentinel/contracts/text";
import { z } from "zod";
import { type Command, EXIT } from "../command.ts";
import { takeWords } from "../parse-options.ts";
import { openRest, REST_OPTIONS, toJson } from "../rest/rest-options.ts";
import { subcommand } from "./subcommand.ts";

const testOutcome = z.object({ delivered: z.boolean(), reason: z.string().nullable(), tookMs: z.number() });

/** `sentinel notify test`: sends one message over a channel and says what became of it. */
export const notify: Command = {
  name: "notify",
  options: REST_OPTIONS,
  async run(parsed, context) {
    takeWords("notify", parsed.words.slice(0, 1), ["test"]);
    const { words } = subcommand("notify", parsed.words, ["test"]);
    const [name = ""] = takeWords("notify test", words, ["NAME"]);
    const { client, json } = openRest(parsed, context);
    const path = `/channels/${encodeURIComponent(name)}/test`;
    const { raw, value } = await client.call(path, testOutcome, { method: "POST", body: {} });
    const { locale, terminal } = context;
    const took = formatDuration(locale, value.tookMs);
    const why = value.reason ?? "";
    const reason = renderText(locale, `reason.${why}`) === `reason.${why}` ? why : renderText(locale, `reason.${why}`);
    const key = value.delivered ? "cli.notify_delivered" : "cli.notify_failed";
    terminal.out(json ? toJson(raw) : `${renderText(locale, key, { name, took, reason })}\n`);
    return value.delivered ? EXIT.ok : EXIT.failed;
  },
};
