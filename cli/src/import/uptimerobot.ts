import { Entry, type Fields, isFields } from "./entry.ts";
import { type EndpointDraft, endpointDraft, type Json, type MonitorDraft } from "./draft.ts";
import type { Ledger } from "./ledger.ts";
import { addHeader, safeBody, safeUrl } from "./secrets.ts";
import { every, timeout } from "./span.ts";

/** Redirects that UptimeRobot follows. */
const REDIRECTS = 10;

/** Monitors from UptimeRobot's export: the answer of its API, version 2 or 3, or the rows of its CSV file. */
export function importUptimeRobot(input: unknown, path: string, ledger: Ledger): readonly MonitorDraft[] {
  const root = new Entry(path, input, ledger);
  const key = ["monitors", "data"].find((each) => root.list(each).length > 0);
  const rows = Array.isArray(input) ? input : key === undefined ? [] : root.list(key);
  for (const each of isFields(input) ? root.keys() : []) if (each !== key) root.lost(each, "bookkeeping");
  const place = key === undefined ? path : root.at(key);
  return rows.flatMap((row: unknown, index) => monitorFrom(new Entry(`${place}.${index}`, row, ledger), ledger) ?? []);
}

type Kind = "http" | "keyword" | "ping" | "port" | "heartbeat" | "dns";

const KINDS: Readonly<Record<string, Kind>> = {
  "1": "http",
  "2": "keyword",
  "3": "ping",
  "4": "port",
  "5": "heartbeat",
  http: "http",
  https: "http",
  "http(s)": "http",
  keyword: "keyword",
  ping: "ping",
  port: "port",
  heartbeat: "heartbeat",
  dns: "dns",
};
const PORTS: Readonly<Record<string, string>> = { "1": "80", "2": "443", "3": "21", "4": "25", "5": "110", "6": "143" };

/** The same thing by its names in both versions of the API and in the file. */
function alias(entry: Entry, ...names: readonly string[]): string {
  const wanted = names.map(plain);
  return entry.keys().find((key) => wanted.includes(plain(key))) ?? names[0] ?? "";
}

const plain = (key: string): string => key.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

function monitorFrom(entry: Entry, ledger: Ledger): MonitorDraft | undefined {
  const typeKey = alias(entry, "type", "monitor_type");
  const kind = KINDS[entry.text(typeKey).toLowerCase()];
  const nameKey = alias(entry, "friendly_name", "name");
  const name = entry.text(nameKey) || entry.path;
  if (kind === undefined || kind === "heartbeat" || kind === "dns") {
    ledger.refuse(entry.path, kind === "heartbeat" ? "push_kind" : "kind_unknown", { kind: entry.text(typeKey) });
    return undefined;
  }
  const draft = endpointDraft("");
  entry.mapped(typeKey, "url");
  entry.mapped(nameKey, "name");
  readAddress(entry, draft, kind, name, ledger);
  if (kind === "http" || kind === "keyword") readHttp(entry, draft, kind, name, ledger);
  const body = bodyOf(entry);
  for (const key of entry.keys()) if (BOOKKEEPING.test(plain(key))) entry.lost(key, "bookkeeping");
  for (const key of entry.keys())
    if (/^(alertcontacts|assignedalertcontacts|mwindows|maintenancewindows)$/.test(plain(key)))
      entry.lost(key, "channels");
  return { name, endpoints: [draft], body, path: entry.path };
}

const BOOKKEEPING =
  /^(?:id|createdatetime|createdat|logs|responsetimes?|averageresponsetime|ssl|uptime.*|alltime.*|customuptime.*|lastincident.*|currentstate.*|downtime.*|regionaldata)$/;

