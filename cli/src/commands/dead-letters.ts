import { deadLetterView } from "@sentinel/contracts/api";
import { formatDateTime, formatNumber, type Locale, renderText } from "@sentinel/contracts/text";
import { z } from "zod";
import { type Command, EXIT } from "../command.ts";
import { type Parsed, readInteger, takeWords } from "../parse-options.ts";
import { openRest, type Rest, REST_OPTIONS, toJson } from "../rest/rest-options.ts";
import { renderFacts, renderTable } from "../table.ts";
import type { Context } from "../terminal.ts";
import { subcommand } from "./subcommand.ts";

const page = z.object({ data: z.array(deadLetterView) });
const whole = deadLetterView.extend({ payload: z.string() });
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;

/** `sentinel dead-letters`: messages that could not be used, and what is to become of them. */
export const deadLetters: Command = {
  name: "dead-letters",
  options: { ...REST_OPTIONS, limit: { type: "string" } },
  async run(parsed, context) {
    const { action, words } = subcommand("dead-letters", parsed.words, ["list", "show", "replay", "discard"]);
    const rest = openRest(parsed, context);
    const named = `dead-letters ${action}`;
    if (action === "list") {
      takeWords(named, words, []);
      return await list(rest, context, parsed);
    }
    const [word = ""] = takeWords(named, words, ["ID"]);
    const id = readInteger("ID", word.replace(/^#/, ""), 1, Number.MAX_SAFE_INTEGER);
    return action === "show" ? await show(rest, context, id) : await act(rest, context, id, action);
  },
};

const column = (locale: Locale, key: string): string => renderText(locale, `cli.column.${key}`);
const instant = (locale: Locale, at: string): string => formatDateTime(locale, Date.parse(at));

async function list(rest: Rest, { terminal, locale }: Context, parsed: Parsed): Promise<number> {
  const limit = readInteger("--limit", parsed.value("limit") ?? String(DEFAULT_LIMIT), 1, MAX_LIMIT);
  const { raw, value } = await rest.client.call(`/dead-letters?limit=${limit}`, page);
  if (rest.json) terminal.out(toJson(raw));
  else if (value.data.length === 0) terminal.out(`${renderText(locale, "cli.no_dead_letters")}\n`);
  else {
    const head = ["id", "since", "source", "bytes", "reason"].map((key) => column(locale, key));
    const rows = value.data.map((each) => [
      `#${each.id}`,
      instant(locale, each.at),
      each.source,
      formatNumber(locale, each.payloadBytes),
      each.reasonText,
    ]);
    terminal.out(renderTable(head, rows));
  }
  return EXIT.ok;
}

async function show(rest: Rest, { terminal, locale }: Context, id: number): Promise<number> {
  const { raw, value } = await rest.client.call(`/dead-letters/${id}`, whole);
  if (rest.json) terminal.out(toJson(raw));
  else
    terminal.out(
      renderFacts([
        [column(locale, "id"), `#${value.id}`],
        [column(locale, "since"), instant(locale, value.at)],
        [column(locale, "source"), value.source],
        [column(locale, "subject"), value.subject],
        [column(locale, "reason"), value.reasonText],
        [column(locale, "bytes"), formatNumber(locale, value.payloadBytes)],
        [column(locale, "content"), readable(value.payload)],
      ]),
    );
  return EXIT.ok;
}

/** What of the message is text, cut to what a terminal can take; the rest shows as dots. */
function readable(base64: string): string {
  const text = Buffer.from(base64, "base64").subarray(0, 2000).toString("utf8");
  return text.replaceAll(/[^\P{C}\n]+|\uFFFD+/gu, "·");
}

async function act(rest: Rest, { terminal, locale }: Context, id: number, action: "replay" | "discard") {
  const path = `/dead-letters/${id}${action === "replay" ? "/replay" : ""}`;
  const call = action === "replay" ? ({ method: "POST", body: {} } as const) : ({ method: "DELETE" } as const);
  const { raw } = await rest.client.call(path, z.unknown(), call);
  const said = renderText(locale, `cli.dead_letter_${action}ed`, { id: String(id) });
  terminal.out(rest.json ? toJson(raw ?? {}) : `${said}\n`);
  return EXIT.ok;
}
