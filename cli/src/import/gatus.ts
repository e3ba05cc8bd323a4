import { Entry } from "./entry.ts";
import { addHeader, safeBody, safeUrl } from "./secrets.ts";
import { type EndpointDraft, endpointDraft, isObject, type Json, type MonitorDraft } from "./draft.ts";
import { readCondition } from "./gatus-condition.ts";
import type { Ledger } from "./ledger.ts";
import { every, isMoved, spanMs, timeout } from "./span.ts";
import { statusesFor } from "./statuses.ts";

const DEFAULT_INTERVAL_MS = 60_000;
/** Redirects that Gatus follows unless told not to. */
const REDIRECTS = 10;

/** Monitors from a configuration of Gatus, as YAML reads it. */
export function importGatus(input: unknown, ledger: Ledger): readonly MonitorDraft[] {
  const root = new Entry("", input, ledger);
  for (const key of root.keys()) {
    if (key !== "endpoints") root.lost(key, GATUS_ROOT[key] ?? "unknown_key");
  }
  return root
    .list("endpoints")
    .map((each, index) => monitorFrom(new Entry(`endpoints.${index}`, each, ledger), ledger));
}

const GATUS_ROOT: Readonly<Record<string, string>> = {
  "external-endpoints": "push_kind",
  suites: "suites",
  alerting: "channels",
  storage: "other_program",
  web: "other_program",
  ui: "other_program",
  metrics: "other_program",
  security: "other_program",
  concurrency: "other_program",
  debug: "other_program",
  maintenance: "maintenance",
  connectivity: "canaries",
  announcements: "other_program",
  tunneling: "tunnel",
  remote: "other_program",
};

function monitorFrom(entry: Entry, ledger: Ledger): MonitorDraft {
  const name = entry.text("name") || entry.text("url");
  entry.mapped("name", "name");
  const draft = endpointDraft(entry.text("url"));
  const kind = readAddress(entry, draft, name, ledger);
  readRequest(entry, draft, kind, name, ledger);
  readClient(entry.inner("client"), draft, kind, name);
  const others = readConditions(entry, draft, kind, ledger);
  return { name, endpoints: [draft, ...others], body: bodyOf(entry), path: entry.path };
}

type Kind = "http" | "dns" | "tcp" | "udp" | "icmp" | "ws" | "tls" | "grpc" | "other";

const KINDS: Readonly<Record<string, Kind>> = {
  http: "http",
  https: "http",
  tcp: "tcp",
  udp: "udp",
  icmp: "icmp",
  ws: "ws",
  wss: "ws",
  tls: "tls",
  starttls: "tls",
  grpc: "grpc",
  grpcs: "grpc",
};

function readAddress(entry: Entry, draft: EndpointDraft, name: string, ledger: Ledger): Kind {
  const text = entry.text("url");
  if (entry.has("dns")) {
    const dns = entry.inner("dns");
    const type = dns.text("query-type") || "A";
    draft.url = `dns://${text}/${dns.text("query-name").replace(/(.)\.$/, "$1")}`;
    draft.options["dns"] = { type };
    ledger.changed(entry.at("url"), "url", "address_form");
    dns.mapped("query-name", "url");
    dns.mapped("query-type", "dns.type");
    return "dns";
  }
  const scheme = text.split(":", 1)[0] ?? "";
  if (scheme === "starttls") {
    draft.url = text.replace(/^starttls:/, "tls:");
    draft.options["tls"] = { starttls: "smtp" };
    ledger.changed(entry.at("url"), "url", "address_form");
    return "tls";
  }
  draft.url = safeUrl(draft, entry.at("url"), text, name, ledger);
  return KINDS[scheme] ?? "other";
}

