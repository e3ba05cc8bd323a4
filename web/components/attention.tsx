"use client";

import type { IncidentView, MonitorView } from "@sentinel/contracts/api";
import { describeDiagnosis } from "@sentinel/contracts/text/screen";
import Link from "next/link";
import type { ReactNode } from "react";
import { shortSpan, spanOf } from "../lib/format.ts";
import { updateLive, useLive, useNow } from "../lib/live.ts";
import { type LiveState, openIncidents, putIncident } from "../lib/live-state.ts";
import { paths } from "../lib/paths.ts";
import { silentMonitors } from "../lib/coverage.ts";
import { Button, ButtonLink } from "./button.tsx";
import { Card } from "./card.tsx";
import { useReader } from "./locale.tsx";
import { SeverityState, State } from "./state.tsx";
import { Countdown, ShortDuration } from "./time.tsx";
import { useAction } from "./use-action.ts";

/** What a person should look at, worst first, each with the one thing to do. */
export function Attention() {
  const { t } = useReader();
  const live = useLive();
  const now = useNow();
  const open = openIncidents(live);
  const silent = silentMonitors(live.monitors.values(), now);
  const configBad = (live.config?.problems.length ?? 0) > 0;
  const total = open.length + silent.length + (configBad ? 1 : 0);
  return (
    <Card
      title={t("attention.title")}
      note={total === 0 ? undefined : t("attention.count", { n: String(total) })}
      className="attention"
    >
      {total === 0 ? (
        <p className="all-well">{t("attention.none")}</p>
      ) : (
        <ul className="rows">
          {open.map((incident) => (
            <IncidentNeed key={incident.id} incident={incident} />
          ))}
          {configBad ? <ConfigNeed config={live.config} /> : null}
          {silent.map((monitor) => (
            <SilenceNeed key={monitor.id} monitor={monitor} now={now} />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface NeedProps {
  readonly state: ReactNode;
  readonly title: ReactNode;
  readonly detail: ReactNode;
  readonly since: ReactNode;
  readonly action: ReactNode;
}

function Need({ state, title, detail, since, action }: NeedProps) {
  return (
    <li className="row need">
      {state}
      <div className="need-text">
        <b>{title}</b>
        <small>{detail}</small>
      </div>
      <span className="need-since">{since}</span>
      <span className="need-action">{action}</span>
    </li>
  );
}

function IncidentNeed({ incident }: { readonly incident: IncidentView }) {
  const { locale, t, api } = useReader();
  const { busy, run } = useAction();
  const acknowledge = async (): Promise<string> => {
    const changed = await api.acknowledge(incident.id);
    updateLive((state) => putIncident(state, changed));
    return t("incident.acknowledged", { id: String(incident.id) });
  };
  return (
    <Need
      state={<SeverityState severity={incident.severity} />}
      title={
        <Link href={paths.incident(locale, incident.id)} prefetch={false}>
          {t("incident.title", { name: incident.monitorName, issue: incident.diagnosis.text.issue })}
        </Link>
      }
      detail={<IncidentProgress incident={incident} />}
      since={<ShortDuration from={incident.startedAt} />}
      action={
        incident.status === "open" ? (
          <Button busy={busy} onClick={() => run(acknowledge)}>
            {t("incident.acknowledge")}
            <span className="visually-hidden"> #{incident.id}</span>
          </Button>
        ) : (
          <ButtonLink href={paths.incident(locale, incident.id)}>
            {t("attention.open")}
            <span className="visually-hidden"> #{incident.id}</span>
          </ButtonLink>
        )
      }
    />
  );
}

/** The line under an incident's title: its number, what is being done, and its cause. */
function IncidentProgress({ incident }: { readonly incident: IncidentView }) {
  const { locale, t } = useReader();
  const repair = incident.repairs.at(-1);
  const isUnseen = useLive().monitors.get(incident.monitorId)?.status === "unknown";
  return (
    <>
      #{incident.id}
      {isUnseen ? ` · ${t("attention.unseen")}` : null}
      {incident.acknowledgedBy === null ? null : ` · ${t("attention.acknowledged", { who: incident.acknowledgedBy })}`}
      {repair?.state === "requested" ? ` · ${t("attention.verifying")}` : null}
      {repair?.state === "running" && repair.deadline !== null ? (
        <>
          {" · "}
          <Filled template={t("attention.repairing", { left: "\u0000" })}>
            <Countdown to={repair.deadline} over="0 s" />
          </Filled>
        </>
      ) : null}
      {` · ${describeDiagnosis(locale, incident.diagnosis).cause}`}
    </>
  );
}

/** A sentence with a living part where its parameter stands. */
export function Filled({ template, children }: { readonly template: string; readonly children: ReactNode }) {
  const [before, after] = template.split("\u0000");
  return (
    <>
      {before}
      {children}
      {after}
    </>
  );
}

function ConfigNeed({ config }: { readonly config: LiveState["config"] }) {
  const { locale, t } = useReader();
  const [first] = config?.problems ?? [];
  return (
    <Need
      state={<State shape="degraded" word={t("attention.warning")} />}
      title={t("attention.config")}
      detail={
        <>
          {t("attention.configDetail", {
            n: String(config?.problems.length ?? 0),
            file: config?.file ?? "",
            applied: config?.appliedAt ?? "never",
          })}
          {first === undefined ? null : ` · ${first.message}`}
        </>
      }
      since={null}
      action={<ButtonLink href={paths.settings(locale)}>{t("attention.seeProblems")}</ButtonLink>}
    />
  );
}

function SilenceNeed({ monitor, now }: { readonly monitor: MonitorView; readonly now: number }) {
  const { locale, t } = useReader();
  const since = Date.parse(monitor.lastCheckedAt ?? monitor.createdAt);
  return (
    <Need
      state={<State shape="unknown" word={t("status.unknown")} />}
      title={
        <Link href={paths.monitor(locale, monitor.id)} prefetch={false}>
          {t("attention.coverage", { name: monitor.name, age: shortSpan(locale, now - since) })}
        </Link>
      }
      detail={t("attention.coverageDetail", { every: spanOf(locale, monitor.spec.every) })}
      since={null}
      action={
        <ButtonLink href={paths.monitor(locale, monitor.id)}>
          {t("attention.open")}
          <span className="visually-hidden"> {monitor.name}</span>
        </ButtonLink>
      }
    />
  );
}
