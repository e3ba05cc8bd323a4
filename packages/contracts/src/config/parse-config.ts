import { type Document, isMap, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from "yaml";
import type { FieldProblem } from "../errors/index.ts";
import type { MaintenanceWindow, MonitorSpec } from "../generated/sentinel/monitors/v1/monitors.ts";
import { CHANNEL_KEYS, channelSchema, type Environment, SECRET_KEYS, toChannel } from "./channel-schema.ts";
import { dependencyRings, unknownMonitors } from "./cross-references.ts";
import { parseMaintenanceBody } from "./maintenance-schema.ts";
import { parseMonitorInput } from "./monitor-schema.ts";
import { nearest, problemsOf } from "./problem.ts";
import { isSecretName, secretNames } from "./secret-reference.ts";
import type { ChannelConfig, ParsedConfig } from "./types.ts";

const SECTIONS = ["monitors", "notifications", "maintenance"];
const MAX_ALIASES = 100;

/** Reads `sentinel.yaml`: every problem at once, each with line and column, or the whole configuration. */
export function parseConfig(text: string, options: { readonly file: string; readonly env: Environment }): ParsedConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => syntaxProblem(error, lines)) };
  }
  const place = (problem: FieldProblem): FieldProblem => placed(problem, document, lines);
  const root = rootOf(document);
  if (root === undefined) {
    if (document.contents === null) return { ok: true, config: { monitors: [], channels: [], maintenance: [] } };
    return { ok: false, problems: [place({ path: "", code: "wrong_type", params: { expected: "map" } })] };
  }
  const problems: FieldProblem[] = [...unknownSections(root), ...misplacedVariables(document)];
  const plain = plainOf(document);
  if (!plain.ok) return { ok: false, problems: [...problems, plain.problem].map(place) };
  const sections = isRecord(plain.value) ? plain.value : {};
  const monitors = readSection(sections["monitors"], "monitors", problems, (name, value) =>
    readMonitor(name, value, problems),
  );
  const channels = readSection(sections["notifications"], "notifications", problems, (name, value) =>
    readChannel(name, value, options.env, problems),
  );
  const maintenance = readSection(sections["maintenance"], "maintenance", problems, (name, value) =>
    readMaintenance(name, value, problems),
  );
  problems.push(...unknownChannels(monitors, channels));
  // A monitor that cannot be read is told of already, and is not unknown for that.
  if (problems.length === 0) problems.push(...unknownMonitors(monitors, maintenance), ...dependencyRings(monitors));
  if (problems.length > 0) return { ok: false, problems: problems.map(place) };
  return { ok: true, config: { monitors, channels, maintenance } };
}

type Plain = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: FieldProblem };

/** The values of a document; what stands for something that is not there, or for too much, is found only here. */
export function plainOf(document: Document.Parsed): Plain {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return { ok: false, problem: { path: "", code: "yaml_syntax", params: { detail } } };
  }
}

type YamlError = Document.Parsed["errors"][number];

export function syntaxProblem(error: YamlError, lines: LineCounter): FieldProblem {
  const { line, col } = lines.linePos(error.pos[0]);
  if (error.code === "DUPLICATE_KEY") return { path: "", code: "duplicate_name", params: {}, line, column: col };
  return { path: "", code: "yaml_syntax", params: { detail: error.message }, line, column: col };
}

function rootOf(document: Document.Parsed): YAMLMap | undefined {
  return isMap(document.contents) ? document.contents : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unknownSections(root: YAMLMap): readonly FieldProblem[] {
  return root.items.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (SECTIONS.includes(name)) return [];
    const near = nearest(name, SECTIONS);
    return near === undefined
      ? [{ path: name, code: "unknown_key", params: { key: name } }]
      : [{ path: name, code: "unknown_key_near", params: { key: name, near } }];
  });
}

/** `${NAME}` is for secrets only: elsewhere it would hide from a reader what is watched. */
function misplacedVariables(document: Document.Parsed): readonly FieldProblem[] {
  const found: FieldProblem[] = [];
  visit(document, {
    Pair(_, pair, ancestors) {
      const key = isScalar(pair.key) ? String(pair.key.value) : "";
      const value = isScalar(pair.value) ? pair.value.value : undefined;
      if (typeof value !== "string" || !/\$\{\w+\}/.test(value)) return;
      const path = [...ancestors.flatMap(keyOf), key];
      if (path[0] === "monitors" && mayNameSecret(path) && secretNames(value).every(isSecretName)) return;
      const secret = path[0] === "notifications" && path.length === 3 && SECRET_KEYS.includes(key);
      if (!secret || !/^\$\{\w+\}$/.test(value))
        found.push({ path: path.join("."), code: "env_not_allowed", params: { key } });
    },
  });
  return found;
}

