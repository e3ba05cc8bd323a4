import { type MonitorStatsView, monitorStatsView, type MonitorView, monitorView } from "@sentinel/contracts/api";
import { SentinelError } from "@sentinel/contracts/errors";
import { formatDateTime, formatDuration, formatPercent, type Locale, renderText } from "@sentinel/contracts/text";
import { z } from "zod";
import { type Command, EXIT } from "../command.ts";
import { type Parsed, takeWords } from "../parse-options.ts";
import { readTextFile } from "../read-text-file.ts";
import { openRest, type Rest, REST_OPTIONS, toJson } from "../rest/rest-options.ts";
import { renderFacts, renderTable } from "../table.ts";
import type { Context } from "../terminal.ts";
import { subcommand } from "./subcommand.ts";

const monitorPage = z.object({ data: z.array(monitorView) });

/** `sentinel monitors`: what is watched, and changes to it. */
export const monitors: Command = {
  name: "monitors",
  options: { ...REST_OPTIONS, name: { type: "string" }, group: { type: "string" }, tag: { type: "string" } },
  async run(parsed, context) {
    const { action, words } = subcommand("monitors", parsed.words, ["list", "show", "add", "remove"]);
    const rest = openRest(parsed, context);
    if (action !== "list") refuseFilters(parsed);
    if (action === "add") return add(rest, context, parsed, words);
    if (action === "show") return show(rest, context, takeWords("monitors show", words, ["NAME"]));
    if (action === "remove") return remove(rest, context, takeWords("monitors remove", words, ["NAME"]));
    takeWords("monitors list", words, []);
    return list(rest, context, filtersOf(parsed));
  },
};

const FILTERS = ["group", "tag"] as const;

/** @throws SentinelError `option_needs_other` where they would change nothing */
function refuseFilters(parsed: Parsed): void {
  for (const filter of FILTERS) {
    if (parsed.value(filter) === undefined) continue;
    throw new SentinelError("option_needs_other", { option: `--${filter}`, needed: "monitors list" });
  }
}

/** "?group=Shop&tag=web", or nothing for all. */
function filtersOf(parsed: Parsed): string {
  const asked = new URLSearchParams();
  for (const filter of FILTERS) {
    const value = parsed.value(filter);
    if (value !== undefined) asked.set(filter, value);
  }
  return asked.size === 0 ? "" : `?${asked.toString()}`;
}

async function list(rest: Rest, { terminal, locale }: Context, filters: string): Promise<number> {
  const { raw, value } = await rest.client.call(`/monitors${filters}`, monitorPage);
  if (rest.json) terminal.out(toJson(raw));
  else if (value.data.length === 0) {
    const key = filters === "" ? "cli.no_monitors" : "cli.no_monitors_found";
    terminal.out(`${renderText(locale, key)}\n`);
  } else {
    const head = ["name", "status", "uptime", "response", "every", "endpoint"].map((key) =>
      renderText(locale, `cli.column.${key}`),
    );
    const rows = value.data.map((each) => row(each, locale));
    terminal.out(renderTable(head, rows));
  }
  return EXIT.ok;
}

function row(monitor: MonitorView, locale: Locale): readonly string[] {
  const [first, ...more] = monitor.spec.endpoints;
  return [
    monitor.name,
    statusText(monitor, locale),
    monitor.uptime24h === null ? "–" : formatPercent(locale, monitor.uptime24h),
    monitor.responseTimeMs === null ? "–" : formatDuration(locale, monitor.responseTimeMs),
    monitor.spec.every,
    more.length === 0 ? (first?.url ?? "") : `${first?.url ?? ""} +${more.length}`,
  ];
}

const statusText = (monitor: MonitorView, locale: Locale): string =>
  renderText(locale, `cli.monitor_status.${monitor.status}`);

