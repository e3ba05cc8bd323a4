import { Entry, isFields } from "./entry.ts";
import { type Assert, type EndpointDraft, endpointDraft, isObject, type Json, type MonitorDraft } from "./draft.ts";
import type { Ledger } from "./ledger.ts";
import { addHeader, safeBody, safeUrl } from "./secrets.ts";
import { every, isMoved, spanMs, timeout } from "./span.ts";
import { statusesFor } from "./statuses.ts";

const DEFAULT_MODULE = "http_2xx";
const DEFAULT_INTERVAL_MS = 60_000;
/** blackbox_exporter follows ten. */
const REDIRECTS = 10;

/** A target of Prometheus, and with which module it is probed. */
interface Aim {
  readonly target: string;
  readonly module: string;
  readonly labels: Entry;
  readonly job: Entry | undefined;
  readonly path: string;
}

/** Every file by its name, as YAML reads it: `blackbox.yml`, scrape configurations, files of targets. */
export function importBlackbox(files: Readonly<Record<string, unknown>>, ledger: Ledger): readonly MonitorDraft[] {
  const modules = new Map<string, Entry>();
  const aims: Aim[] = [];
  for (const [file, input] of Object.entries(files)) {
    const root = new Entry(file, input, ledger);
    for (const name of root.inner("modules").keys()) modules.set(name, root.inner("modules").inner(name));
    for (const [index, each] of root.list("scrape_configs").entries()) {
      aims.push(...aimsOfJob(new Entry(`${root.at("scrape_configs")}.${index}`, each, ledger), files, ledger));
    }
    if (!isFields(input)) continue;
    for (const key of root.keys()) if (!["modules", "scrape_configs"].includes(key)) root.lost(key, "other_program");
  }
  const grouped = Object.entries(files).some(([, input]) => isFields(input) && "scrape_configs" in input);
  if (!grouped)
    aims.push(
      ...Object.entries(files).flatMap(([file, input]) => aimsOfGroups(input, file, DEFAULT_MODULE, undefined, ledger)),
    );
  const used = new Set<string>();
  const drafts = aims.map((aim) => {
    used.add(aim.module);
    return monitorFrom(aim, modules.get(aim.module), ledger);
  });
  for (const [name, module] of modules) if (!used.has(name)) ledger.lost(module.path, "module_unused");
  return drafts;
}

function aimsOfJob(job: Entry, files: Readonly<Record<string, unknown>>, ledger: Ledger): readonly Aim[] {
  if (job.text("metrics_path") !== "/probe") {
    ledger.lost(job.path, "no_probe_job");
    return [];
  }
  const [module = DEFAULT_MODULE] = job.inner("params").list("module").map(String);
  const aims = aimsOfGroups(job.raw("static_configs"), job.at("static_configs"), module, job, ledger);
  const found = job.list("file_sd_configs").flatMap((each, index) => {
    const names = new Entry("", each, ledger).list("files").map(String);
    const known = Object.keys(files).filter((file) =>
      names.some((name) => name.endsWith(base(file)) || name.includes("*")),
    );
    const path = `${job.at("file_sd_configs")}.${index}`;
    if (known.length === 0) ledger.lost(path, "targets_file_missing");
    else ledger.mapped(path, "endpoints");
    return known.flatMap((file) => aimsOfGroups(files[file], file, module, job, ledger));
  });
  job.mapped("metrics_path", "url");
  job.mapped("params", "url");
  job.changed("job_name", "tags", "job_as_tag");
  job.changed("relabel_configs", "url", "relabelled");
  job.mapped("scrape_interval", "every");
  for (const key of job.keys()) {
    if (key.endsWith("_sd_configs") && key !== "file_sd_configs") job.lost(key, "discovery");
  }
  return [...aims, ...found];
}