const MAY_NAME_SECRET = new Set(["body", "bearer", "password", "token", "key", "clientSecret", "send"]);

/** The fields of a monitor whose schema knows references to secrets. */
const mayNameSecret = (path: readonly string[]): boolean =>
  MAY_NAME_SECRET.has(path.at(-1) ?? "") || ["headers", "metadata"].includes(path.at(-2) ?? "");

function keyOf(node: unknown): readonly string[] {
  if (typeof node !== "object" || node === null || !("key" in node)) return [];
  return isScalar(node.key) ? [String(node.key.value)] : [];
}

function readSection<T>(
  section: unknown,
  name: string,
  problems: FieldProblem[],
  read: (name: string, value: unknown) => T | undefined,
): readonly T[] {
  if (section === undefined || section === null) return [];
  if (!isRecord(section)) {
    problems.push({ path: name, code: "wrong_type", params: { expected: "map" } });
    return [];
  }
  return Object.entries(section).flatMap(([key, value]) => {
    const item = read(key, value);
    return item === undefined ? [] : [item];
  });
}

function readMonitor(name: string, value: unknown, problems: FieldProblem[]): MonitorSpec | undefined {
  if (isRecord(value) && "name" in value) {
    problems.push({ path: `monitors.${name}.name`, code: "name_is_the_key", params: { key: name } });
    return undefined;
  }
  const parsed = parseMonitorInput(value, ["monitors", name], name);
  if (parsed.ok) return parsed.spec;
  problems.push(...parsed.problems);
  return undefined;
}

function readChannel(
  name: string,
  value: unknown,
  env: Environment,
  problems: FieldProblem[],
): ChannelConfig | undefined {
  const parsed = channelSchema(env).safeParse(value, { reportInput: true });
  if (parsed.success) return toChannel(name, parsed.data);
  problems.push(...problemsOf(parsed.error, ["notifications", name], () => CHANNEL_KEYS));
  return undefined;
}

function readMaintenance(name: string, value: unknown, problems: FieldProblem[]): MaintenanceWindow | undefined {
  const parsed = parseMaintenanceBody(value, name);
  if (parsed.ok) return parsed.window;
  problems.push(...parsed.problems);
  return undefined;
}

function unknownChannels(
  monitors: readonly MonitorSpec[],
  channels: readonly ChannelConfig[],
): readonly FieldProblem[] {
  const names = channels.map((channel) => channel.name);
  return monitors.flatMap((monitor) =>
    monitor.notify
      .map((name, i) => ({ name, i }))
      .filter(({ name }) => !names.includes(name))
      .map(({ name, i }) => ({
        path: `monitors.${monitor.name}.notify.${i}`,
        code: "unknown_channel",
        params: { name },
      })),
  );
}

/** Line and column of the deepest node on the problem's path. */
export function placed(problem: FieldProblem, document: Document.Parsed, lines: LineCounter): FieldProblem {
  if (problem.line !== undefined) return problem;
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  let rest = problem.path;
  while (rest !== "" && isMapOrSeq(node)) {
    const next: { key: unknown; value: unknown; name: string } | undefined = childOf(node, rest);
    if (next === undefined) break;
    offset = rangeStart(next.key) ?? rangeStart(next.value) ?? offset;
    node = next.value;
    rest = rest.slice(next.name.length + 1);
  }
  const { line, col } = lines.linePos(offset);
  return { ...problem, line, column: col };
}

interface WithItems {
  readonly items: readonly unknown[];
}

const isMapOrSeq = (node: unknown): node is WithItems =>
  typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);

/** Names may hold dots, so the child whose whole name begins the rest of the path is taken. */
function childOf(node: WithItems, rest: string): { key: unknown; value: unknown; name: string } | undefined {
  for (const [i, item] of node.items.entries()) {
    const pair = typeof item === "object" && item !== null && "key" in item && "value" in item ? item : undefined;
    const name = pair === undefined ? String(i) : isScalar(pair.key) ? String(pair.key.value) : "";
    if (rest === name || rest.startsWith(`${name}.`))
      return { key: pair?.key, value: pair === undefined ? item : pair.value, name };
  }
  return undefined;
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === "number" ? start : undefined;
}
