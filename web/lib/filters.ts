import type { IncidentView, MonitorStatusName, MonitorView } from "@sentinel/contracts/api";

type MonitorFilter = "all" | "problems" | "paused";

export interface MonitorQuery {
  readonly text: string;
  readonly filter: MonitorFilter;
  /** Empty for those of every group, and of none. */
  readonly group: string;
  /** Empty for those with any tags, and with none. */
  readonly tag: string;
}

const PROBLEMS: readonly MonitorStatusName[] = ["down", "degraded", "unknown"];

const RANK: Readonly<Record<MonitorStatusName, number>> = {
  down: 0,
  degraded: 1,
  unknown: 2,
  sleeping: 3,
  healthy: 4,
  maintenance: 5,
  paused: 6,
};

/** Worst first, then by name: what needs a person stands at the top, and the rest keeps its place. */
function byNeed(a: MonitorView, b: MonitorView): number {
  return RANK[a.status] - RANK[b.status] || a.name.localeCompare(b.name);
}

/** Case and accents do not matter when searching. */
export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

function haystack(monitor: MonitorView): string {
  const { name, spec } = monitor;
  return plain(
    [name, spec.group ?? "", ...spec.tags, ...spec.endpoints.map((endpoint) => endpoint.url), spec.owner ?? ""].join(
      " ",
    ),
  );
}

function passes(monitor: MonitorView, { filter, group, tag }: MonitorQuery): boolean {
  if (group !== "" && monitor.spec.group !== group) return false;
  if (tag !== "" && !monitor.spec.tags.includes(tag)) return false;
  if (filter === "problems") return PROBLEMS.includes(monitor.status);
  return filter === "paused" ? monitor.status === "paused" : true;
}

/** The monitors whose name, address, tag or owner holds every word asked for, worst first. */
export function filterMonitors(monitors: Iterable<MonitorView>, query: MonitorQuery): readonly MonitorView[] {
  const words = plain(query.text).split(/\s+/).filter(Boolean);
  const found: MonitorView[] = [];
  for (const monitor of monitors) {
    if (!passes(monitor, query)) continue;
    if (words.length > 0 && !words.every((word) => haystack(monitor).includes(word))) continue;
    found.push(monitor);
  }
  return found.sort(byNeed);
}

export function monitorQueryFrom(search: string): MonitorQuery {
  const params = new URLSearchParams(search);
  const state = params.get("state");
  const said = (name: string): string => params.get(name) ?? "";
  const filter = state === "problems" || state === "paused" ? state : "all";
  return { text: said("q"), filter, group: said("group"), tag: said("tag") };
}

/** The query as it stands in the address, where everything that is not asked for is left out. */
export const searchOfMonitors = ({ text, filter, group, tag }: MonitorQuery): string =>
  searchOf({ q: text, state: filter === "all" ? "" : filter, group, tag });

/** The groups and tags there are, in order, each once. */
export function groupsAndTags(monitors: Iterable<MonitorView>): {
  readonly groups: readonly string[];
  readonly tags: readonly string[];
} {
  const [groups, tags] = [new Set<string>(), new Set<string>()];
  for (const { spec } of monitors) {
    if (spec.group !== null) groups.add(spec.group);
    for (const tag of spec.tags) tags.add(tag);
  }
  const inOrder = (names: ReadonlySet<string>): readonly string[] => [...names].sort((a, b) => a.localeCompare(b));
  return { groups: inOrder(groups), tags: inOrder(tags) };
}

/** Empty parts are left out, so that the plain list has a plain address. */
export function searchOf(parts: Readonly<Record<string, string>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== "") params.set(name, value);
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** Newest first; only the open ones unless all are asked for. */
export function filterIncidents(incidents: Iterable<IncidentView>, show: "open" | "all"): readonly IncidentView[] {
  return [...incidents]
    .filter((incident) => show === "all" || incident.status !== "resolved")
    .sort((a, b) => b.id - a.id);
}

/** The first `limit` services, worst first. */
export function servicesForOverview(monitors: Iterable<MonitorView>, limit: number): readonly MonitorView[] {
  return [...monitors].sort(byNeed).slice(0, limit);
}
