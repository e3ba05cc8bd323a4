"use client";

import type { IncidentView } from "@sentinel/contracts/api";
import Link from "next/link";
import { filterIncidents } from "../lib/filters.ts";
import { useLive } from "../lib/live.ts";
import { paths } from "../lib/paths.ts";
import { replaceSearch, useSearch } from "../lib/query.ts";
import { Button, ButtonLink, Segments } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";
import { useReader } from "./locale.tsx";
import { usePastIncidents } from "./overview-screen.tsx";
import { Screen } from "./screen.tsx";
import { SeverityState, State } from "./state.tsx";
import { ClockTime, Duration } from "./time.tsx";
import { useListKeys } from "./use-list-keys.ts";

export function IncidentsScreen() {
  const { t } = useReader();
  usePastIncidents();
  return (
    <Screen title={t("incidents.title")} heading="shown">
      {() => <Incidents />}
    </Screen>
  );
}

function Incidents() {
  const { locale, t } = useReader();
  const live = useLive();
  const show = new URLSearchParams(useSearch()).get("show") === "all" ? "all" : "open";
  const incidents = filterIncidents(live.incidents.values(), show);
  const list = useListKeys(incidents.length);
  const choose = (next: "open" | "all"): void => replaceSearch(next === "all" ? "?show=all" : "");
  return (
    <>
      <div className="toolbar">
        <Segments
          label={t("incidents.filter")}
          value={show}
          onChange={choose}
          choices={[
            { value: "open", label: t("incidents.filter.open") },
            { value: "all", label: t("incidents.filter.all") },
          ]}
        />
        <span className="toolbar-note">{t("incidents.count", { n: String(incidents.length) })}</span>
      </div>
      {incidents.length > 0 ? (
        <ul className="card rows" ref={list}>
          {incidents.map((incident) => (
            <IncidentRow key={incident.id} incident={incident} />
          ))}
        </ul>
      ) : show === "open" ? (
        <EmptyState icon="incidents" title={t("empty.incidents.title")} detail={t("empty.incidents.detail")}>
          <Button onClick={() => choose("all")}>{t("empty.incidents.action")}</Button>
        </EmptyState>
      ) : (
        <EmptyState icon="incidents" title={t("empty.incidentsEver.title")} detail={t("empty.incidents.detail")}>
          <ButtonLink href={paths.monitors(locale)}>{t("empty.incidentsEver.action")}</ButtonLink>
        </EmptyState>
      )}
    </>
  );
}

function IncidentRow({ incident }: { readonly incident: IncidentView }) {
  const { locale, t } = useReader();
  const resolved = incident.status === "resolved";
  return (
    <li className="row need incident-row">
      {resolved ? (
        <State shape="up" word={t("incident.status.resolved")} />
      ) : (
        <SeverityState severity={incident.severity} />
      )}
      <div className="need-text">
        <b>
          <Link className="row-link" href={paths.incident(locale, incident.id)} prefetch={false}>
            {t("incident.title", { name: incident.monitorName, issue: incident.diagnosis.text.issue })}
          </Link>
        </b>
        <small>
          #{incident.id} · {t(`nature.${incident.nature}`)} ·{" "}
          {incident.resolution === null
            ? t(`incident.status.${incident.status}`)
            : t(`incident.resolution.${incident.resolution}`)}
        </small>
      </div>
      <span className="need-since">
        <Duration from={incident.startedAt} to={incident.resolvedAt} />
      </span>
      <span className="need-when">
        <ClockTime at={incident.startedAt} />
      </span>
    </li>
  );
}
