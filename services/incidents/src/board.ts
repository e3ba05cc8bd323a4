import {
  type CheckResult,
  type ConfigStatus,
  type Incident,
  type IncidentTimelineChange,
  type Monitor,
  MonitorStatus,
  type MonitorView,
  type SloStatus,
  type Totals,
  Verdict,
} from "@sentinel/contracts";
import { initialMonitorState } from "./core/detection.ts";
import { toIncident } from "./core/incident.ts";
import type { IncidentState, MonitorState } from "./core/types.ts";
import { loadStates } from "./load-states.ts";
import type { Covering, MaintenanceBook } from "./maintenance-book.ts";
import type { FoldStore, UptimeCounts } from "./store/port.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours that the board shows are younger than this. */
const HOURS_SHOWN_MS = DAY_MS + HOUR_MS;
const RECENT_INCIDENTS = 200;

/** A change of what is seen, as it goes to watchers. */
export type Change =
  | {
      readonly $case: "monitor";
      readonly value: MonitorView;
      /** What is watched or how has changed, not only what was seen. */
      readonly definition: boolean;
    }
  | { readonly $case: "monitorRemoved"; readonly value: string }
  | { readonly $case: "incident"; readonly value: Incident }
  | { readonly $case: "timeline"; readonly value: IncidentTimelineChange }
  | { readonly $case: "check"; readonly value: CheckResult }
  | { readonly $case: "totals"; readonly value: Totals }
  | { readonly $case: "config"; readonly value: ConfigStatus };

interface Row {
  monitor: Monitor;
  state: MonitorState;
  /** By start of the hour; the last 25 or so. */
  readonly hours: Map<number, UptimeCounts>;
  slo: SloStatus | undefined;
  /** Since when nobody sees it, 0 for ever; undefined while it is seen. */
  blindSinceMs: number | undefined;
}

/** What is true now, in memory: monitors with their states, recent incidents, totals. Changed only after a commit. */
export interface Board {
  monitor(idOrName: string): Monitor | undefined;
  view(id: string): MonitorView | undefined;
  views(): readonly MonitorView[];
  /** Of every monitor what it takes to tell whether it is seen; much cheaper than its view. */
  standings(): readonly (Pick<MonitorView, "status" | "lastCheckedAtMs"> & { readonly monitor: Monitor })[];
  incidents(): readonly Incident[];
  incident(id: number): Incident | undefined;
  readonly totals: Totals;
  setMonitor(monitor: Monitor, state?: MonitorState): void;
  removeMonitor(id: string): void;
  setState(id: string, state: MonitorState): void;
  addUptime(counts: readonly UptimeCounts[]): void;
  setSlo(id: string, slo: SloStatus): void;
  /** Since when nobody sees the monitor, 0 for ever; undefined when it is seen. Says whether that is news. */
  setBlind(id: string, sinceMs: number | undefined): boolean;
  setIncident(state: IncidentState): void;
  addTotals(delta: Totals): void;
  setTotals(totals: Totals): void;
}

export async function loadBoard(store: FoldStore, nowMs: () => number, windows?: MaintenanceBook): Promise<Board> {
  const loaded = await store.transaction(async (tx) => {
    const monitors = await tx.monitors.all();
    const ids = monitors.map((monitor) => monitor.id);
    return {
      monitors,
      states: await loadStates(tx, ids, nowMs()),
      uptime: await tx.uptime.since(nowMs() - HOURS_SHOWN_MS),
      recent: await tx.incidents.list({ openOnly: false, monitorId: "", beforeId: 0, limit: RECENT_INCIDENTS }),
      open: await tx.incidents.list({ openOnly: true, monitorId: "", beforeId: 0, limit: 100_000 }),
      totals: await tx.totals.sum(),
    };
  });
  const board = createBoard(loaded.totals, nowMs, windows);
  for (const monitor of loaded.monitors) {
    board.setMonitor(monitor, loaded.states.get(monitor.id) ?? initialMonitorState);
  }
  board.addUptime(loaded.uptime);
  for (const state of [...loaded.open, ...loaded.recent].toReversed()) board.setIncident(state);
  return board;
}

