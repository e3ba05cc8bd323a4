import type { MonitorSpecView } from "@sentinel/contracts/api";

/** When a job that calls is expected; all empty for other kinds of check. */
interface HeartbeatDraft {
  readonly every: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly grace: string;
}

const noHeartbeat: HeartbeatDraft = { every: "", cron: "", timeZone: "", grace: "" };

export const isHeartbeat = (url: string): boolean => /^heartbeat:\/\//i.test(url.trim());

/** What the form holds: text as typed, so that a person's half-written input is never rewritten. */
export interface MonitorDraft {
  readonly name: string;
  readonly urls: readonly string[];
  readonly heartbeat: HeartbeatDraft;
  /** What stands beside each address, as YAML. */
  readonly options: readonly string[];
  readonly every: string;
  readonly timeout: string;
  readonly slowAfter: string;
  readonly failuresToConfirm: string;
  readonly status: string;
  readonly mode: MonitorSpecView["repair"]["mode"];
  readonly nature: MonitorSpecView["nature"];
  readonly owner: string;
  readonly group: string;
  readonly tags: string;
  /** Names of other monitors, with commas between them. */
  readonly dependsOn: string;
  readonly sloTarget: string;
  readonly sloWindow: string;
}

export const emptyDraft: MonitorDraft = {
  name: "",
  urls: [""],
  heartbeat: noHeartbeat,
  options: [""],
  every: "",
  timeout: "",
  slowAfter: "",
  failuresToConfirm: "",
  status: "",
  mode: "auto",
  nature: "technical",
  owner: "",
  group: "",
  tags: "",
  dependsOn: "",
  sloTarget: "",
  sloWindow: "",
};

/** Fields whose problems the form shows beside them, most specific first. */
export const DRAFT_FIELDS: readonly string[] = [
  "name",
  "every",
  "timeout",
  "slowAfter",
  "failuresToConfirm",
  "repair.mode",
  "nature",
  "owner",
  "group",
  "tags",
  "dependsOn",
  "slo.target",
  "slo.window",
];

