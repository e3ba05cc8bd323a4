"use client";

import type { IncidentView } from "@sentinel/contracts/api";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useState } from "react";
import { useHydrated } from "../lib/clock.ts";
import { updateLive, useLive } from "../lib/live.ts";
import { mergeTimeline, putIncident } from "../lib/live-state.ts";
import type { Translate } from "../lib/i18n.ts";
import { idFromPath, paths } from "../lib/paths.ts";
import { Button, ButtonLink } from "./button.tsx";
import { Card } from "./card.tsx";
import { CommentForm } from "./comment-form.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { DiagnosisCard } from "./diagnosis-card.tsx";
import { EmptyState, Skeleton } from "./empty-state.tsx";
import { IncidentEvidence } from "./incident-evidence.tsx";
import { useReader } from "./locale.tsx";
import { RepairCard } from "./repair-card.tsx";
import { Screen, useTitle } from "./screen.tsx";
import { SeverityState, State } from "./state.tsx";
import { ClockTime, Duration, RelativeTime } from "./time.tsx";
import { Filled } from "./attention.tsx";
import { Timeline } from "./timeline.tsx";
import { useAction } from "./use-action.ts";
import { useFetched } from "./use-fetched.ts";

export function IncidentScreen() {
  const { t } = useReader();
  const pathname = usePathname();
  const id = Number(useHydrated() ? idFromPath(pathname) : Number.NaN);
  return (
    <Screen title={t("incidents.title")} heading="none">
      {() => <IncidentById key={id} id={id} />}
    </Screen>
  );
}

/** An incident known from the stream shows at once; an old one is asked for. */
function IncidentById({ id }: { readonly id: number }) {
  const { locale, t, api } = useReader();
  const live = useLive();
  const asked = useFetched(`incident ${id}`, (signal) => api.incident(id, signal));
  useEffect(() => {
    if (asked.state === "ready") updateLive((state) => putIncident(state, asked.value));
  }, [asked]);
  const incident = live.incidents.get(id);
  if (incident !== undefined) return <Incident incident={incident} />;
  if (asked.state !== "failed") return <Skeleton rows={6} label={t("overview.loading")} />;
  return (
    <EmptyState
      icon="incidents"
      heading="h1"
      title={t("incident.notFound.title")}
      detail={t("incident.notFound.detail")}
    >
      <ButtonLink href={paths.incidents(locale)}>{t("incident.notFound.action")}</ButtonLink>
    </EmptyState>
  );
}

function Incident({ incident }: { readonly incident: IncidentView }) {
  const { t, api } = useReader();
  const live = useLive();
  useTitle(`#${incident.id} ${titleOf(incident, t)}`);
  const asked = useFetched(`timeline ${incident.id}`, (signal) => api.timeline(incident.id, signal));
  const past = asked.state === "ready" ? asked.value.data : [];
  const entries = mergeTimeline(past, live.timelines.get(incident.id) ?? []);
  return (
    <>
      <IncidentHead incident={incident} />
      <div className="cols">
        <div className="stack">
          <Card title={t("timeline.title")} note={t("timeline.count", { n: String(entries.length) })}>
            {entries.length === 0 ? (
              <Skeleton rows={4} label={t("timeline.waiting")} />
            ) : (
              <Timeline entries={entries} live={incident.status !== "resolved"} />
            )}
            <CommentForm incidentId={incident.id} />
          </Card>
        </div>
        <aside className="stack">
          <DiagnosisCard incident={incident} />
          <RepairCard repairs={incident.repairs} />
          <IncidentEvidence entries={entries} />
        </aside>
      </div>
    </>
  );
}

