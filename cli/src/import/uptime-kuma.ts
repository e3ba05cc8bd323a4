import { Entry, type Fields } from "./entry.ts";
import { type Assert, type EndpointDraft, endpointDraft, type Json, type MonitorDraft } from "./draft.ts";
import type { Ledger } from "./ledger.ts";
import { addHeader, safeBody, safeUrl } from "./secrets.ts";
import { every, timeout } from "./span.ts";
import { statusesFor, statusRule } from "./statuses.ts";

const MAX_REDIRECTS = 10;
const MAX_FAILURES = 20;
const CERTIFICATE_DAYS = 14;

/** What is read of the database: monitors by their number, and how many rows the other tables hold. */
export interface KumaDatabase {
  readonly monitor: Readonly<Record<string, Fields>>;
  /** Names of tags by the monitor's number. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly tables: Readonly<Record<string, number>>;
}

/** Monitors from Uptime Kuma's database. */
export function importKuma(database: KumaDatabase, ledger: Ledger): readonly MonitorDraft[] {
  for (const [table, rows] of Object.entries(database.tables)) {
    ledger.lost(`tables.${table}`, TABLES[table] ?? "other_table", { rows: String(rows) });
  }
  const drafts = Object.entries(database.monitor).map(([id, row]) => {
    const entry = new Entry(`monitor.${id}`, row, ledger);
    const parent = database.monitor[entry.text("parent")];
    const tags = [...(database.tags[id] ?? []), ...(typeof parent?.["name"] === "string" ? [parent["name"]] : [])];
    if (database.tags[id] !== undefined) ledger.mapped(`tags.${id}`, "tags");
    return monitorFrom(entry, tags, ledger);
  });
  return drafts.filter((draft) => draft !== undefined);
}

const TABLES: Readonly<Record<string, string>> = {
  heartbeat: "history",
  stat_minutely: "history",
  stat_hourly: "history",
  stat_daily: "history",
  notification: "channels",
  monitor_notification: "channels",
  notification_sent_history: "channels",
  maintenance: "maintenance",
  monitor_maintenance: "maintenance",
  proxy: "proxies",
  status_page: "status_pages",
};

function monitorFrom(entry: Entry, tags: readonly string[], ledger: Ledger): MonitorDraft | undefined {
  const type = entry.text("type");
  const name = entry.text("name") || `monitor ${entry.path}`;
  const draft = endpointDraft("");
  const reader = READERS[type];
  const why = entry.flag("upside_down")
    ? "upside_down"
    : type === "push"
      ? "push_kind"
      : type === "group"
        ? "group"
        : "kind_unknown";
  if (reader === undefined || entry.flag("upside_down")) {
    ledger.refuse(entry.path, why, { kind: type });
    return undefined;
  }
  reader(entry, draft, name, ledger);
  entry.mapped("type", "url");
  entry.mapped("name", "name");
  const body = bodyOf(entry, tags);
  for (const key of BOOKKEEPING) entry.lost(key, "bookkeeping");
  for (const [key, reason] of Object.entries(ELSEWHERE)) entry.lost(key, reason);
  return { name, endpoints: [draft], body, path: entry.path };
}

type Reader = (entry: Entry, draft: EndpointDraft, name: string, ledger: Ledger) => void;

const READERS: Readonly<Record<string, Reader>> = {
  http: readHttp,
  keyword: (entry, draft, name, ledger) => {
    readHttp(entry, draft, name, ledger);
    const unwanted = entry.flag("invert_keyword");
    draft.assert.push({ subject: "body", [unwanted ? "containsNot" : "contains"]: entry.text("keyword") });
    entry.mapped("keyword", "assert.body");
    entry.mapped("invert_keyword", "assert.body");
  },
  "json-query": (entry, draft, name, ledger) => {
    readHttp(entry, draft, name, ledger);
    readJsonQuery(entry, draft);
  },
  port: (entry, draft) => {
    draft.url = `tcp://${entry.text("hostname")}:${entry.text("port")}`;
    entry.mapped("hostname", "url");
    entry.mapped("port", "url");
  },
  ping: (entry, draft) => {
    draft.url = `icmp://${entry.text("hostname")}`;
    entry.mapped("hostname", "url");
    const size = entry.number("packet_size");
    const count = entry.number("ping_count");
    draft.options["icmp"] = {
      ...(size === undefined ? {} : { sizeBytes: Math.min(1400, size) }),
      ...(count === undefined ? {} : { count: Math.min(10, Math.max(1, count)) }),
    };
    entry.mapped("packet_size", "icmp.sizeBytes");
    entry.mapped("ping_count", "icmp.count");
  },
  dns: (entry, draft) => {
    const [server = ""] = entry.text("dns_resolve_server").split(",");
    const port = entry.text("port");
    draft.url = `dns://${server.trim()}${port === "" || port === "53" ? "" : `:${port}`}/${entry.text("hostname")}`;
    draft.options["dns"] = { type: entry.text("dns_resolve_type") || "A" };
    for (const key of ["hostname", "port"]) entry.mapped(key, "url");
    if (entry.text("dns_resolve_server").includes(",")) entry.changed("dns_resolve_server", "url", "first_server");
    else entry.mapped("dns_resolve_server", "url");
    entry.mapped("dns_resolve_type", "dns.type");
  },
  postgres: readDatabase("sql"),
  mysql: readDatabase("sql"),
  redis: readDatabase("redis"),
  "websocket-upgrade": (entry, draft, name, ledger) => {
    draft.url = safeUrl(draft, entry.at("url"), entry.text("url"), name, ledger);
  },
};

function readHttp(entry: Entry, draft: EndpointDraft, name: string, ledger: Ledger): void {
  draft.url = safeUrl(draft, entry.at("url"), entry.text("url"), name, ledger);
  const method = entry.text("method").toUpperCase();
  if (method !== "" && method !== "GET") draft.options["method"] = method;
  entry.mapped("method", "method");
  const redirects = entry.number("maxredirects") ?? MAX_REDIRECTS;
  draft.options["redirects"] = Math.min(MAX_REDIRECTS, redirects);
  if (redirects > MAX_REDIRECTS) entry.changed("maxredirects", "redirects", "most_redirects");
  else entry.mapped("maxredirects", "redirects");
  if (entry.has("body")) draft.http["body"] = safeBody(entry.at("body"), entry.text("body"), name, ledger);
  if (entry.flag("ignore_tls")) draft.http["tls"] = { skipVerify: true };
  entry.mapped("ignore_tls", "http.tls.skipVerify");
  if (entry.flag("expiry_notification") && draft.url.startsWith("https:")) {
    draft.assert.push({ subject: "certificate_days", atLeast: CERTIFICATE_DAYS, severity: "degraded" });
  }
  entry.changed("expiry_notification", "assert.certificate_days", "certificate_warning");
  readHeaders(entry, draft, name, ledger);
  readStatuses(entry, draft);
  readAuth(entry, draft, name);
}

function readHeaders(entry: Entry, draft: EndpointDraft, name: string, ledger: Ledger): void {
  if (!entry.has("headers")) return;
  const headers = parsed(entry.text("headers"));
  if (typeof headers !== "object" || headers === null) return entry.lost("headers", "not_json");
  for (const [header, value] of Object.entries(headers)) {
    addHeader(draft, `${entry.at("headers")}.${header}`, header, String(value), name, ledger);
  }
  entry.changed("headers", "headers", "headers_apart");
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function readStatuses(entry: Entry, draft: EndpointDraft): void {
  const given = parsed(entry.text("accepted_statuscodes_json"));
  const rules = (Array.isArray(given) ? given : []).flatMap((each) => statusRule(String(each)) ?? []);
  if (rules.length === 0) return entry.lost("accepted_statuscodes_json", "not_json");
  const { status, exact } = statusesFor((code) => rules.some((rule) => rule(code)));
  if (status !== undefined) draft.options["expect"] = { status: [...status] };
  if (exact) entry.mapped("accepted_statuscodes_json", "expect.status");
  else entry.changed("accepted_statuscodes_json", "expect.status", "usual_statuses");
}

function readAuth(entry: Entry, draft: EndpointDraft, name: string): void {
  const method = entry.text("auth_method");
  if (method === "basic" || (method === "" && entry.has("basic_auth_user"))) {
    const password = entry.secret("basic_auth_pass", "http.auth.basic.password", `${name} password`);
    draft.http["auth"] = { basic: { user: entry.text("basic_auth_user"), password } };
    entry.mapped("basic_auth_user", "http.auth.basic.user");
    entry.mapped("auth_method", "http.auth");
  } else if (method === "oauth2-cc") {
    const clientSecret = entry.secret("oauth_client_secret", "http.auth.oauth2.clientSecret", `${name} client secret`);
    const scopes = entry
      .text("oauth_scopes")
      .split(/\s+/)
      .filter((scope) => scope !== "");
    draft.http["auth"] = {
      oauth2: {
        tokenUrl: entry.text("oauth_token_url"),
        clientId: entry.text("oauth_client_id"),
        clientSecret,
        scopes,
      },
    };
    for (const key of ["oauth_token_url", "oauth_client_id", "oauth_scopes", "auth_method"])
      entry.mapped(key, "http.auth.oauth2");
  } else if (method !== "" && method !== "null") entry.lost("auth_method", "auth_way");
}

const OPERATORS: Readonly<Record<string, string>> = {
  "==": "is",
  "!=": "isNot",
  "<": "below",
  "<=": "atMost",
  ">": "above",
  ">=": "atLeast",
  contains: "contains",
};

/** JSONata is a language of its own; what is a plain path in it is one in JSONPath. */
function readJsonQuery(entry: Entry, draft: EndpointDraft): void {
  const path = entry.text("json_path");
  if (!/^\$?(?:\.?[A-Za-z_]\w*(?:\[\d+\])*)*$/.test(path)) {
    for (const key of ["json_path", "expected_value", "json_path_operator"]) entry.lost(key, "jsonata");
    return;
  }
  const plain = path.replace(/^\$\.?/, "");
  const comparison = OPERATORS[entry.text("json_path_operator") || "=="] ?? "is";
  const assert: Assert = {
    subject: "json",
    of: plain === "" ? "$" : `$.${plain}`,
    [comparison]: entry.text("expected_value"),
  };
  draft.assert.push(assert);
  for (const key of ["json_path", "expected_value", "json_path_operator"]) entry.mapped(key, "assert.json");
}

function readDatabase(option: "sql" | "redis"): Reader {
  return (entry, draft, name) => {
    const text = entry.text("database_connection_string");
    const url = URL.parse(text);
    if (url === null) return void (draft.url = "");
    const options: Record<string, Json> = {};
    if (url.username !== "") options["user"] = decodeURIComponent(url.username);
    if (url.password === "") entry.changed("database_connection_string", "url", "address_form");
    else
      options["password"] = entry.ledger.secret(
        entry.at("database_connection_string"),
        `${option}.password`,
        `${name} password`,
        decodeURIComponent(url.password),
      );
    const query = entry.text("database_query");
    if (option === "sql" && query !== "") options["query"] = query;
    entry.mapped("database_query", "sql.query");
    draft.options[option] = options;
    const port = url.port === "" ? "" : `:${url.port}`;
    draft.url = `${url.protocol}//${url.hostname}${port}${option === "sql" ? url.pathname : ""}`;
  };
}

function bodyOf(entry: Entry, tags: readonly string[]): Readonly<Record<string, Json>> {
  const seconds = entry.number("interval") ?? 60;
  const limit = entry.number("timeout");
  const retries = entry.number("maxretries") ?? 0;
  entry.mapped("interval", "every");
  if (limit !== undefined && limit > 0 && limit <= 60) entry.mapped("timeout", "timeout");
  else entry.changed("timeout", "timeout", "span_limits");
  entry.changed("maxretries", "failuresToConfirm", "retries");
  entry.mapped("active", "paused");
  entry.changed("parent", "tags", "group_as_tag");
  return {
    every: every(seconds * 1000),
    ...(limit === undefined || limit <= 0 ? {} : { timeout: timeout(limit * 1000) }),
    failuresToConfirm: Math.min(MAX_FAILURES, retries + 1),
    ...(tags.length === 0 ? {} : { tags: tags.slice(0, 20).map((tag) => tag.slice(0, 40)) }),
    ...(entry.has("active") && !entry.flag("active") ? { paused: true } : {}),
  };
}

const BOOKKEEPING: readonly string[] = [
  "id",
  "user_id",
  "weight",
  "created_date",
  "dns_last_result",
  "push_token",
  "upside_down",
];

const ELSEWHERE: Readonly<Record<string, string>> = {
  retry_interval: "retry_interval",
  resend_interval: "channels",
  proxy_id: "proxies",
  description: "no_description",
  tls_ca: "client_files",
  tls_cert: "client_files",
  tls_key: "client_files",
};