const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function readRequest(entry: Entry, draft: EndpointDraft, kind: Kind, name: string, ledger: Ledger): void {
  if (kind === "http") {
    const method = entry.text("method").toUpperCase();
    if (METHODS.includes(method)) {
      draft.options["method"] = method;
      entry.mapped("method", "method");
    }
    const body = entry.text("body");
    if (entry.flag("graphql")) {
      draft.http["body"] = safeBody(entry.at("body"), JSON.stringify({ query: body }), name, ledger);
      draft.headers["content-type"] = "application/json";
      entry.changed("graphql", "http.body", "graphql");
    } else if (body !== "") draft.http["body"] = safeBody(entry.at("body"), body, name, ledger);
  } else if (kind === "tcp" && entry.has("body")) {
    draft.options["tcp"] = { steps: [{ send: safeBody(entry.at("body"), entry.text("body"), name, ledger) }] };
  } else if (kind === "udp" && entry.has("body")) {
    draft.options["udp"] = { send: entry.text("body") };
    entry.mapped("body", "udp.send");
  }
  const headers = entry.inner("headers");
  for (const header of headers.keys()) {
    if (kind === "http") addHeader(draft, headers.at(header), header, headers.text(header), name, ledger);
    else headers.lost(header, "kind_has_none");
  }
}

function readClient(client: Entry, draft: EndpointDraft, kind: Kind, name: string): void {
  if (kind === "http") {
    const stays = client.flag("ignore-redirect");
    if (!stays) draft.options["redirects"] = REDIRECTS;
    client.mapped("ignore-redirect", "redirects");
  }
  if (client.has("insecure")) {
    const secured = kind === "http" || kind === "tls";
    if (secured && client.flag("insecure")) {
      if (kind === "http") draft.http["tls"] = { skipVerify: true };
      else draft.options["tls"] = { ...optionsOf(draft, "tls"), tls: { skipVerify: true } };
    }
    if (secured) client.mapped("insecure", kind === "http" ? "http.tls.skipVerify" : "tls.tls.skipVerify");
    else client.lost("insecure", "kind_has_none");
  }
  if (kind === "http" && client.has("proxy-url")) readProxy(client, draft);
  const oauth2 = client.inner("oauth2");
  if (kind === "http" && client.has("oauth2")) {
    draft.http["auth"] = {
      oauth2: {
        tokenUrl: oauth2.text("token-url"),
        clientId: oauth2.text("client-id"),
        clientSecret: oauth2.secret("client-secret", "http.auth.oauth2.clientSecret", `${name} client secret`),
        scopes: oauth2.list("scopes").map(String),
      },
    };
    for (const key of ["token-url", "client-id", "scopes"]) oauth2.mapped(key, "http.auth.oauth2");
  }
  const family = { ip4: 4, ip6: 6 }[client.text("network")];
  if (family !== undefined && kind === "http") {
    draft.http["ipFamily"] = family;
    client.mapped("network", "http.ipFamily");
  }
  client.lost("dns-resolver", "resolver");
  client.lost("tls", "client_files");
  client.lost("identity-aware-proxy", "iap");
}

function readProxy(client: Entry, draft: EndpointDraft): void {
  if (/@|\$/.test(client.text("proxy-url"))) return client.lost("proxy-url", "proxy_credentials");
  draft.http["proxy"] = client.text("proxy-url").replace(/\/$/, "");
  client.mapped("proxy-url", "http.proxy");
}

function optionsOf(draft: EndpointDraft, key: string): { readonly [key: string]: Json } {
  const value = draft.options[key];
  return isObject(value) ? value : {};
}

