"use client";

import { useState } from "react";
import { filterMonitors, type MonitorFilter, monitorQueryFrom, searchOf } from "../lib/filters.ts";
import { count } from "../lib/format.ts";
import { useLive } from "../lib/live.ts";
import { paths } from "../lib/paths.ts";
import { replaceSearch, useSearch } from "../lib/query.ts";
import { Button, ButtonLink, Segments } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";
import { FirstRun } from "./first-run.tsx";
import { Icon } from "./icons.tsx";
import { useReader } from "./locale.tsx";
import { Screen } from "./screen.tsx";
import { ServicesTable } from "./services.tsx";
import { useListKeys } from "./use-list-keys.ts";

/** Rows drawn at once; more come on demand, so that thousands of monitors stay light. */
const ROWS = 60;

export function MonitorsScreen() {
  const { locale, t } = useReader();
  return (
    <Screen
      title={t("monitors.title")}
      heading="shown"
      actions={
        <ButtonLink tone="primary" href={paths.newMonitor(locale)}>
          {t("monitors.add")}
        </ButtonLink>
      }
    >
      {() => <MonitorsOrFirstRun />}
    </Screen>
  );
}

function MonitorsOrFirstRun() {
  const { monitors } = useLive();
  return (
    <FirstRun empty={monitors.size === 0} heading="h2">
      {() => <Monitors />}
    </FirstRun>
  );
}

function Monitors() {
  const { locale, t } = useReader();
  const live = useLive();
  const search = useSearch();
  const query = monitorQueryFrom(search);
  const [rows, setRows] = useState(ROWS);
  const found = filterMonitors(live.monitors.values(), query);
  const list = useListKeys<HTMLDivElement>(Math.min(found.length, rows));
  const ask = (text: string, filter: MonitorFilter): void => {
    setRows(ROWS);
    replaceSearch(searchOf({ q: text, state: filter === "all" ? "" : filter }));
  };
  return (
    <>
      <div className="toolbar">
        <label className="filter-text">
          <Icon name="search" />
          <span className="visually-hidden">{t("monitors.search")}</span>
          <input
            type="search"
            placeholder={t("monitors.search")}
            value={query.text}
            onChange={(event) => ask(event.target.value, query.filter)}
          />
        </label>
        <Segments
          label={t("monitors.filter")}
          value={query.filter}
          onChange={(filter) => ask(query.text, filter)}
          choices={[
            { value: "all", label: t("monitors.filter.all") },
            { value: "problems", label: t("monitors.filter.problems") },
            { value: "paused", label: t("monitors.filter.paused") },
          ]}
        />
        <span className="toolbar-note" role="status">
          {t("monitors.count", { n: String(found.length), count: count(locale, found.length) })}
        </span>
      </div>
      {found.length === 0 ? (
        <EmptyState icon="search" title={t("monitors.none.title")} detail={t("monitors.none.detail")}>
          <Button onClick={() => ask("", "all")}>{t("monitors.none.action")}</Button>
        </EmptyState>
      ) : (
        <div className="card" ref={list}>
          <ServicesTable monitors={found.slice(0, rows)} />
          {found.length > rows ? (
            <Button tone="quiet" className="card-more" onClick={() => setRows(rows + ROWS)}>
              {t("services.all", { count: count(locale, found.length) })}
            </Button>
          ) : null}
        </div>
      )}
      <p className="keys-hint">{t("monitors.keys")}</p>
    </>
  );
}
