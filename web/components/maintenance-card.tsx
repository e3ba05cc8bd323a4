"use client";

import type { MaintenanceView } from "@sentinel/contracts/api";
import { type FormEvent, useState } from "react";
import { minuteOf } from "../lib/format.ts";
import { Button } from "./button.tsx";
import { Card } from "./card.tsx";
import { EmptyState, Skeleton } from "./empty-state.tsx";
import { FailureNote, useFailure } from "./failure.tsx";
import { TextField } from "./field.tsx";
import { useReader } from "./locale.tsx";
import { State } from "./state.tsx";
import { useAction } from "./use-action.ts";
import { useFetched } from "./use-fetched.ts";

/** The maintenance windows, and a form that begins one. */
export function MaintenanceCard() {
  const { t, api } = useReader();
  const failureOf = useFailure();
  const [made, setMade] = useState(0);
  const asked = useFetched(`maintenance ${made}`, (signal) => api.maintenance(signal));
  const changed = (): void => setMade(made + 1);
  return (
    <Card title={t("maintenance.title")} note={t("maintenance.hint")}>
      {asked.state === "loading" ? <Skeleton rows={2} label={t("maintenance.title")} /> : null}
      {asked.state === "failed" ? (
        <div className="pad">
          <FailureNote failure={failureOf(asked.thrown)} />
        </div>
      ) : null}
      {asked.state === "ready" && asked.value.data.length === 0 ? (
        <EmptyState icon="wrench" title={t("maintenance.none.title")} detail={t("maintenance.none.detail")} />
      ) : null}
      {asked.state === "ready" ? (
        <ul className="rows">
          {asked.value.data.map((window) => (
            <Window key={window.id} window={window} onChanged={changed} />
          ))}
        </ul>
      ) : null}
      <StartForm onChanged={changed} />
    </Card>
  );
}

interface WindowProps {
  readonly window: MaintenanceView;
  readonly onChanged: () => void;
}

function Window({ window, onChanged }: WindowProps) {
  const { locale, t, api } = useReader();
  const { busy, run } = useAction();
  const { name } = window;
  const at = (instant: string | null): string => (instant === null ? "–" : minuteOf(locale, instant));
  const covered = [...window.monitors, ...window.groups, ...window.tags].join(", ");
  const act = (action: () => Promise<unknown>, said: string): void =>
    run(async () => {
      await action();
      onChanged();
      return said;
    });
  return (
    <li className="row channel">
      <div className="need-text">
        <b>{name}</b> {window.active ? <State shape="maintenance" word={t("maintenance.active")} /> : null}
        <small>
          {window.active
            ? t("maintenance.until", { time: at(window.endsAt) })
            : window.startsAt === null
              ? t("maintenance.over")
              : t("maintenance.next", { from: at(window.startsAt), until: at(window.endsAt) })}
          {window.repeat === null ? null : (
            <>
              {" · "}
              <Repeat rule={window.repeat} />
            </>
          )}
        </small>
        <small>
          {covered === "*" ? t("maintenance.all") : covered} · {t("maintenance.covers", { n: String(window.covers) })}
          {window.reason === null ? "" : ` · ${window.reason}`}
        </small>
      </div>
      {window.active ? (
        <Button
          busy={busy}
          aria-label={t("maintenance.endOf", { name })}
          onClick={() => act(() => api.endMaintenance(window.id), t("maintenance.ended", { name }))}
        >
          {t("maintenance.end")}
        </Button>
      ) : window.source === "file" ? null : (
        <Button
          busy={busy}
          aria-label={t("maintenance.removeOf", { name })}
          onClick={() => act(() => api.deleteMaintenance(window.id), t("maintenance.removed", { name }))}
        >
          {t("maintenance.remove")}
        </Button>
      )}
    </li>
  );
}

const REPEATS = ["daily", "weekly", "monthly", "yearly"] as const;

/** The plain rules in words; the others are for those who know RFC 5545, and shown as they are. */
function Repeat({ rule }: { readonly rule: string }) {
  const { t } = useReader();
  const plain = REPEATS.find((each) => `FREQ=${each.toUpperCase()}` === rule);
  return plain === undefined ? <code>{rule}</code> : t(`maintenance.repeat.${plain}`);
}

const EMPTY = { name: "", duration: "1h", starts: "", repeat: "", reason: "", monitors: "", groups: "", tags: "" };

const listed = (text: string): string[] => text.split(/\s*,\s*/).filter(Boolean);

function StartForm({ onChanged }: Pick<WindowProps, "onChanged">) {
  const { t, api } = useReader();
  const { busy, run } = useAction();
  const [given, setGiven] = useState(EMPTY);
  const field = (key: keyof typeof EMPTY) => ({
    label: t(`maintenance.form.${key}`),
    value: given[key],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setGiven({ ...given, [key]: event.target.value }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const [names, groups, tags] = [listed(given.monitors), listed(given.groups), listed(given.tags)];
      await api.createMaintenance({
        name: given.name,
        duration: given.duration,
        monitors: names.length + groups.length + tags.length === 0 ? ["*"] : names,
        groups,
        tags,
        zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        ...(given.starts === "" ? {} : { starts: given.starts }),
        ...(given.repeat === "" ? {} : { repeat: given.repeat }),
        ...(given.reason === "" ? {} : { reason: given.reason }),
      });
      setGiven(EMPTY);
      onChanged();
      return t("maintenance.made", { name: given.name });
    });
  };
  return (
    <details className="pad plan">
      <summary>{t("maintenance.form.fold")}</summary>
      <form onSubmit={submit}>
        <div className="field-grid">
          <TextField {...field("name")} required maxLength={80} />
          <TextField {...field("reason")} maxLength={200} />
          <TextField {...field("monitors")} hint={t("maintenance.form.monitorsHint")} />
          <TextField {...field("groups")} hint={t("maintenance.form.namesHint")} />
          <TextField {...field("tags")} hint={t("maintenance.form.namesHint")} />
          <TextField {...field("starts")} type="datetime-local" hint={t("maintenance.form.startsHint")} />
          <TextField {...field("duration")} required hint={t("maintenance.form.durationHint")} />
          <TextField {...field("repeat")} hint={t("maintenance.form.repeatHint")} />
        </div>
        <div className="form-actions">
          <Button type="submit" tone="primary" busy={busy}>
            {t("maintenance.form.submit")}
          </Button>
        </div>
      </form>
    </details>
  );
}
