"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { latency } from "../lib/format.ts";
import { useLive, useWatchedChecks } from "../lib/live.ts";
import { paths } from "../lib/paths.ts";
import { Button, ButtonLink } from "./button.tsx";
import { Card } from "./card.tsx";
import { useReader } from "./locale.tsx";
import { EndpointResult } from "./result-list.tsx";

interface FirstResultProps {
  readonly monitor: MonitorView;
  readonly onAnother: () => void;
}

/** Waits for the first round on the stream and shows where its time went. */
export function FirstResult({ monitor, onAnother }: FirstResultProps) {
  const { locale, t } = useReader();
  useWatchedChecks(monitor.id);
  const live = useLive();
  const first = live.checks.findLast((check) => check.monitorId === monitor.id);
  const reason = first?.endpoints.find((endpoint) => endpoint.reasonText !== null)?.reasonText ?? "";
  const word = first === undefined ? "" : t(`status.${first.verdict}`).toLowerCase();
  const sentence =
    first === undefined
      ? t("first.waiting")
      : first.verdict === "healthy"
        ? t("first.done", { word, latency: latency(locale, first.durationMs) })
        : t("first.failed", { word, reason });
  return (
    <Card title={t("first.title", { name: monitor.name })} className="first-result">
      <div className="pad">
        <p className="first-sentence" role="status">
          {sentence}
        </p>
        {first === undefined ? (
          <span className="progress endless" aria-hidden="true">
            <span />
          </span>
        ) : (
          first.endpoints.map((endpoint) => <EndpointResult key={endpoint.url} endpoint={endpoint} />)
        )}
        <div className="form-actions">
          <Button onClick={onAnother}>{t("first.another")}</Button>
          <ButtonLink tone="primary" href={paths.monitor(locale, monitor.id)}>
            {t("first.open", { name: monitor.name })}
          </ButtonLink>
        </div>
      </div>
    </Card>
  );
}