async function show(rest: Rest, { terminal, locale }: Context, [name = ""]: readonly string[]): Promise<number> {
  const { value } = await find(rest, name);
  const path = `/monitors/${encodeURIComponent(value.id)}`;
  if (rest.json) {
    terminal.out(toJson((await rest.client.call(path, z.unknown())).raw));
    return EXIT.ok;
  }
  const stats = async (window: string): Promise<MonitorStatsView> =>
    (await rest.client.call(`${path}/stats?window=${window}`, monitorStatsView)).value;
  const [month, year] = await Promise.all([stats("30d"), stats("1y")]);
  const fact = (key: string, text: string | null | undefined): [string, string][] =>
    text === null || text === undefined || text === "" ? [] : [[renderText(locale, `cli.column.${key}`), text]];
  const at = (instant: string | null): string | null =>
    instant === null ? null : formatDateTime(locale, Date.parse(instant));
  terminal.out(
    renderFacts([
      ...fact("name", value.name),
      ...fact("id", value.id),
      ...fact("status", statusText(value, locale)),
      ...fact("since", at(value.since)),
      ...fact("reason", value.reason === null ? null : renderText(locale, `reason.${value.reason}`)),
      ...fact("uptime", value.uptime24h === null ? null : formatPercent(locale, value.uptime24h)),
      ...fact("uptime_30d", month.uptime === null ? null : formatPercent(locale, month.uptime)),
      ...fact("uptime_1y", year.uptime === null ? null : formatPercent(locale, year.uptime)),
      ...fact("percentiles_30d", percentilesText(month, locale)),
      ...fact("checked", at(value.lastCheckedAt)),
      ...fact("every", value.spec.every),
      ...fact(
        "endpoint",
        value.spec.endpoints.map(({ method, url }) => (/^https?:/i.test(url) ? `${method} ${url}` : url)).join("\n"),
      ),
      ...fact("repair", `${value.spec.repair.action} (${value.spec.repair.mode})`),
      ...fact("incident", value.openIncidentId === null ? null : String(value.openIncidentId)),
      ...fact("owner", value.spec.owner),
      ...fact("group", value.spec.group),
      ...fact("depends_on", value.spec.dependsOn.join(", ")),
      ...fact("suppressed_by", value.suppressedBy),
      ...fact("budget", budgetText(value, locale)),
      ...fact("tags", value.spec.tags.join(", ")),
      ...fact("source", value.source),
    ]),
  );
  return EXIT.ok;
}

const budgetText = ({ slo }: MonitorView, locale: Locale): string | null =>
  slo === null || slo.budgetLeft === null ? null : formatPercent(locale, slo.budgetLeft);

function percentilesText({ p50Ms, p95Ms, p99Ms }: MonitorStatsView, locale: Locale): string | null {
  if (p50Ms === null || p95Ms === null || p99Ms === null) return null;
  return [p50Ms, p95Ms, p99Ms].map((ms) => formatDuration(locale, ms)).join(" · ");
}

async function add(rest: Rest, { terminal, locale }: Context, parsed: Parsed, words: readonly string[]) {
  const body = await authoredMonitor(parsed, words);
  const { raw, value } = await rest.client.call("/monitors", monitorView, { method: "POST", body });
  terminal.out(
    rest.json ? toJson(raw) : `${renderText(locale, "cli.monitor_added", { name: value.name, id: value.id })}\n`,
  );
  return EXIT.ok;
}

/** The monitor as a file says it, or as an address and a name do; the gateway judges it. */
async function authoredMonitor(parsed: Parsed, words: readonly string[]): Promise<unknown> {
  const [source = ""] = takeWords("monitors add", words, ["URL | FILE.json"]);
  const name = parsed.value("name");
  if (source.includes("://")) return { name: name ?? nameFor(source), endpoints: [source] };
  if (name !== undefined) throw new SentinelError("option_needs_other", { option: "--name", needed: "URL" });
  const text = await readTextFile(source);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SentinelError("file_not_json", { file: source, reason }, { cause });
  }
}

const nameFor = (endpoint: string): string => (URL.canParse(endpoint) ? new URL(endpoint).host : endpoint);

async function remove(rest: Rest, { terminal, locale }: Context, [name = ""]: readonly string[]): Promise<number> {
  const { value } = await find(rest, name);
  await rest.client.call(`/monitors/${encodeURIComponent(value.id)}`, z.unknown(), {
    method: "DELETE",
    version: value.version,
  });
  terminal.out(
    rest.json ? toJson({ removed: value.id }) : `${renderText(locale, "cli.monitor_removed", { name: value.name })}\n`,
  );
  return EXIT.ok;
}

/** The monitor of this id or, as people write it, of this name. @throws SentinelError `monitor_name_unknown` {name} */
async function find(rest: Rest, name: string): Promise<{ readonly value: MonitorView }> {
  const { value } = await rest.client.call("/monitors", monitorPage);
  const found = value.data.find((each) => each.id === name) ?? value.data.find((each) => each.name === name);
  if (found === undefined) throw new SentinelError("monitor_name_unknown", { name });
  return { value: found };
}
