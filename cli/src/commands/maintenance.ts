import { type MaintenanceView, maintenanceView } from "@sentinel/contracts/api";
import { SentinelError } from "@sentinel/contracts/errors";
import { formatDateTime, type Locale, renderText } from "@sentinel/contracts/text";
import { z } from "zod";
import { type Command, EXIT } from "../command.ts";
import { type Parsed, takeWords } from "../parse-options.ts";
import { openRest, type Rest, REST_OPTIONS, toJson } from "../rest/rest-options.ts";
import { renderTable } from "../table.ts";
import type { Context } from "../terminal.ts";
import { subcommand } from "./subcommand.ts";

const page = z.object({ data: z.array(maintenanceView) });
const LIST = /\s*,\s*/;

/** `sentinel maintenance`: spans of time in which what fails is expected. */
export const maintenance: Command = {
  name: "maintenance",
  options: {
    ...REST_OPTIONS,
    for: { type: "string" },
    starts: { type: "string" },
    zone: { type: "string" },
    repeat: { type: "string" },
    monitors: { type: "string" },
    groups: { type: "string" },
    tags: { type: "string" },
    reason: { type: "string" },
  },
  async run(parsed, context) {
    const { action, words } = subcommand("maintenance", parsed.words, ["list", "start", "end", "remove"]);
    const rest = openRest(parsed, context);
    if (action === "list") {
      takeWords("maintenance list", words, []);
      return await list(rest, context);
    }
    const [name = ""] = takeWords(`maintenance ${action}`, words, ["NAME"]);
    if (action === "start") return await start(rest, context, parsed, name);
    return action === "end" ? await end(rest, context, name) : await remove(rest, context, name);
  },
};

const at = (locale: Locale, instant: string | null): string =>
  instant === null ? "–" : formatDateTime(locale, Date.parse(instant));

async function list(rest: Rest, { terminal, locale }: Context): Promise<number> {
  const { raw, value } = await rest.client.call("/maintenance", page);
  if (rest.json) terminal.out(toJson(raw));
  else if (value.data.length === 0) terminal.out(`${renderText(locale, "cli.no_maintenance")}\n`);
  else {
    const head = ["name", "status", "starts", "ends", "repeat", "covers"].map((key) =>
      renderText(locale, `cli.column.${key}`),
    );
    terminal.out(
      renderTable(
        head,
        value.data.map((each) => row(each, locale)),
      ),
    );
  }
  return EXIT.ok;
}

function row(each: MaintenanceView, locale: Locale): readonly string[] {
  const state = each.active ? "active" : each.startsAt === null ? "over" : "planned";
  return [
    each.name,
    renderText(locale, `cli.maintenance.${state}`),
    at(locale, each.startsAt),
    at(locale, each.endsAt),
    each.repeat ?? "–",
    String(each.covers),
  ];
}

async function start(rest: Rest, { terminal, locale }: Context, parsed: Parsed, name: string): Promise<number> {
  const duration = parsed.value("for");
  if (duration === undefined) throw new SentinelError("option_needs_other", { option: "start", needed: "--for 2h" });
  const listed = (option: string): readonly string[] => parsed.value(option)?.split(LIST) ?? [];
  const [groups, tags] = [listed("groups"), listed("tags")];
  const named = listed("monitors");
  const body = {
    name,
    duration,
    monitors: named.length + groups.length + tags.length === 0 ? ["*"] : named,
    groups,
    tags,
    ...optional(parsed, ["starts", "zone", "repeat", "reason"]),
  };
  const { raw, value } = await rest.client.call("/maintenance", maintenanceView, { method: "POST", body });
  const params = { name: value.name, until: at(locale, value.endsAt), covers: String(value.covers) };
  const key = value.active ? "cli.maintenance_started" : "cli.maintenance_planned";
  const said = renderText(locale, key, { ...params, from: at(locale, value.startsAt) });
  terminal.out(rest.json ? toJson(raw) : `${said}\n`);
  return EXIT.ok;
}

const optional = (parsed: Parsed, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = parsed.value(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

async function end(rest: Rest, { terminal, locale }: Context, name: string): Promise<number> {
  const path = `/maintenance/${encodeURIComponent(name)}/end`;
  const { raw, value } = await rest.client.call(path, maintenanceView, { method: "POST", body: {} });
  terminal.out(rest.json ? toJson(raw) : `${renderText(locale, "cli.maintenance_ended", { name: value.name })}\n`);
  return EXIT.ok;
}

async function remove(rest: Rest, { terminal, locale }: Context, name: string): Promise<number> {
  await rest.client.call(`/maintenance/${encodeURIComponent(name)}`, z.unknown(), { method: "DELETE" });
  terminal.out(rest.json ? toJson({ removed: name }) : `${renderText(locale, "cli.maintenance_removed", { name })}\n`);
  return EXIT.ok;
}
