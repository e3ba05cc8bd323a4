import type { CheckResult, MonitorView } from "@sentinel/contracts";
import type { MonitorStatusName } from "@sentinel/contracts/api";
import { statusName } from "./names.ts";

/** Monitors that are told one by one; further ones are only counted, so that a scrape stays of bounded size. */
export const MAX_MONITORS = 2000;

const STATUSES: readonly MonitorStatusName[] = [
  "unknown",
  "healthy",
  "degraded",
  "down",
  "sleeping",
  "paused",
  "maintenance",
];

/** Seconds that the last round spent in each phase, summed over its endpoints. */
export type PhaseSeconds = Readonly<Record<string, number>>;

export function phaseSeconds({ endpoints }: Pick<CheckResult, "endpoints">): PhaseSeconds {
  const sum = (of: (phases: NonNullable<CheckResult["endpoints"][number]["phases"]>) => number): number =>
    endpoints.reduce((ms, { phases }) => ms + (phases === undefined ? 0 : of(phases)), 0) / 1000;
  return {
    dns: sum(({ dnsMs }) => dnsMs),
    connect: sum(({ connectMs }) => connectMs),
    tls: sum(({ tlsMs }) => tlsMs),
    first_byte: sum(({ firstByteMs }) => firstByteMs),
    transfer: sum(({ transferMs }) => transferMs),
  };
}

type Series = readonly [labels: Readonly<Record<string, string>>, value: number];

/**
 * Every monitor's state in Prometheus's text format.
 * @param phasesOf what is known of a monitor's last round, by its number.
 */
export function monitorMetrics(
  monitors: readonly MonitorView[],
  phasesOf: (id: string) => PhaseSeconds | undefined,
  nowMs: number,
): string {
  const told = monitors.slice(0, MAX_MONITORS).map((view) => ({
    view,
    labels: { monitor: view.monitor?.spec?.name ?? "" },
  }));
  const each = (of: (one: (typeof told)[number]) => readonly Series[]): readonly Series[] => told.flatMap(of);
  const checked = each(({ view, labels }) => (view.lastCheckedAtMs > 0 ? [[labels, view.lastCheckedAtMs / 1000]] : []));
  return [
    family(
      "sentinel_monitor_status",
      "1 for the status that a monitor has, 0 for the others.",
      each(({ view, labels }) =>
        STATUSES.map((status) => [{ ...labels, status }, statusName[view.status] === status ? 1 : 0]),
      ),
    ),
    family(
      "sentinel_monitor_reason_info",
      "Why a monitor is not well, as a code of the reason table.",
      each(({ view, labels }) => (view.reason === "" ? [] : [[{ ...labels, reason: view.reason }, 1]])),
    ),
    family("sentinel_monitor_last_check_timestamp_seconds", "When a monitor was last checked.", checked),
    family(
      "sentinel_monitor_staleness_seconds",
      "How far the next check of a monitor is overdue; 0 while it is not.",
      each(({ view, labels }) =>
        view.nextDueAtMs > 0 ? [[labels, Math.max(0, nowMs - view.nextDueAtMs) / 1000]] : [],
      ),
    ),
    family(
      "sentinel_monitor_response_seconds",
      "How long the last round of a monitor took.",
      each(({ view, labels }) => (view.lastCheckedAtMs > 0 ? [[labels, view.responseTimeMs / 1000]] : [])),
    ),
    family(
      "sentinel_monitor_phase_seconds",
      "What the last round of a monitor spent in each phase, summed over its endpoints.",
      each(({ view, labels }) =>
        Object.entries(phasesOf(view.monitor?.id ?? "") ?? {}).map(([phase, seconds]) => [
          { ...labels, phase },
          seconds,
        ]),
      ),
    ),
    family("sentinel_monitors", "Monitors there are.", [[{}, monitors.length]]),
    family("sentinel_monitors_not_told", "Monitors beyond those that are told one by one.", [
      [{}, Math.max(0, monitors.length - MAX_MONITORS)],
    ]),
  ].join("");
}

function family(name: string, help: string, series: readonly Series[]): string {
  const lines = series.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return texts.length === 0 ? "" : `{${texts.join(",")}}`;
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