const base = (file: string): string => file.replace(/^.*\//, "");

function aimsOfGroups(
  groups: unknown,
  path: string,
  module: string,
  job: Entry | undefined,
  ledger: Ledger,
): readonly Aim[] {
  if (!Array.isArray(groups)) return [];
  return groups.flatMap((group: unknown, index) => {
    const entry = new Entry(`${path}.${index}`, group, ledger);
    const labels = entry.inner("labels");
    for (const label of labels.keys()) labels.changed(label, "tags", "label_as_tag");
    return entry.list("targets").map((target, at) => ({
      target: String(target),
      module,
      labels,
      job,
      path: `${entry.at("targets")}.${at}`,
    }));
  });
}

function monitorFrom(aim: Aim, module: Entry | undefined, ledger: Ledger): MonitorDraft {
  const { target, labels, job, path } = aim;
  const name = target.replace(/\/\/[^/@]*@/, "//").split("?")[0] ?? target;
  const draft = endpointDraft(target);
  if (module === undefined) ledger.changed(path, "url", "module_missing", { module: aim.module });
  readModule(draft, target, path, module ?? new Entry("", { prober: "http" }, ledger), name, ledger);
  const jobTag = job?.text("job_name") ?? "";
  const tags = [...(jobTag === "" ? [] : [jobTag]), ...labels.keys().map((label) => `${label}:${labels.text(label)}`)];
  const intervalMs = spanMs(job?.text("scrape_interval") ?? "") ?? DEFAULT_INTERVAL_MS;
  return {
    name,
    path,
    endpoints: [draft],
    body: {
      every: every(intervalMs),
      ...limit(module, job),
      ...(tags.length === 0 ? {} : { tags: tags.slice(0, 20).map((tag) => tag.slice(0, 40)) }),
    },
  };
}

function limit(module: Entry | undefined, job: Entry | undefined): Readonly<Record<string, Json>> {
  const ofModule = spanMs(module?.text("timeout") ?? "");
  const ofScrape = spanMs(job?.text("scrape_timeout") ?? "");
  job?.mapped("scrape_timeout", "timeout");
  if (ofModule !== undefined && isMoved(ofModule, timeout(ofModule)))
    module?.changed("timeout", "timeout", "span_limits");
  else module?.mapped("timeout", "timeout");
  const ms = Math.min(ofModule ?? Infinity, ofScrape ?? Infinity);
  return Number.isFinite(ms) ? { timeout: timeout(ms) } : {};
}

function readModule(
  draft: EndpointDraft,
  target: string,
  path: string,
  module: Entry,
  name: string,
  ledger: Ledger,
): void {
  const prober = module.text("prober");
  module.mapped("prober", "url");
  const options = module.inner(prober);
  if (prober === "http") {
    const whole = /^https?:\/\//.test(target) ? target : `http://${target}`;
    draft.url = safeUrl(draft, path, whole, name, ledger);
    return readHttp(draft, options, name, ledger);
  }
  ledger.changed(path, "url", "address_form");
  if (prober === "tcp") {
    draft.url = `tcp://${target}`;
    readTcp(draft, options);
  } else if (prober === "icmp") {
    draft.url = `icmp://${target}`;
    readFamily(options, (value) => (draft.options["icmp"] = { ipFamily: value }), "icmp.ipFamily");
  } else if (prober === "grpc") {
    const service = options.text("service");
    draft.url = `${options.flag("tls") ? "grpcs" : "grpc"}://${target}${service === "" ? "" : `/${service}`}`;
    options.mapped("service", "url");
    options.mapped("tls", "url");
  } else if (prober === "dns") readDns(draft, target, options);
  readTls(draft, options, prober);
}

function readFamily(options: Entry, set: (value: number) => void, to: string): void {
  const family = { ip4: 4, ip6: 6 }[options.text("preferred_ip_protocol")];
  if (family === undefined) return;
  if (options.has("ip_protocol_fallback") && !options.flag("ip_protocol_fallback")) {
    set(family);
    options.mapped("preferred_ip_protocol", to);
    options.mapped("ip_protocol_fallback", to);
    return;
  }
  options.changed("preferred_ip_protocol", "url", "either_family");
  options.mapped("ip_protocol_fallback", "url");
}

function readHttp(draft: EndpointDraft, options: Entry, name: string, ledger: Ledger): void {
  const method = options.text("method");
  if (method !== "") draft.options["method"] = method;
  options.mapped("method", "method");
  const stays =
    (options.has("follow_redirects") && !options.flag("follow_redirects")) || options.flag("no_follow_redirects");
  if (!stays) draft.options["redirects"] = REDIRECTS;
  options.mapped("follow_redirects", "redirects");
  options.mapped("no_follow_redirects", "redirects");
  const codes = options.list("valid_status_codes").map(Number);
  if (codes.length > 0) {
    const { status, exact } = statusesFor((code) => codes.includes(code));
    if (status !== undefined) draft.options["expect"] = { status: [...status] };
    if (exact) options.mapped("valid_status_codes", "expect.status");
    else options.changed("valid_status_codes", "expect.status", "usual_statuses");
  }
  const headers = options.inner("headers");
  for (const header of headers.keys()) addHeader(draft, headers.at(header), header, headers.text(header), name, ledger);
  if (options.has("body")) draft.http["body"] = safeBody(options.at("body"), options.text("body"), name, ledger);
  readFamily(options, (value) => (draft.http["ipFamily"] = value), "http.ipFamily");
  readPatterns(draft, options);
  readAuth(draft, options, name);
  readTls(draft, options, "http");
  readVersions(draft, options);
}

function readVersions(draft: EndpointDraft, options: Entry): void {
  const [version, ...more] = options.list("valid_http_versions").map(String);
  if (version === undefined) return;
  const oneOf = [version, ...more].map((each) => each.replace(/^HTTP\//, "").replace(/^2\.0$/, "2"));
  draft.assert.push({ subject: "version", oneOf });
  options.mapped("valid_http_versions", "assert.version");
}

function readPatterns(draft: EndpointDraft, options: Entry): void {
  const add = (key: string, assert: (regexp: string) => Assert): void => {
    for (const regexp of options.list(key)) draft.assert.push(assert(String(regexp)));
    options.mapped(key, "assert.body");
  };
  add("fail_if_body_matches_regexp", (regexp) => ({ subject: "body", matchesNot: regexp }));
  add("fail_if_body_not_matches_regexp", (regexp) => ({ subject: "body", matches: regexp }));
  for (const [key, comparison] of HEADER_RULES) {
    for (const [index, each] of options.list(key).entries()) {
      const rule = new Entry(`${options.at(key)}.${index}`, each, options.ledger);
      const of = rule.text("header");
      draft.assert.push({ subject: "header", of, [comparison]: rule.text("regexp") });
      rule.mapped("header", "assert.header");
      rule.mapped("regexp", "assert.header");
      // A negative comparison holds of a header that is not there, a positive one does not.
      const same = rule.flag("allow_missing") === (comparison === "matchesNot");
      if (same) rule.mapped("allow_missing", "assert.header");
      else rule.changed("allow_missing", "assert.header", "missing_header");
      if (comparison === "matchesNot" && !rule.flag("allow_missing"))
        draft.assert.push({ subject: "header", of, exists: true });
    }
  }
}

const HEADER_RULES = [
  ["fail_if_header_matches", "matchesNot"],
  ["fail_if_header_not_matches", "matches"],
] as const;

function readAuth(draft: EndpointDraft, options: Entry, name: string): void {
  const basic = options.inner("basic_auth");
  const authorization = options.inner("authorization");
  if (basic.has("username") && basic.has("password")) {
    const password = basic.secret("password", "http.auth.basic.password", `${name} password`);
    draft.http["auth"] = { basic: { user: basic.text("username"), password } };
    basic.mapped("username", "http.auth.basic.user");
  } else if (authorization.has("credentials") && /^(bearer)?$/i.test(authorization.text("type"))) {
    draft.http["auth"] = { bearer: authorization.secret("credentials", "http.auth.bearer", `${name} token`) };
    authorization.mapped("type", "http.auth.bearer");
  } else if (options.has("bearer_token")) {
    draft.http["auth"] = { bearer: options.secret("bearer_token", "http.auth.bearer", `${name} token`) };
  }
  for (const [entry, key] of [
    [basic, "password_file"],
    [authorization, "credentials_file"],
    [options, "bearer_token_file"],
  ] as const) {
    entry.lost(key, "secret_file");
  }
  if (options.has("proxy_url")) {
    if (/@/.test(options.text("proxy_url"))) return options.lost("proxy_url", "proxy_credentials");
    draft.http["proxy"] = options.text("proxy_url").replace(/\/$/, "");
    options.mapped("proxy_url", "http.proxy");
  }
}

function readTcp(draft: EndpointDraft, options: Entry): void {
  const steps: Json[] = [];
  let pending = "";
  for (const [index, each] of options.list("query_response").entries()) {
    const step = new Entry(`${options.at("query_response")}.${index}`, each, options.ledger);
    const expect = step.text("expect");
    if (expect !== "") {
      // There, what is expected comes first; here, what is sent.
      steps.push({ ...(pending === "" ? {} : { send: pending }), expect: expect.replace(/^\^/, "(?m)^") });
      pending = "";
      step.changed("expect", "tcp.steps", "by_lines");
    }
    if (step.has("send")) {
      if (step.text("send").includes("${") || /\$\d/.test(step.text("send"))) step.lost("send", "capture_in_send");
      else {
        if (pending !== "") steps.push({ send: pending });
        pending = `${step.text("send")}\n`;
        step.mapped("send", "tcp.steps");
      }
    }
    step.lost("starttls", "starttls_dialogue");
  }
  if (pending !== "") steps.push({ send: pending });
  if (steps.length > 0) draft.options["tcp"] = { steps };
  if (options.flag("tls")) draft.options["tcp"] = { ...(steps.length > 0 ? { steps } : {}), tls: { enabled: true } };
  options.mapped("tls", "tcp.tls");
  readFamily(options, () => undefined, "url");
}

function readDns(draft: EndpointDraft, target: string, options: Entry): void {
  draft.url = `dns://${target}/${options.text("query_name").replace(/(.)\.$/, "$1")}`;
  options.mapped("query_name", "url");
  const transport = options.flag("dns_over_tls") ? "tls" : options.text("transport_protocol") || "udp";
  const rcodes = options.list("valid_rcodes").map(String);
  const type = options.text("query_type") || "A";
  draft.options["dns"] = { type, transport, ...(rcodes[0] === undefined ? {} : { rcode: rcodes[0] }) };
  for (const [key, to] of [
    ["query_type", "dns.type"],
    ["transport_protocol", "dns.transport"],
    ["dns_over_tls", "dns.transport"],
  ] as const) {
    options.mapped(key, to);
  }
  if (rcodes.length > 1) options.changed("valid_rcodes", "dns.rcode", "first_rcode");
  else options.mapped("valid_rcodes", "dns.rcode");
  for (const section of ["answer", "authority", "additional"]) options.lost(`validate_${section}_rrs`, "record_lines");
}

function readTls(draft: EndpointDraft, options: Entry, prober: string): void {
  const config = options.inner("tls_config");
  const tls: Record<string, Json> = {};
  if (config.flag("insecure_skip_verify")) tls["skipVerify"] = true;
  config.mapped("insecure_skip_verify", "tls.skipVerify");
  if (config.has("server_name")) tls["serverName"] = config.text("server_name");
  config.mapped("server_name", "tls.serverName");
  const version = { TLS10: "1.0", TLS11: "1.1", TLS12: "1.2", TLS13: "1.3" }[config.text("min_version")];
  if (version !== undefined) tls["minVersion"] = version;
  config.mapped("min_version", "tls.minVersion");
  for (const key of ["ca_file", "cert_file", "key_file"]) config.lost(key, "client_files");
  if (Object.keys(tls).length === 0) return;
  const under = draft.options[prober];
  if (prober === "http") draft.http["tls"] = tls;
  else draft.options[prober] = { ...(isObject(under) ? under : {}), tls };
}
