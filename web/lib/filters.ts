import type { IncidentView, MonitorStatusName, MonitorView } from "@sentinel/contracts/api";

export type MonitorFilter = "all" | "problems" | "paused";

export interface MonitorQuery {
  readonly text: string;
  readonly filter: MonitorFilter;
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

function passes(monitor: MonitorView, filter: MonitorFilter): boolean {
  if (filter === "problems") return PROBLEMS.includes(monitor.status);
  return filter === "paused" ? monitor.status === "paused" : true;
}

/** The monitors whose name, address, tag or owner holds every word asked for, worst first. */
export function filterMonitors(monitors: Iterable<MonitorView>, query: MonitorQuery): readonly MonitorView[] {
  const words = plain(query.text).split(/\s+/).filter(Boolean);
  const found: MonitorView[] = [];
  for (const monitor of monitors) {
    if (!passes(monitor, query.filter)) continue;
    if (words.length > 0 && !words.every((word) => haystack(monitor).includes(word))) continue;
    found.push(monitor);
  }
  return found.sort(byNeed);
}

export function monitorQueryFrom(search: string): MonitorQuery {
  const params = new URLSearchParams(search);
  const state = params.get("state");
  return { text: params.get("q") ?? "", filter: state === "problems" || state === "paused" ? state : "all" };
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
