"use client";

import { useState } from "react";
import {
  filterMonitors,
  groupsAndTags,
  type MonitorQuery,
  monitorQueryFrom,
  searchOfMonitors,
} from "../lib/filters.ts";
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
  const ask = (change: Partial<MonitorQuery>): void => {
    setRows(ROWS);
    replaceSearch(searchOfMonitors({ ...query, ...change }));
  };
  const { groups, tags } = groupsAndTags(live.monitors.values());
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
            onChange={(event) => ask({ text: event.target.value })}
          />
        </label>
        <Segments
          label={t("monitors.filter")}
          value={query.filter}
          onChange={(filter) => ask({ filter })}
          choices={[
            { value: "all", label: t("monitors.filter.all") },
            { value: "problems", label: t("monitors.filter.problems") },
            { value: "paused", label: t("monitors.filter.paused") },
          ]}
        />
        <Choice
          label={t("monitors.filter.group")}
          every={t("monitors.filter.everyGroup")}
          names={groups}
          value={query.group}
          onChange={(group) => ask({ group })}
        />
        <Choice
          label={t("monitors.filter.tag")}
          every={t("monitors.filter.everyTag")}
          names={tags}
          value={query.tag}
          onChange={(tag) => ask({ tag })}
        />
        <span className="toolbar-note" role="status">
          {t("monitors.count", { n: String(found.length), count: count(locale, found.length) })}
        </span>
      </div>
      {found.length === 0 ? (
        <EmptyState icon="search" title={t("monitors.none.title")} detail={t("monitors.none.detail")}>
          <Button onClick={() => ask({ text: "", filter: "all", group: "", tag: "" })}>
            {t("monitors.none.action")}
          </Button>
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

interface ChoiceProps {
  readonly label: string;
  /** The word for no choice. */
  readonly every: string;
  readonly names: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** One of the names there are, or all; nothing where there are none to choose from. */
function Choice({ label, every, names, value, onChange }: ChoiceProps) {
  if (names.length === 0 && value === "") return null;
  const shown = value === "" || names.includes(value) ? names : [...names, value];
  return (
    <label className="filter-choice">
      <span className="visually-hidden">{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{every}</option>
        {shown.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