/** "https://shop.example.com/health" suggests "shop"; an address or port keeps what tells it apart. */
export function nameFromUrl(url: string): string {
  if (isHeartbeat(url)) return URL.parse(url.trim())?.hostname ?? "";
  const parsed = parseAddress(url);
  if (parsed === null) return "";
  const host = parsed.hostname.replace(/^www\./, "");
  const isAddress = /^[\d.]+$/.test(host) || host.startsWith("[");
  const label = isAddress || host === "localhost" ? host.replaceAll(/[[\]]/g, "") : (host.split(".")[0] ?? host);
  const port = parsed.port === "" ? "" : `-${parsed.port}`;
  return `${label}${isAddress || host === "localhost" ? port : ""}`
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Accepts "example.com" as typed in a browser; null where it is no address. Which schemes there are says the gateway. */
export function parseAddress(text: string): URL | null {
  const completed = completeUrl(text);
  return SCHEME.test(completed) ? URL.parse(completed) : null;
}

/** A name without a scheme means https; loopback means http. */
export function completeUrl(text: string): string {
  const typed = text.trim();
  if (typed === "" || SCHEME.test(typed)) return typed;
  return /^(localhost|127\.|\[::1\])/.test(typed) ? `http://${typed}` : `https://${typed}`;
}

export function draftOf(spec: MonitorSpecView): MonitorDraft {
  return {
    name: spec.name,
    urls: spec.endpoints.map((endpoint) => endpoint.url),
    heartbeat: heartbeatOf(spec.endpoints[0]?.["heartbeat"]),
    options: spec.endpoints.map((endpoint) => {
      const { heartbeat: _heartbeat, ...options } = optionsOf(endpoint);
      return Object.keys(options).length === 0 ? "" : optionLines(options);
    }),
    every: spec.every,
    timeout: spec.timeout,
    slowAfter: spec.slowAfter,
    failuresToConfirm: String(spec.failuresToConfirm),
    status: (spec.endpoints[0]?.expect.status ?? []).join(", "),
    mode: spec.repair.mode,
    nature: spec.nature,
    owner: spec.owner ?? "",
    group: spec.group ?? "",
    tags: spec.tags.join(", "),
    dependsOn: spec.dependsOn.join(", "),
    sloTarget: spec.slo === null ? "" : String(spec.slo.target),
    sloWindow: spec.slo?.window ?? "",
  };
}

function heartbeatOf(options: unknown): HeartbeatDraft {
  if (typeof options !== "object" || options === null) return noHeartbeat;
  const known = new Map<string, unknown>(Object.entries(options));
  const text = (key: string): string => {
    const value = known.get(key);
    return typeof value === "string" ? value : "";
  };
  return { every: text("every"), cron: text("cron"), timeZone: text("timeZone"), grace: text("grace") };
}

/** The options of a job that calls, over those that the form does not show; undefined for other addresses. */
function heartbeatInput(
  url: string,
  { every, cron, timeZone, grace }: HeartbeatDraft,
  known: unknown,
): Input | undefined {
  if (!isHeartbeat(url)) return undefined;
  const kept =
    typeof known === "object" && known !== null && "tokenHash" in known ? { tokenHash: known.tokenHash } : {};
  return given({ ...kept, every: every.trim(), cron: cron.trim(), timeZone: timeZone.trim(), grace: grace.trim() });
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/** An objective, with a comma as people write it in French; without a target there is none. */
function sloInput({ sloTarget, sloWindow }: MonitorDraft): Input | undefined {
  const [target, window] = [sloTarget.trim().replace(",", "."), sloWindow.trim()];
  if (target === "" && window === "") return undefined;
  return given({ target: /^\d+(\.\d+)?$/.test(target) ? Number(target) : target, window });
}

/** A number as a number; anything else as typed, for the gateway to name what is wrong with it. */
function numberOrText(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

type Input = Record<string, unknown>;

function given(entries: Input): Input {
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
}

/** What the form knows, in the authoring form of REST; what was left empty is left to its default. */
export function inputOf(
  draft: MonitorDraft,
  options: readonly Input[] = [],
  knownHeartbeat: (url: string) => unknown = () => undefined,
): Input {
  return given({
    name: draft.name.trim() || nameFromUrl(draft.urls[0] ?? ""),
    endpoints: endpointsOf(draft, options, knownHeartbeat),
    every: draft.every.trim(),
    timeout: draft.timeout.trim(),
    slowAfter: draft.slowAfter.trim(),
    failuresToConfirm: draft.failuresToConfirm.trim() === "" ? undefined : numberOrText(draft.failuresToConfirm.trim()),
    repair: { action: "wake-up", mode: draft.mode },
    nature: draft.nature,
    owner: draft.owner.trim(),
    group: draft.group.trim(),
    tags: listOf(draft.tags),
    dependsOn: nonEmpty(listOf(draft.dependsOn)),
    slo: sloInput(draft),
  });
}

/** A stored definition as REST takes it back: empty parts are left out. */
export function inputOfSpec(spec: MonitorSpecView): Input {
  return given({
    ...spec,
    endpoints: spec.endpoints.map((endpoint) =>
      given({ ...endpoint, expect: given({ ...endpoint.expect, status: nonEmpty(endpoint.expect.status) }) }),
    ),
    notify: nonEmpty(spec.notify),
  });
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** The stored definition with the form's fields over it: what the form does not show is kept. */
export function mergedInput(spec: MonitorSpecView, draft: MonitorDraft, options: readonly Input[]): Input {
  const stored = inputOfSpec(spec);
  const heartbeats = new Map(spec.endpoints.map(({ url, ["heartbeat"]: known }) => [url, known]));
  const wanted = inputOf(draft, options, (url) => heartbeats.get(url));
  const { action: _action, mode: _mode, ...rails } = spec.repair;
  // What was emptied is taken away, and not left as it was.
  const emptied = Object.fromEntries(["owner", "group", "slo"].map((key) => [key, wanted[key] ?? null]));
  const dependsOn = listOf(draft.dependsOn);
  const repair = { ...rails, action: spec.repair.action, mode: draft.mode };
  return { ...stored, ...wanted, ...emptied, dependsOn, repair };
}

/** Each address with what was written beside it, and the statuses expected of all. */
function endpointsOf(
  draft: MonitorDraft,
  options: readonly Input[],
  knownHeartbeat: (url: string) => unknown,
): readonly Input[] {
  const status = nonEmpty(listOf(draft.status).map(numberOrText));
  return draft.urls.flatMap((typed, index) => {
    const url = completeUrl(typed);
    const own = options[index] ?? {};
    const said = own["expect"];
    const expect = given({ ...(typeof said === "object" ? said : {}), status });
    if (url === "") return [];
    const heartbeat = heartbeatInput(url, draft.heartbeat, knownHeartbeat(url));
    return [
      given({ ...own, url, expect: Object.keys(expect).length === 0 ? undefined : expect, ...given({ heartbeat }) }),
    ];
  });
}

type EndpointView = MonitorSpecView["endpoints"][number];

/** What is said beside an address, and is not what it is without being said; the form shows the rest in fields of its own. */
export function optionsOf(endpoint: EndpointView): Input {
  const { url: _url, expect, method, ...rest } = endpoint;
  const { status: _status, ...others } = expect;
  const all: Input = { ...rest, method: method === "GET" ? null : method, expect: others };
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (isSaid(value) ? [[key, said(value)]] : [])));
}

const isSaid = (value: unknown): boolean =>
  value !== null &&
  value !== undefined &&
  value !== "" &&
  value !== 0 &&
  value !== false &&
  !(typeof value === "object" && !Array.isArray(value) && Object.values(value).every((each) => !isSaid(each))) &&
  !(Array.isArray(value) && value.length === 0);

/** Without the parts that say nothing. */
function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(said);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      each === false || isSaid(each) ? [[key, each === false ? false : said(each)]] : [],
    ),
  );
}

/** Options as YAML, as they stand in the file. */
export function optionLines(value: unknown, indent = ""): string {
  const entries = entriesOf(value);
  if (entries.length === 0) return `${indent}${scalarOf(value)}`;
  return entries
    .map(([key, each]) => {
      const name = key === "-" ? "-" : `${scalarOf(key)}:`;
      if (entriesOf(each).length === 0) return `${indent}${name} ${scalarOf(each)}`;
      const inner = optionLines(each, `${indent}  `);
      return key === "-" ? `${indent}- ${inner.trimStart()}` : `${indent}${name}\n${inner}`;
    })
    .join("\n");
}

/** Of a list, each under "-". */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.map((each: unknown) => ["-", each]);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** Texts that YAML reads as texts without quotes; a single word may be a truth value or nothing at all. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z_$/][\w./@-]*$/i;

const scalarOf = (value: unknown): string =>
  typeof value === "string" && PLAIN.test(value) ? value : JSON.stringify(value);