/** A board that nobody looks at begins empty. */
export function createBoard(initialTotals: Totals, nowMs: () => number, windows?: MaintenanceBook): Board {
  const rows = new Map<string, Row>();
  const idByName = new Map<string, string>();
  const incidents = new Map<number, Incident>();
  let totals = initialTotals;
  const row = (idOrName: string): Row | undefined => rows.get(idOrName) ?? rows.get(idByName.get(idOrName) ?? "");
  const forget = (id: string): void => {
    const name = rows.get(id)?.monitor.spec?.name;
    if (name !== undefined && idByName.get(name) === id) idByName.delete(name);
  };
  const addUptime = (counts: readonly UptimeCounts[]): void => {
    for (const count of counts) {
      const hours = rows.get(count.monitorId)?.hours;
      if (hours === undefined) continue;
      hours.set(count.hourMs, sum(count, hours.get(count.hourMs)));
      for (const hourMs of hours.keys()) if (hourMs < nowMs() - HOURS_SHOWN_MS) hours.delete(hourMs);
    }
  };
  return {
    monitor: (idOrName) => row(idOrName)?.monitor,
    view: (id) => {
      const found = rows.get(id);
      return found === undefined ? undefined : viewOf(found, nowMs(), windows);
    },
    views: () => [...rows.values()].map((each) => viewOf(each, nowMs(), windows)),
    standings: () =>
      [...rows.values()].map((each) => ({
        monitor: each.monitor,
        status: standing(each, coveringOf(each, nowMs(), windows)).status,
        lastCheckedAtMs: each.state.lastCheckedAtMs,
      })),
    incident: (id) => incidents.get(id),
    incidents: () => [...incidents.values()].sort((a, b) => b.id - a.id),
    get totals() {
      return totals;
    },
    setMonitor: (monitor, state) => {
      forget(monitor.id);
      const known = rows.get(monitor.id);
      rows.set(monitor.id, {
        monitor,
        state: state ?? known?.state ?? initialMonitorState,
        hours: known?.hours ?? new Map(),
        slo: known?.slo,
        blindSinceMs: known?.monitor.version === monitor.version ? known.blindSinceMs : undefined,
      });
      idByName.set(monitor.spec?.name ?? "", monitor.id);
    },
    removeMonitor: (id) => {
      forget(id);
      rows.delete(id);
    },
    setState: (id, state) => {
      const found = rows.get(id);
      if (found !== undefined) found.state = state;
    },
    addUptime,
    setSlo: (id, slo) => {
      const found = rows.get(id);
      if (found !== undefined) found.slo = slo;
    },
    setBlind: (id, sinceMs) => {
      const found = rows.get(id);
      if (found === undefined || (found.blindSinceMs === undefined) === (sinceMs === undefined)) return false;
      found.blindSinceMs = sinceMs;
      return true;
    },
    setIncident: (state) => {
      incidents.delete(state.id);
      incidents.set(state.id, toIncident(state));
      if (incidents.size <= RECENT_INCIDENTS) return;
      const oldest = [...incidents.values()].find((each) => each.resolvedAtMs > 0);
      if (oldest !== undefined) incidents.delete(oldest.id);
    },
    setTotals: (known) => {
      totals = known;
    },
    addTotals: (delta) => {
      totals = {
        checks: totals.checks + delta.checks,
        incidents: totals.incidents + delta.incidents,
        autoFixes: totals.autoFixes + delta.autoFixes,
      };
    },
  };
}

const sum = (a: UptimeCounts, b: UptimeCounts | undefined): UptimeCounts => ({
  ...a,
  healthy: a.healthy + (b?.healthy ?? 0),
  degraded: a.degraded + (b?.degraded ?? 0),
  down: a.down + (b?.down ?? 0),
  unknown: a.unknown + (b?.unknown ?? 0),
  missed: a.missed + (b?.missed ?? 0),
});

function viewOf(row: Row, nowMs: number, windows?: MaintenanceBook): MonitorView {
  const { monitor, state, hours, slo } = row;
  const paused = monitor.spec?.paused === true;
  const covering = coveringOf(row, nowMs, windows);
  return {
    monitor,
    ...standing(row, covering),
    suppressedBy: state.suppressedBy ?? "",
    maintenance: covering?.window.name ?? "",
    maintenanceUntilMs: covering?.span.endMs ?? 0,
    flapping: state.flapping && state.openIncidentId > 0,
    slo: monitor.spec?.slo === undefined ? undefined : slo,
    lastCheckedAtMs: state.lastCheckedAtMs,
    nextDueAtMs: paused || state.lastSlotMs === 0 ? 0 : state.lastSlotMs + (monitor.spec?.everyMs ?? 0),
    responseTimeMs: state.responseTimeMs,
    uptime24h: uptimeOf(hours, nowMs),
    beats: [...state.beats],
    openIncidentId: state.openIncidentId,
    reason: isUnseen(row) ? "not_watched" : state.reason,
    failingRounds: state.failingRounds,
  };
}

const coveringOf = ({ monitor: { spec } }: Row, nowMs: number, windows?: MaintenanceBook): Covering | undefined =>
  spec === undefined || spec.paused ? undefined : windows?.at(spec, nowMs);

function standing(row: Row, covering: Covering | undefined): Pick<MonitorView, "status" | "sinceMs"> {
  const { monitor, state, blindSinceMs } = row;
  if (monitor.spec?.paused === true) return { status: MonitorStatus.PAUSED, sinceMs: monitor.changedAtMs };
  if (covering !== undefined) return { status: MonitorStatus.MAINTENANCE, sinceMs: covering.span.startMs };
  if (isUnseen(row)) return { status: MonitorStatus.UNKNOWN, sinceMs: blindSinceMs ?? 0 };
  return { status: state.status, sinceMs: state.sinceMs };
}

/** What was well when it was seen last may have failed since, and what had failed may be well; its incident stays open. */
const isUnseen = ({ state, blindSinceMs }: Row): boolean =>
  blindSinceMs !== undefined && state.status !== MonitorStatus.UNKNOWN;

/** Per cent of checked rounds that were not down; what was missed or unknown counts for neither side. */
function uptimeOf(hours: ReadonlyMap<number, UptimeCounts>, nowMs: number): number {
  let up = 0;
  let down = 0;
  for (const count of hours.values()) {
    if (count.hourMs < nowMs - DAY_MS) continue;
    up += count.healthy + count.degraded;
    down += count.down;
  }
  return up + down === 0 ? -1 : (100 * up) / (up + down);
}

/** The column of the uptime table that a verdict counts in. */
export function uptimeColumn(verdict: Verdict): "healthy" | "degraded" | "down" | "unknown" | "missed" {
  switch (verdict) {
    case Verdict.HEALTHY:
      return "healthy";
    case Verdict.DEGRADED:
      return "degraded";
    case Verdict.DOWN:
      return "down";
    case Verdict.MISSED:
      return "missed";
    default:
      return "unknown";
  }
}
