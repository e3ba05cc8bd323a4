import {
  type IncidentView,
  incidentView,
  monitorView,
  type TimelineEntryView,
  timelineEntryView,
} from "@sentinel/contracts/api";
import {
  describeEntry,
  evidenceFromTimeline,
  evidenceLines,
  formatDateTime,
  formatDuration,
  type Locale,
  renderText,
} from "@sentinel/contracts/text";
import { z } from "zod";
import { type Command, EXIT } from "../command.ts";
import { type Parsed, readInteger, takeWords } from "../parse-options.ts";
import { openRest, type Rest, REST_OPTIONS, toJson } from "../rest/rest-options.ts";
import { renderFacts, renderTable } from "../table.ts";
import type { Context } from "../terminal.ts";
import { subcommand } from "./subcommand.ts";

const incidentPage = z.object({ data: z.array(incidentView) });
const timelinePage = z.object({ data: z.array(timelineEntryView) });
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;

/** `sentinel incidents`: what went wrong, and what people do about it. */
export const incidents: Command = {
  name: "incidents",
  options: { ...REST_OPTIONS, open: { type: "boolean" }, limit: { type: "string" } },
  async run(parsed, context) {
    const { action, words } = subcommand("incidents", parsed.words, ["list", "show", "ack", "resolve", "comment"]);
    const rest = openRest(parsed, context);
    const named = `incidents ${action}`;
    if (action === "list") {
      takeWords(named, words, []);
      return list(rest, context, parsed);
    }
    if (action === "comment") {
      takeWords(named, words.slice(0, 2), ["ID", "TEXT"]);
      return comment(rest, context, idOf(words), words.slice(1).join(" "));
    }
    const id = idOf(takeWords(named, words, ["ID"]));
    return action === "show" ? show(rest, context, id) : act(rest, context, id, VERBS[action]);
  },
};

const VERBS = { ack: "acknowledge", resolve: "resolve" } as const;

