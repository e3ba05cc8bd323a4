import type { MaintenanceWindow, MonitorSpec } from "@sentinel/contracts";
import { covers, type Span, spansWithin } from "@sentinel/contracts/maintenance";

const HOUR_MS = 3_600_000;

/** A window under way. */
export interface Covering {
  readonly window: MaintenanceWindow;
  readonly span: Span;
}

/** The maintenance windows as this process knows them. */
export interface MaintenanceBook {
  all(): readonly MaintenanceWindow[];
  set(windows: readonly MaintenanceWindow[]): void;
  /** Whether any window is under way at one of these instants, for whomever. */
  touches(instantsMs: readonly number[]): boolean;
  /** The window that covers the monitor then; of several the one that ends last. */
  at(spec: Pick<MonitorSpec, "name" | "group" | "tags">, atMs: number): Covering | undefined;
}

interface Entry {
  readonly window: MaintenanceWindow;
  /** Hours since 1970 that were asked about, with the spans that touch them. */
  readonly hours: Map<number, readonly Span[]>;
}

/** More hours than a day has are asked about only by rounds that come very late. */
const MOST_HOURS = 48;

export function createMaintenanceBook(): MaintenanceBook {
  let entries: readonly Entry[] = [];
  const spanAt = ({ window, hours }: Entry, atMs: number): Span | undefined => {
    const hour = Math.floor(atMs / HOUR_MS);
    let spans = hours.get(hour);
    if (spans === undefined) {
      spans = spansWithin(window, hour * HOUR_MS, (hour + 1) * HOUR_MS);
      if (hours.size >= MOST_HOURS) hours.clear();
      hours.set(hour, spans);
    }
    return spans.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
  };
  return {
    all: () => entries.map(({ window }) => window),
    set: (windows) => {
      entries = windows.map((window) => ({ window, hours: new Map() }));
    },
    touches: (instantsMs) => instantsMs.some((atMs) => entries.some((entry) => spanAt(entry, atMs) !== undefined)),
    at: (spec, atMs) => {
      let found: Covering | undefined;
      for (const entry of entries) {
        if (!covers(entry.window, spec)) continue;
        const span = spanAt(entry, atMs);
        if (span !== undefined && span.endMs > (found?.span.endMs ?? 0)) found = { window: entry.window, span };
      }
      return found;
    },
  };
}
