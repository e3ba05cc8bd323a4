"use client";

import type { MonitorStatusName, SeverityName, VerdictName } from "@sentinel/contracts/api";
import { type Shape, ShapeIcon } from "./icons.tsx";
import { useReader } from "./locale.tsx";

const STATUS_SHAPE: Readonly<Record<MonitorStatusName | VerdictName, Shape>> = {
  healthy: "up",
  degraded: "degraded",
  down: "down",
  unknown: "unknown",
  missed: "unknown",
  sleeping: "sleeping",
  paused: "paused",
  maintenance: "maintenance",
};

const SEVERITY_SHAPE: Readonly<Record<SeverityName, Shape>> = {
  critical: "down",
  high: "degraded",
  medium: "degraded",
  low: "unknown",
};

/** A state, always the three: colour, shape and word. */
export function State({ shape, word }: { readonly shape: Shape; readonly word: string }) {
  return (
    <span className={`state s-${shape}`}>
      <ShapeIcon shape={shape} />
      {word}
    </span>
  );
}

export function StatusState({ status }: { readonly status: MonitorStatusName | VerdictName }) {
  const { t } = useReader();
  return <State shape={STATUS_SHAPE[status]} word={t(`status.${status}`)} />;
}

export function SeverityState({
  severity,
  suffix = "",
}: {
  readonly severity: SeverityName;
  readonly suffix?: string;
}) {
  const { t } = useReader();
  return <State shape={SEVERITY_SHAPE[severity]} word={`${t(`severity.${severity}`)}${suffix}`} />;
}
