"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { useState } from "react";
import { useHydrated } from "../lib/clock.ts";
import { latency } from "../lib/format.ts";
import { updateLive, useLive, useWatchedChecks } from "../lib/live.ts";
import { emptyDraft, inputOf, type MonitorDraft } from "../lib/monitor-form.ts";
import { paths } from "../lib/paths.ts";
import { useSearch } from "../lib/query.ts";
import { Button, ButtonLink } from "./button.tsx";
import { Card } from "./card.tsx";
import { useReader } from "./locale.tsx";
import { MonitorForm } from "./monitor-form.tsx";
import { EndpointResult } from "./result-list.tsx";
import { Screen } from "./screen.tsx";

/** An address, and its first answer as it happens. */
export function NewMonitorScreen() {
  const { t } = useReader();
  return (
    <div className="narrow">
      <Screen title={t("form.new.title")} heading="shown">
        {() => <NewMonitor />}
      </Screen>
    </div>
  );
}

function NewMonitor() {
  const { t, api } = useReader();
  const search = useSearch();
  const hydrated = useHydrated();
  const [added, setAdded] = useState<MonitorView | null>(null);
  const add = async (draft: MonitorDraft): Promise<void> => {
    const monitor = await api.createMonitor(inputOf(draft));
    updateLive((state) => ({ ...state, monitors: new Map(state.monitors).set(monitor.id, monitor) }));
    setAdded(monitor);
  };
  if (added !== null) return <FirstResult monitor={added} onAnother={() => setAdded(null)} />;
  const url = new URLSearchParams(search).get("url") ?? "";
  return (
    <>
      <p className="lead">{t("form.new.lead")}</p>
      {hydrated ? (
        <MonitorForm
          key={url}
          start={{ ...emptyDraft, urls: [url] }}
          folded
          submit={t("form.submit.new")}
          onSubmit={add}
        />
      ) : null}
    </>
  );
}

interface FirstResultProps {
  readonly monitor: MonitorView;
  readonly onAnother: () => void;
}

/** Waits for the first round on the stream and shows where its time went. */
function FirstResult({ monitor, onAnother }: FirstResultProps) {
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
