import type { MonitorView } from "@sentinel/contracts/api";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "30s" in milliseconds; null where it is not a duration. */
export function durationMs(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) return null;
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (UNIT_MS[unit ?? ""] ?? 0), 0);
}

/** Below this a silence is the ordinary wait between rounds. */
const SHORTEST_SILENCE_MS = 10_000;

/** Monitors that should have been checked by now and were not: three rounds without an answer. */
export function silentMonitors(monitors: Iterable<MonitorView>, nowMs: number): readonly MonitorView[] {
  return [...monitors].filter((monitor) => {
    if (monitor.status === "paused" || monitor.status === "maintenance" || monitor.spec.paused) return false;
    const last = Date.parse(monitor.lastCheckedAt ?? monitor.changedAt);
    const every = durationMs(monitor.spec.every) ?? 30_000;
    const patience = durationMs(monitor.spec.timeout) ?? 10_000;
    return nowMs - last > Math.max(SHORTEST_SILENCE_MS, 3 * every + patience);
  });
}

export interface Coverage {
  readonly total: number;
  readonly missed: number;
}

/** Rounds of the strips that were due, and those that did not take place. */
export function coverageOf(monitors: Iterable<MonitorView>): Coverage {
  let total = 0;
  let missed = 0;
  for (const monitor of monitors) {
    total += monitor.beats.length;
    for (const beat of monitor.beats) if (beat.verdict === "missed") missed += 1;
  }
  return { total, missed };
}

/** The monitor whose answer is the oldest among those that are being watched. */
export function oldestAnswer(monitors: Iterable<MonitorView>): { readonly name: string; readonly atMs: number } | null {
  let oldest: { name: string; atMs: number } | null = null;
  for (const monitor of monitors) {
    if (monitor.spec.paused || monitor.lastCheckedAt === null) continue;
    const atMs = Date.parse(monitor.lastCheckedAt);
    if (oldest === null || atMs < oldest.atMs) oldest = { name: monitor.name, atMs };
  }
  return oldest;
}
