"use client";

import type { CheckView, MonitorView } from "@sentinel/contracts/api";
import { type Locale, renderText } from "@sentinel/contracts/text/screen";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { lazy, Suspense } from "react";
import { useHydrated } from "../lib/clock.ts";
import { minuteOf } from "../lib/format.ts";
import { useLive, useWatchedChecks } from "../lib/live.ts";
import { mergeChecks } from "../lib/live-state.ts";
import { isHeartbeat } from "../lib/monitor-form.ts";
import { idFromPath, paths } from "../lib/paths.ts";
import { useSearch } from "../lib/query.ts";
import { Beats } from "./beats.tsx";
import { ButtonLink } from "./button.tsx";
import { Card } from "./card.tsx";
import { EmptyState, Skeleton } from "./empty-state.tsx";
import { useReader } from "./locale.tsx";
import { MonitorActions } from "./monitor-actions.tsx";
import { EditMonitor } from "./monitor-form.tsx";
import { MonitorSpecCard } from "./monitor-spec-card.tsx";
import { MonitorStatsCard } from "./monitor-stats-card.tsx";
import { ObjectiveCard } from "./objective-card.tsx";
import { PingAddressCard } from "./ping-address-card.tsx";
import { ResultList } from "./result-list.tsx";
import { Screen, useTitle } from "./screen.tsx";
import { StatusState } from "./state.tsx";
import { Duration, RelativeTime } from "./time.tsx";
import { useFetched } from "./use-fetched.ts";
import { Filled } from "./attention.tsx";

const LatencyChart = lazy(() => import("./latency-chart.tsx"));
const ROUNDS_ASKED = 120;
const BEATS_ON_PAGE = 60;

export function MonitorScreen() {
  const { t } = useReader();
  const pathname = usePathname();
  const hydrated = useHydrated();
  const id = hydrated ? idFromPath(pathname) : undefined;
  return (
    <Screen title={t("monitors.title")} heading="none">
      {() => <MonitorById key={id} id={id} />}
    </Screen>
  );
}

function MonitorById({ id }: { readonly id: string | undefined }) {
  const { locale, t } = useReader();
  const { monitors } = useLive();
  const search = useSearch();
  const monitor = monitors.get(id ?? "") ?? [...monitors.values()].find((other) => other.name === id);
  useWatchedChecks(monitor?.id);
  if (monitor === undefined) {
    return (
      <EmptyState
        icon="monitors"
        heading="h1"
        title={t("monitor.notFound.title")}
        detail={t("monitor.notFound.detail")}
      >
        <ButtonLink href={paths.monitors(locale)}>{t("monitor.notFound.action")}</ButtonLink>
      </EmptyState>
    );
  }
  if (monitor.source === "api" && new URLSearchParams(search).has("edit")) return <EditMonitor monitor={monitor} />;
  return <Monitor monitor={monitor} />;
}

function Monitor({ monitor }: { readonly monitor: MonitorView }) {
  const { t, api } = useReader();
  const live = useLive();
  useTitle(monitor.name);
  const asked = useFetched(`checks ${monitor.id}`, (signal) => api.checks(monitor.id, ROUNDS_ASKED, signal));
  const past = asked.state === "ready" ? asked.value.data : [];
  const fresh = live.checks.filter((check) => check.monitorId === monitor.id);
  const checks = mergeChecks(past, fresh);
  // How long it takes to look up what a job has told says nothing about the job.
  const isJob = isHeartbeat(monitor.spec.endpoints[0]?.url ?? "");
  return (
    <>
      <MonitorHead monitor={monitor} latest={checks[0]} />
      <div className="cols">
        <div className="stack">
          {isJob ? null : (
            <Suspense fallback={<div className="card chart-place" />}>
              <LatencyChart checks={checks} loading={asked.state === "loading"} />
            </Suspense>
          )}
          <Card title={t("monitor.results.title")} note={t("monitor.results.hint")}>
            {asked.state === "loading" ? (
              <Skeleton rows={6} label={t("overview.loading")} />
            ) : (
              <ResultList checks={checks} />
            )}
          </Card>
        </div>
        <aside className="stack">
          {isJob ? <PingAddressCard monitor={monitor} /> : null}
          <ObjectiveCard monitor={monitor} />
          <MonitorStatsCard monitorId={monitor.id} />
          <MonitorSpecCard monitor={monitor} />
        </aside>
      </div>
    </>
  );
}

interface MonitorHeadProps {
  readonly monitor: MonitorView;
  readonly latest: CheckView | undefined;
}

/** Why the monitor is as it is: with the facts of its latest round, or in general. */
function reasonOf({ monitor, latest }: MonitorHeadProps, locale: Locale): string {
  if (monitor.status === "healthy" || monitor.status === "paused") return "";
  const code = monitor.reason ?? (monitor.status === "unknown" ? (latest?.reason ?? null) : null);
  if (code === null) return "";
  const told = latest?.endpoints.find((endpoint) => endpoint.reason === code)?.reasonText ?? null;
  return told ?? renderText(locale, `reason.${code}`);
}

/** What keeps an incident from being opened or closed. */
function standingOf(monitor: MonitorView, locale: Locale, t: ReturnType<typeof useReader>["t"]): readonly string[] {
  const { maintenance, suppressedBy, flapping } = monitor;
  const until = maintenance === null ? "" : minuteOf(locale, maintenance.until);
  return [
    maintenance === null ? "" : t("monitor.inMaintenance", { name: maintenance.window, time: until }),
    suppressedBy === null ? "" : t("monitor.suppressedBy", { name: suppressedBy }),
    flapping ? t("monitor.flapping") : "",
  ].filter(Boolean);
}

function MonitorHead({ monitor, latest }: MonitorHeadProps) {
  const { locale, t } = useReader();
  const reason = reasonOf({ monitor, latest }, locale);
  return (
    <div className="incident-head">
      <p className="crumb">
        <Link href={paths.monitors(locale)}>{t("monitors.title")}</Link> / {monitor.name}
      </p>
      <h1>{monitor.name}</h1>
      <div className="meta">
        <StatusState status={monitor.status} />
        {monitor.since === null ? null : (
          <span>
            <Filled template={t("monitor.since", { span: "\u0000" })}>
              <Duration from={monitor.since} />
            </Filled>
          </span>
        )}
        {reason === "" ? null : <span>{reason}</span>}
        {monitor.lastCheckedAt === null ? null : (
          <span>
            <Filled template={t("monitor.checked", { ago: "\u0000" })}>
              <RelativeTime at={monitor.lastCheckedAt} />
            </Filled>
          </span>
        )}
        {monitor.openIncidentId === null ? null : (
          <Link className="meta-link" href={paths.incident(locale, monitor.openIncidentId)} prefetch={false}>
            {t("monitor.openIncident", { id: String(monitor.openIncidentId) })}
          </Link>
        )}
        <MonitorActions monitor={monitor} />
      </div>
      {standingOf(monitor, locale, t).map((sentence) => (
        <p key={sentence} className="standing">
          {sentence}
        </p>
      ))}
      <div className="head-beats">
        <Beats beats={monitor.beats} shown={BEATS_ON_PAGE} />
      </div>
    </div>
  );
}
