import type { IncidentView, MonitorView, Overview } from "@sentinel/contracts/api";
import { formatDuration, formatTime, type Locale } from "@sentinel/contracts/text";
export function describeProduction({
  monitors,
  incidents,
  nowMs,
  locale,
}: {
  monitors: readonly MonitorView[];
  incidents: readonly IncidentView[];
  nowMs: number;
  locale: Locale;
}): Overview {
  const open = incidents.filter((i) => i.status !== "resolved").sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const n = (s: string) => monitors.filter((m) => m.status === s).length;
  const worst = open.find((i) => i.verdict === "down") ?? open[0];
  const state = worst === undefined ? "up" : worst.verdict === "down" ? "down" : "degraded";
  const fr = locale === "fr";
  const since = open[0]?.startedAt ?? null;
  const dur = since === null ? "" : formatDuration(locale, Math.floor((nowMs - Date.parse(since)) / 1000) * 1000);
  return {
    state,
    headline:
      worst === undefined
        ? fr
          ? "La production est en service."
          : "Production is up."
        : fr
          ? `La production est ${state === "down" ? "en panne" : "dégradée"}. ${worst.diagnosis.text.issue}`
          : `Production is ${state}. ${worst.diagnosis.text.issue}. ${worst.diagnosis.text.cause}`,
    since,
    nature: worst?.nature ?? null,
    acting: worst?.acting ?? null,
    answers: {
      up: `${n("healthy")} ${fr ? "services sur" : "of"} ${monitors.length}${fr ? "" : " services"}`,
      why: worst?.diagnosis.text.cause ?? "–",
      since: since === null ? "–" : `${dur} · ${formatTime(locale, Date.parse(since))}`,
      nature: worst
        ? worst.nature === "business"
          ? fr
            ? "Métier"
            : "Business"
          : fr
            ? "Technique"
            : "Technical"
        : "–",
      who: worst
        ? worst.acting === "sentinel"
          ? fr
            ? "Sentinel, réveil en cours"
            : "Sentinel, wake-up running"
          : (worst.owner ?? "–")
        : "–",
    },
    monitors: {
      total: monitors.length,
      healthy: n("healthy"),
      degraded: n("degraded"),
      down: n("down"),
      unknown: n("unknown"),
      paused: n("paused"),
    },
    openIncidents: open.length,
    checkedAt: null,
  };
}