function readAddress(entry: Entry, draft: EndpointDraft, kind: Kind, name: string, ledger: Ledger): void {
  const urlKey = alias(entry, "url", "url_ip");
  const text = entry.text(urlKey);
  const host = text.replace(/^[a-z]+:\/\//, "").replace(/[/:].*$/, "");
  if (kind === "ping" || kind === "port") {
    const portKey = alias(entry, "port");
    const subKey = alias(entry, "sub_type");
    const port = entry.text(portKey) || PORTS[entry.text(subKey)] || "";
    draft.url = kind === "ping" ? `icmp://${host}` : `tcp://${host}:${port}`;
    entry.changed(urlKey, "url", "address_form");
    if (kind === "port") for (const key of [portKey, subKey]) entry.mapped(key, "url");
    else for (const key of [portKey, subKey]) entry.lost(key, "kind_has_none");
    return;
  }
  draft.url = safeUrl(draft, entry.at(urlKey), /^https?:/.test(text) ? text : `http://${text}`, name, ledger);
  for (const key of [alias(entry, "port"), alias(entry, "sub_type")]) entry.lost(key, "kind_has_none");
}

const METHODS: Readonly<Record<string, string>> = {
  "1": "HEAD",
  "2": "GET",
  "3": "POST",
  "4": "PUT",
  "5": "PATCH",
  "6": "DELETE",
  "7": "OPTIONS",
};

function readHttp(entry: Entry, draft: EndpointDraft, kind: Kind, name: string, ledger: Ledger): void {
  const methodKey = alias(entry, "http_method", "http_method_type");
  const given = entry.text(methodKey).toUpperCase();
  const method = METHODS[given] ?? given;
  if (/^(?:HEAD|GET|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method)) {
    // A body is needed to look for a word in it.
    const wanted = kind === "keyword" && method === "HEAD" ? "GET" : method;
    if (wanted !== "GET") draft.options["method"] = wanted;
    if (wanted === method) entry.mapped(methodKey, "method");
    else entry.changed(methodKey, "method", "needs_body");
  }
  draft.options["redirects"] = REDIRECTS;
  if (kind === "keyword") readKeyword(entry, draft);
  const userKey = alias(entry, "http_username");
  const passwordKey = alias(entry, "http_password");
  const wayKey = alias(entry, "http_auth_type", "auth_type");
  if (entry.has(userKey) && /^(?:|1|basic|http_basic)$/i.test(entry.text(wayKey))) {
    const password = entry.secret(passwordKey, "http.auth.basic.password", `${name} password`);
    draft.http["auth"] = { basic: { user: entry.text(userKey), password } };
    entry.mapped(userKey, "http.auth.basic.user");
    entry.mapped(wayKey, "http.auth");
  } else for (const key of [userKey, passwordKey, wayKey]) entry.lost(key, "auth_way");
  const bodyKey = alias(entry, "post_value", "post_value_data");
  if (entry.has(bodyKey) && entry.text(bodyKey) !== "")
    draft.http["body"] = safeBody(entry.at(bodyKey), entry.text(bodyKey), name, ledger);
  const headersKey = alias(entry, "custom_http_headers", "custom_headers");
  const headers = entry.inner(headersKey);
  for (const header of headers.keys()) addHeader(draft, headers.at(header), header, headers.text(header), name, ledger);
}

function readKeyword(entry: Entry, draft: EndpointDraft): void {
  const typeKey = alias(entry, "keyword_type");
  const caseKey = alias(entry, "keyword_case_type");
  const valueKey = alias(entry, "keyword_value", "keyword");
  // The alert is for a word that is there (1) or that is not (2).
  const unwanted = /^(?:1|alertexists|exists)$/i.test(entry.text(typeKey).replaceAll("_", ""));
  const anyCase = /^(?:1|caseinsensitive)$/i.test(entry.text(caseKey).replaceAll("_", ""));
  const value = entry.text(valueKey);
  const regexp = `(?i)${value.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`;
  const assert: Json = anyCase
    ? { [unwanted ? "matchesNot" : "matches"]: regexp }
    : { [unwanted ? "containsNot" : "contains"]: value };
  draft.assert.push({ subject: "body", ...(assert satisfies object) });
  for (const key of [typeKey, caseKey, valueKey]) entry.mapped(key, "assert.body");
}

function bodyOf(entry: Entry): Readonly<Record<string, Json>> {
  const intervalKey = alias(entry, "interval", "monitoring_interval");
  const timeoutKey = alias(entry, "timeout");
  const statusKey = alias(entry, "status");
  const tagsKey = alias(entry, "tags");
  const seconds = entry.number(intervalKey) ?? 300;
  const limit = entry.number(timeoutKey);
  entry.mapped(intervalKey, "every");
  entry.mapped(timeoutKey, "timeout");
  const paused = /^(?:0|paused)$/i.test(entry.text(statusKey));
  if (paused) entry.mapped(statusKey, "paused");
  else entry.lost(statusKey, "bookkeeping");
  const listed = entry.list(tagsKey).map((tag) => (isFields(tag) ? nameOf(tag) : String(tag)));
  const tags =
    listed.length > 0
      ? listed
      : entry
          .text(tagsKey)
          .split(/[,;]/)
          .map((tag) => tag.trim())
          .filter((tag) => tag !== "");
  entry.mapped(tagsKey, "tags");
  return {
    every: every(seconds * 1000),
    ...(limit === undefined || limit <= 0 ? {} : { timeout: timeout(limit * 1000) }),
    ...(tags.length === 0 ? {} : { tags: tags.slice(0, 20).map((tag) => tag.slice(0, 40)) }),
    ...(paused ? { paused } : {}),
  };
}

const nameOf = (tag: Fields): string => (typeof tag["name"] === "string" ? tag["name"] : "tag");
