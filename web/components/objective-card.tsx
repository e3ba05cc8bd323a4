"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { formatDuration } from "@sentinel/contracts/text/screen";
import { durationMs } from "../lib/coverage.ts";
import { figure, percent, spanOf } from "../lib/format.ts";
import { Card, Facts } from "./card.tsx";
import { useReader } from "./locale.tsx";

/** What was promised of a monitor, and how much may still go wrong before the promise is broken. */
export function ObjectiveCard({ monitor }: { readonly monitor: MonitorView }) {
  const { locale, t } = useReader();
  const { slo: kept, spec } = monitor;
  if (spec.slo === null) return null;
  const { target, window } = spec.slo;
  const left = kept?.budgetLeft ?? null;
  const allowedMs = ((100 - target) / 100) * (durationMs(window) ?? 0);
  const leftMs = left === null ? 0 : Math.floor((allowedMs * left) / 100_000) * 1000;
  const speed = (burn: number | undefined): string =>
    burn === undefined ? "–" : t("objective.speed", { times: figure(locale, Math.round(burn * 10) / 10) });
  return (
    <Card
      title={t("objective.title")}
      note={t("monitor.spec.sloValue", { target: percentOf(figure(locale, target)), window: spanOf(locale, window) })}
    >
      <div className="pad objective">
        <p>
          {left === null
            ? t("objective.unknown")
            : left > 0
              ? t("objective.left", { left: percent(locale, left), span: unbroken(formatDuration(locale, leftMs)) })
              : t("objective.overdrawn", { span: unbroken(formatDuration(locale, -leftMs)) })}
        </p>
        {left === null ? null : (
          <meter min={0} max={100} value={Math.max(0, left)} aria-label={t("monitor.spec.budget")} />
        )}
        <Facts
          facts={[
            [t("objective.uptime"), kept?.uptime === null || kept === null ? "–" : percent(locale, kept.uptime)],
            [t("objective.burn1h"), speed(kept?.burn1h)],
            [t("objective.burn6h"), speed(kept?.burn6h)],
          ]}
        />
      </div>
    </Card>
  );
}

/** A number and its unit stay on one line. */
const unbroken = (text: string): string => text.replaceAll(" ", "\u00a0");

/** As everywhere else on the screens: a no-break space before the sign. */
const percentOf = (text: string): string => `${text}\u00a0%`;
