import type {
  CheckView,
  ConfigView,
  IncidentView,
  MonitorView,
  SseFrame,
  TimelineEntryView,
  TotalsView,
} from "@sentinel/contracts/api";

/** "connecting" before the first frame; "lost" after a live connection broke; "denied" when a sign-in is needed. */
type Connection = "connecting" | "live" | "lost" | "denied";

/** Everything the screens show of the running system, as last heard. */
export interface LiveState {
  readonly connection: Connection;
  /** False when the gateway itself no longer hears from the incidents service. */
  readonly upstream: boolean;
  /** Since when results cannot be recorded, by the server's clock; null when they can. */
  readonly notFoldedSinceMs: number | null;
  /** True once a snapshot has been seen; it stays true when the connection is lost. */
  readonly seeded: boolean;
  readonly monitors: ReadonlyMap<string, MonitorView>;
  readonly incidents: ReadonlyMap<number, IncidentView>;
  /** Entries that arrived live, by incident; the REST timeline is merged by the incident page. */
  readonly timelines: ReadonlyMap<number, readonly TimelineEntryView[]>;
  /** Live rounds of the watched monitor, newest first. */
  readonly checks: readonly CheckView[];
  readonly totals: TotalsView | null;
  readonly config: ConfigView | null;
  /** Instant of the last frame by the server's clock; null before the first. */
  readonly heardAtMs: number | null;
  /** Server clock minus browser clock. */
  readonly clockOffsetMs: number;
}

export const initialLiveState: LiveState = {
  connection: "connecting",
  upstream: true,
  notFoldedSinceMs: null,
  seeded: false,
  monitors: new Map(),
  incidents: new Map(),
  timelines: new Map(),
  checks: [],
  totals: null,
  config: null,
  heardAtMs: null,
  clockOffsetMs: 0,
};

/** More live rounds than a page shows are forgotten. */
const CHECKS_KEPT = 200;

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** One list by version, each event once, oldest first. */
export function mergeTimeline(
  known: readonly TimelineEntryView[],
  added: readonly TimelineEntryView[],
): readonly TimelineEntryView[] {
  const byVersion = new Map<number, TimelineEntryView>();
  for (const entry of [...known, ...added]) byVersion.set(entry.version, entry);
  return [...byVersion.values()].sort((a, b) => a.version - b.version);
}

/** One list by monitor, region and slot, newest first. */
export function mergeChecks(known: readonly CheckView[], added: readonly CheckView[]): readonly CheckView[] {
  const bySlot = new Map<string, CheckView>();
  for (const check of [...known, ...added]) {
    bySlot.set(`${check.monitorId} ${check.region} ${check.slotMs} ${check.onDemand}`, check);
  }
  return [...bySlot.values()].sort((a, b) => b.slotMs - a.slotMs).slice(0, CHECKS_KEPT);
}

/** An answer of REST never replaces something newer that already came by the stream. */
export function putIncident(state: LiveState, incident: IncidentView): LiveState {
  const known = state.incidents.get(incident.id);
  if (known !== undefined && known.version > incident.version) return state;
  return { ...state, incidents: withEntry(state.incidents, incident.id, incident) };
}

/** The same for a monitor. */
export function putMonitor(state: LiveState, monitor: MonitorView): LiveState {
  const known = state.monitors.get(monitor.id);
  if (known !== undefined && known.version >= monitor.version) return state;
  return { ...state, monitors: withEntry(state.monitors, monitor.id, monitor) };
}

const instantMs = (at: string | null): number | null => (at === null ? null : Date.parse(at));

function seed(state: LiveState, data: Extract<SseFrame, { event: "snapshot" }>["data"]): LiveState {
  // Resolved incidents that were fetched earlier are not part of every snapshot and stay.
  const kept = [...state.incidents.values()].filter((incident) => incident.status === "resolved");
  return {
    ...state,
    seeded: true,
    upstream: true,
    notFoldedSinceMs: instantMs(data.notFoldedSince),
    monitors: new Map(data.monitors.map((monitor) => [monitor.id, monitor])),
    incidents: new Map([...kept, ...data.incidents].map((incident) => [incident.id, incident])),
    totals: data.totals,
    config: data.config,
  };
}

function change(state: LiveState, frame: SseFrame): LiveState {
  switch (frame.event) {
    case "snapshot":
      return seed(state, frame.data);
    case "monitor":
      return { ...state, monitors: withEntry(state.monitors, frame.data.id, frame.data) };
    case "monitor_removed":
      return { ...state, monitors: without(state.monitors, frame.data.id) };
    case "incident":
      return { ...state, incidents: withEntry(state.incidents, frame.data.id, frame.data) };
    case "timeline": {
      const { incidentId, entry } = frame.data;
      const known = state.timelines.get(incidentId) ?? [];
      return { ...state, timelines: withEntry(state.timelines, incidentId, mergeTimeline(known, [entry])) };
    }
    case "check":
      return { ...state, checks: mergeChecks(state.checks, [frame.data]) };
    case "totals":
      return { ...state, totals: frame.data };
    case "config":
      return { ...state, config: frame.data };
    default:
      return { ...state, upstream: frame.data.upstream, notFoldedSinceMs: instantMs(frame.data.notFoldedSince) };
  }
}

/** The state after one frame that arrived at `browserNowMs`. */
export function reduceFrame(state: LiveState, frame: SseFrame, browserNowMs: number): LiveState {
  const told = frame.event === "snapshot" || frame.event === "heartbeat" ? Date.parse(frame.data.now) : Number.NaN;
  const clockOffsetMs = Number.isNaN(told) ? state.clockOffsetMs : told - browserNowMs;
  return { ...change(state, frame), connection: "live", clockOffsetMs, heardAtMs: browserNowMs + clockOffsetMs };
}

/** A lost connection keeps what is known; it only says so. */
export function loseConnection(state: LiveState): LiveState {
  return state.connection === "denied" ? state : { ...state, connection: state.seeded ? "lost" : "connecting" };
}

/** Newest instant at which any monitor was checked; null when none was. */
export function lastCheckedMs(state: LiveState): number | null {
  let newest: number | null = null;
  for (const monitor of state.monitors.values()) {
    if (monitor.lastCheckedAt === null) continue;
    const at = Date.parse(monitor.lastCheckedAt);
    if (newest === null || at > newest) newest = at;
  }
  return newest;
}

export function openIncidents(state: LiveState): readonly IncidentView[] {
  return [...state.incidents.values()].filter((incident) => incident.status !== "resolved").sort(byUrgency);
}

const SEVERITY_RANK = { critical: 0, high: 1, medium: 2, low: 3 } as const;

const VERDICT_RANK = { down: 0, degraded: 1 } as const;

/** Worst first: by severity, down before degraded, then the oldest. */
function byUrgency(a: IncidentView, b: IncidentView): number {
  return (
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    VERDICT_RANK[a.verdict] - VERDICT_RANK[b.verdict] ||
    a.id - b.id
  );
}