function IncidentHead({ incident }: { readonly incident: IncidentView }) {
  const { locale, t } = useReader();
  const resolved = incident.resolvedAt !== null;
  // Deleted since, or Sentinel itself: there is no page to lead to.
  const watched = useLive().monitors.has(incident.monitorId);
  return (
    <div className="incident-head">
      <p className="crumb">
        <Link href={paths.incidents(locale)}>{t("incident.crumb")}</Link> / #{incident.id}
      </p>
      <h1>{titleOf(incident, t)}</h1>
      <div className="meta">
        {resolved ? (
          <State shape="up" word={t(`incident.resolution.${incident.resolution ?? "recovered"}`)} />
        ) : (
          <SeverityState
            severity={incident.severity}
            suffix={` · ${t(`incident.status.${incident.status}`).toLowerCase()}`}
          />
        )}
        <IncidentSpan incident={incident} />
        <span>{t(`nature.${incident.nature}`)}</span>
        {watched ? (
          <Link className="meta-link" href={paths.monitor(locale, incident.monitorId)} prefetch={false}>
            {incident.monitorName}
          </Link>
        ) : (
          <span>{incident.monitorName}</span>
        )}
        {resolved ? null : <NotKnownNow incident={incident} />}
        {resolved ? null : <span>{t("incident.who", { who: actingOf(incident, t) })}</span>}
        {incident.acknowledgedBy === null ? null : (
          <span>{t("incident.ackedBy", { who: incident.acknowledgedBy })}</span>
        )}
        {incident.flapping ? <span>{t("incident.flapping")}</span> : null}
        {incident.reopened > 0 ? <span>{t("incident.reopened", { n: String(incident.reopened) })}</span> : null}
        {resolved ? null : <IncidentActions incident={incident} />}
      </div>
    </div>
  );
}

/** Since when nobody sees what the incident is about; nothing while it is seen. */
function NotKnownNow({ incident }: { readonly incident: IncidentView }) {
  const { t } = useReader();
  const monitor = useLive().monitors.get(incident.monitorId);
  if (monitor?.status !== "unknown" || monitor.lastCheckedAt === null) return null;
  return (
    <span className="s-unknown">
      <Filled template={t("incident.unseen", { ago: "\u0000" })}>
        <RelativeTime at={monitor.since ?? monitor.lastCheckedAt} />
      </Filled>
    </span>
  );
}

/** Since when, ticking; once resolved, from when to when. */
function IncidentSpan({ incident }: { readonly incident: IncidentView }) {
  const { t } = useReader();
  const { startedAt, resolvedAt } = incident;
  const [start, rest = ""] = t(resolvedAt === null ? "incident.since" : "incident.lasted", {
    time: "\u0001",
    from: "\u0001",
    to: "\u0002",
    span: "\u0000",
  }).split("\u0001");
  const [middle, end] = rest.includes("\u0002") ? rest.split("\u0002") : [undefined, rest];
  return (
    <span>
      {start}
      <ClockTime at={startedAt} />
      {middle}
      {resolvedAt === null ? null : <ClockTime at={resolvedAt} />}
      <Filled template={end ?? ""}>
        <Duration from={startedAt} to={resolvedAt} />
      </Filled>
    </span>
  );
}

function titleOf(incident: IncidentView, t: Translate): string {
  return t("incident.title", { name: incident.monitorName, issue: incident.diagnosis.text.issue });
}

function actingOf(incident: IncidentView, t: Translate): string {
  if (incident.acting !== "owner") return t(`acting.${incident.acting}`);
  const owner = incident.acknowledgedBy ?? incident.owner;
  return owner === null ? t("acting.ownerUnnamed") : t("acting.owner", { owner });
}

function IncidentActions({ incident }: { readonly incident: IncidentView }) {
  const { t, api } = useReader();
  const { busy, run } = useAction();
  const [asking, setAsking] = useState(false);
  const id = String(incident.id);
  const acknowledge = async (): Promise<string> => {
    const changed = await api.acknowledge(incident.id);
    updateLive((state) => putIncident(state, changed));
    return t("incident.acknowledged", { id });
  };
  const resolve = async (): Promise<string> => {
    const changed = await api.resolve(incident.id);
    updateLive((state) => putIncident(state, changed));
    setAsking(false);
    return t("incident.resolvedToast", { id });
  };
  return (
    <div className="actions">
      <Button busy={busy} onClick={() => setAsking(true)}>
        {t("incident.resolve")}
      </Button>
      {incident.status === "open" ? (
        <Button tone="primary" busy={busy} onClick={() => run(acknowledge)}>
          {t("incident.acknowledge")}
        </Button>
      ) : null}
      <ConfirmDialog
        open={asking}
        title={t("incident.resolveTitle", { id })}
        confirm={t("incident.resolve")}
        cancel={t("incident.keepOpen")}
        tone="primary"
        busy={busy}
        onConfirm={() => run(resolve)}
        onClose={() => setAsking(false)}
      >
        <p>{t("incident.resolveDetail")}</p>
      </ConfirmDialog>
    </div>
  );
}
