"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { useState } from "react";
import { useHydrated } from "../lib/clock.ts";
import { updateLive } from "../lib/live.ts";
import { putMonitor } from "../lib/live-state.ts";
import { emptyDraft, inputOf, type MonitorDraft } from "../lib/monitor-form.ts";
import { useSearch } from "../lib/query.ts";
import { FirstResult } from "./first-result.tsx";
import { useReader } from "./locale.tsx";
import { MonitorForm } from "./monitor-form.tsx";
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
  const add = async (draft: MonitorDraft, options: readonly Record<string, unknown>[]): Promise<void> => {
    const monitor = await api.createMonitor(inputOf(draft, options));
    updateLive((state) => putMonitor(state, monitor));
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