/** Gives the endpoints that some conditions need besides. */
function readConditions(entry: Entry, draft: EndpointDraft, kind: Kind, ledger: Ledger): readonly EndpointDraft[] {
  const others: EndpointDraft[] = [];
  const rules: ((status: number) => boolean)[] = [];
  const statusPaths: string[] = [];
  for (const [index, each] of entry.list("conditions").entries()) {
    const path = `${entry.at("conditions")}.${index}`;
    const read = readCondition(String(each), kind === "http" ? "body" : "answer");
    if (read.is === "assert") {
      const { assert, changed } = read;
      draft.assert.push(assert);
      const subject = typeof assert["subject"] === "string" ? assert["subject"] : "";
      if (changed === undefined) ledger.mapped(path, `assert.${subject}`);
      else ledger.changed(path, `assert.${subject}`, changed);
    } else if (read.is === "status" && kind === "http") {
      rules.push(read.allows);
      statusPaths.push(path);
    } else if (read.is === "rcode" && kind === "dns") {
      draft.options["dns"] = { ...optionsOf(draft, "dns"), rcode: read.rcode };
      ledger.mapped(path, "dns.rcode");
    } else if (read.is === "domain") {
      const hostname = URL.parse(draft.url)?.hostname ?? "";
      others.push({
        ...endpointDraft(`domain://${hostname}`),
        options: { domain: { warnDays: read.days, failDays: read.days } },
      });
      ledger.changed(path, "endpoints", "domain_endpoint");
    } else if (read.is === "implied") ledger.changed(path, "url", "implied");
    else ledger.lost(path, read.is === "lost" ? read.why : "kind_has_none");
  }
  if (rules.length > 0) expectStatus(draft, rules, statusPaths, ledger);
  return others;
}

function expectStatus(
  draft: EndpointDraft,
  rules: readonly ((status: number) => boolean)[],
  paths: readonly string[],
  ledger: Ledger,
): void {
  const { status, exact } = statusesFor((code) => rules.every((allows) => allows(code)));
  if (status !== undefined) draft.options["expect"] = { status: [...status] };
  for (const path of paths) {
    if (exact) ledger.mapped(path, "expect.status");
    else ledger.changed(path, "expect.status", "usual_statuses");
  }
}

function bodyOf(entry: Entry): Readonly<Record<string, Json>> {
  const body: Record<string, Json> = { every: every(DEFAULT_INTERVAL_MS) };
  const intervalMs = spanMs(entry.text("interval"));
  if (intervalMs !== undefined) {
    body["every"] = every(intervalMs);
    if (isMoved(intervalMs, every(intervalMs))) entry.changed("interval", "every", "span_limits");
    else entry.mapped("interval", "every");
  }
  const timeoutMs = spanMs(entry.inner("client").text("timeout"));
  if (timeoutMs !== undefined) {
    body["timeout"] = timeout(timeoutMs);
    if (isMoved(timeoutMs, timeout(timeoutMs))) entry.inner("client").changed("timeout", "timeout", "span_limits");
    else entry.inner("client").mapped("timeout", "timeout");
  }
  if (entry.has("group")) {
    body["tags"] = [entry.text("group").slice(0, 40)];
    entry.mapped("group", "tags");
  }
  if (entry.has("enabled")) {
    body["paused"] = !entry.flag("enabled");
    entry.mapped("enabled", "paused");
  }
  readAlerts(entry, body);
  for (const [key, why] of Object.entries(GATUS_ENDPOINT)) entry.lost(key, why, { kind: key });
  return body;
}

const GATUS_ENDPOINT: Readonly<Record<string, string>> = {
  ui: "other_program",
  "extra-labels": "other_program",
  "maintenance-windows": "maintenance",
  ssh: "kind_unknown",
};

/** The most patient alert says how many failures and successes it takes; who is told is for the channels. */
function readAlerts(entry: Entry, body: Record<string, Json>): void {
  const alerts = entry
    .list("alerts")
    .map((each, index) => new Entry(`${entry.at("alerts")}.${index}`, each, entry.ledger));
  const most = (key: string, to: string): void => {
    const values = alerts.flatMap((alert) => alert.number(key) ?? []);
    if (values.length === 0) return;
    body[to] = Math.min(20, Math.max(1, ...values));
    for (const alert of alerts) alert.changed(key, to, "one_threshold");
  };
  most("failure-threshold", "failuresToConfirm");
  most("success-threshold", "successesToResolve");
  for (const alert of alerts) {
    for (const key of alert.keys()) if (!key.endsWith("-threshold")) alert.lost(key, "channels");
  }
}