const idOf = ([word = ""]: readonly string[]): number =>
  readInteger("ID", word.replace(/^#/, ""), 1, Number.MAX_SAFE_INTEGER);

async function list(rest: Rest, { terminal, locale }: Context, parsed: Parsed): Promise<number> {
  const limit = readInteger("--limit", parsed.value("limit") ?? String(DEFAULT_LIMIT), 1, MAX_LIMIT);
  const open = parsed.flag("open");
  const { raw, value } = await rest.client.call(
    `/incidents?limit=${limit}${open ? "&open_only=true" : ""}`,
    incidentPage,
  );
  const found = open ? value.data.filter(({ status }) => status !== "resolved") : value.data;
  if (rest.json) terminal.out(toJson(raw));
  else if (found.length === 0)
    terminal.out(`${renderText(locale, open ? "cli.no_open_incidents" : "cli.no_incidents")}\n`);
  else {
    const head = ["id", "status", "severity", "monitor", "since", "lasted", "issue"].map((key) => column(locale, key));
    terminal.out(
      renderTable(
        head,
        found.map((each) => row(each, locale, terminal.now())),
      ),
    );
  }
  return EXIT.ok;
}

const column = (locale: Locale, key: string): string => renderText(locale, `cli.column.${key}`);
const instant = (locale: Locale, at: string): string => formatDateTime(locale, Date.parse(at));

function row(incident: IncidentView, locale: Locale, nowMs: number): readonly string[] {
  return [
    `#${incident.id}`,
    renderText(locale, `cli.incident_status.${incident.status}`),
    renderText(locale, `cli.severity.${incident.severity}`),
    incident.monitorName,
    instant(locale, incident.startedAt),
    lasted(incident, locale, nowMs),
    incident.diagnosis.text.issue,
  ];
}

/** The downtime of a resolved incident is settled; that of an open one still grows. */
function lasted(incident: IncidentView, locale: Locale, nowMs: number): string {
  const ms = incident.resolvedAt === null ? nowMs - Date.parse(incident.startedAt) : incident.downtimeMs;
  return formatDuration(locale, Math.max(0, Math.floor(ms / 1000) * 1000));
}

async function show(rest: Rest, { terminal, locale }: Context, id: number): Promise<number> {
  const { raw, value } = await rest.client.call(`/incidents/${id}`, incidentView);
  const timeline = await rest.client.call(`/incidents/${id}/timeline`, timelinePage);
  if (rest.json) terminal.out(toJson({ incident: raw, timeline: timeline.raw }));
  else {
    const now = await notKnownNow(rest, value, locale);
    terminal.out(renderFacts([...facts(value, locale, terminal.now()), ...now]));
    for (const line of whatWasSeen(timeline.value.data, locale)) terminal.out(line);
    const heading = renderText(locale, "cli.timeline");
    terminal.out(`\n${heading}\n${renderFacts(timeline.value.data.map((entry) => moment(entry, locale)))}`);
  }
  return EXIT.ok;
}

function facts(incident: IncidentView, locale: Locale, nowMs: number): (readonly [string, string])[] {
  const { issue, cause, recommendations } = incident.diagnosis.text;
  const fact = (key: string, text: string): [string, string][] => (text === "" ? [] : [[column(locale, key), text]]);
  return [
    ...fact("incident", `#${incident.id}`),
    ...fact("monitor", incident.monitorName),
    ...fact("status", renderText(locale, `cli.incident_status.${incident.status}`)),
    ...fact("severity", renderText(locale, `cli.severity.${incident.severity}`)),
    ...fact("nature", renderText(locale, `cli.nature.${incident.nature}`)),
    ...fact("since", instant(locale, incident.startedAt)),
    ...fact("resolved", incident.resolvedAt === null ? "" : instant(locale, incident.resolvedAt)),
    ...fact("lasted", lasted(incident, locale, nowMs)),
    ...fact("issue", issue),
    ...fact("cause", cause),
    ...fact("todo", recommendations.map((each) => `- ${each}`).join("\n")),
    ...fact("acting", renderText(locale, `cli.acting.${incident.acting}`)),
  ];
}

/** Since when nobody sees what the incident is about; nothing while it is seen. */
async function notKnownNow(rest: Rest, incident: IncidentView, locale: Locale): Promise<[string, string][]> {
  if (incident.resolvedAt !== null) return [];
  const path = `/monitors/${encodeURIComponent(incident.monitorId)}`;
  // Deleted since, or Sentinel itself: there is nothing to see.
  const monitor = await rest.client.call(path, monitorView).then(
    ({ value }) => value,
    () => undefined,
  );
  const since = monitor?.since ?? monitor?.lastCheckedAt ?? null;
  if (monitor?.status !== "unknown" || since === null) return [];
  return [[column(locale, "now"), renderText(locale, "cli.not_known_now", { at: instant(locale, since) })]];
}

/** What the round that decided saw of each endpoint that failed, as indented lines. */
function whatWasSeen(entries: readonly TimelineEntryView[], locale: Locale): readonly string[] {
  const endpoints = evidenceFromTimeline(entries)?.endpoints ?? [];
  return endpoints.flatMap(({ url, evidence }) => {
    const parts = evidence === null ? [] : evidenceLines(locale, evidence);
    if (parts.length === 0) return [];
    const indented = parts.flatMap(({ title, lines }) => [`  ${title}`, ...lines.map((line) => `    ${line}`)]);
    return [`\n${safe(url)}\n${indented.map(safe).join("\n")}\n`];
  });
}

/** Names in it come from whoever answered: nothing that a terminal would obey. */
const safe = (text: string): string => text.replaceAll(/[^\P{C}\n]+/gu, "·");

const moment = (entry: TimelineEntryView, locale: Locale): readonly [string, string] => [
  `  ${instant(locale, entry.at)}`,
  describeEntry(locale, entry),
];

async function act(rest: Rest, { terminal, locale }: Context, id: number, verb: "acknowledge" | "resolve") {
  const { raw } = await rest.client.call(`/incidents/${id}/${verb}`, incidentView, { method: "POST", body: {} });
  terminal.out(rest.json ? toJson(raw) : `${renderText(locale, `cli.incident_${verb}d`, { id: String(id) })}\n`);
  return EXIT.ok;
}

async function comment(rest: Rest, { terminal, locale }: Context, id: number, text: string): Promise<number> {
  const call = { method: "POST", body: { text } } as const;
  const { raw } = await rest.client.call(`/incidents/${id}/comments`, z.unknown(), call);
  terminal.out(rest.json ? toJson(raw) : `${renderText(locale, "cli.commented", { id: String(id) })}\n`);
  return EXIT.ok;
}
