"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { type FormEvent, useRef, useState } from "react";
import { updateLive } from "../lib/live.ts";
import {
  draftOf,
  DRAFT_FIELDS,
  mergedInput,
  type MonitorDraft,
  nameFromUrl,
  isCheckable,
  isHeartbeat,
} from "../lib/monitor-form.ts";
import { ApiError, problemsByField } from "../lib/problem.ts";
import { replaceSearch } from "../lib/query.ts";
import { Button } from "./button.tsx";
import { type Failure, FailureNote, useFailure } from "./failure.tsx";
import { TextField } from "./field.tsx";
import { useReader } from "./locale.tsx";
import { AdvancedFields, HEARTBEAT_FIELDS, HeartbeatFields } from "./monitor-form-advanced.tsx";
import { useTitle } from "./screen.tsx";

interface MonitorFormProps {
  readonly start: MonitorDraft;
  readonly folded: boolean;
  readonly submit: string;
  readonly onSubmit: (draft: MonitorDraft) => Promise<void>;
  readonly onCancel?: () => void;
}

interface Refusal {
  readonly failure: Failure | null;
  readonly byField: ReadonlyMap<string, string>;
}

const accepted: Refusal = { failure: null, byField: new Map() };

/** The address first, the name made from it, everything else folded; what is wrong is said at its field. */
export function MonitorForm({ start, folded, submit, onSubmit, onCancel }: MonitorFormProps) {
  const { t } = useReader();
  const [draft, setDraft] = useState(start);
  const [refusal, setRefusal] = useState(accepted);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const refuse = useRefusal(draft);
  const change = (part: Partial<MonitorDraft>): void => setDraft((last) => ({ ...last, ...part }));
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const missing = checkUrls(draft, t);
    if (missing.size > 0) {
      setRefusal({ failure: null, byField: missing });
      focusFirstProblem(form.current);
      return;
    }
    setBusy(true);
    try {
      setRefusal(accepted);
      await onSubmit(draft);
    } catch (thrown) {
      setRefusal(refuse(thrown));
      focusFirstProblem(form.current);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} className="card form" noValidate onSubmit={(event) => void send(event)}>
      {refusal.failure === null ? null : <FailureNote failure={refusal.failure} />}
      <UrlFields draft={draft} problems={refusal.byField} onChange={change} />
      <TextField
        label={t("form.name")}
        hint={t("form.name.hint")}
        problem={refusal.byField.get("name")}
        value={draft.name}
        placeholder={nameFromUrl(draft.urls[0] ?? "")}
        onChange={(event) => change({ name: event.target.value })}
      />
      {isHeartbeat(draft.urls[0] ?? "") ? (
        <HeartbeatFields draft={draft} problems={refusal.byField} onChange={change} />
      ) : null}
      <AdvancedFields draft={draft} problems={refusal.byField} folded={folded} onChange={change} />
      <div className="form-actions">
        {onCancel === undefined ? null : <Button onClick={onCancel}>{t("form.cancel")}</Button>}
        <Button tone="primary" type="submit" busy={busy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

/** Sorts what the gateway refused into the fields of the form. */
function useRefusal(draft: MonitorDraft): (thrown: unknown) => Refusal {
  const failureOf = useFailure();
  return (thrown) => {
    const failure = failureOf(thrown);
    if (!(thrown instanceof ApiError)) return { failure, byField: new Map() };
    const urls = draft.urls.flatMap((_, index) => [`endpoints.${index}.url`, `endpoints.${index}`]);
    const heartbeat = HEARTBEAT_FIELDS.map((key) => `endpoints.0.heartbeat.${key}`);
    const status = draft.urls.map((_, index) => `endpoints.${index}.expect.status`);
    const fields = [...status, ...heartbeat, ...urls, ...DRAFT_FIELDS, "endpoints"];
    const { byField, rest } = problemsByField(thrown.problem.problems, fields);
    if (byField.size === 0) return { failure, byField };
    return { failure: rest.length === 0 ? null : { ...failure, detail: rest.join(" ") }, byField };
  };
}

function checkUrls(draft: MonitorDraft, t: ReturnType<typeof useReader>["t"]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const [index, url] of draft.urls.entries()) {
    if (url.trim() === "") {
      if (index === 0) problems.set("endpoints.0.url", t("form.missing.url"));
    } else if (!isCheckable(url)) problems.set(`endpoints.${index}.url`, t("form.invalid.url"));
  }
  return problems;
}

/** After the refusal is on the page, the first field it names has the focus. */
function focusFirstProblem(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
}

interface UrlFieldsProps {
  readonly draft: MonitorDraft;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (part: Partial<MonitorDraft>) => void;
}

function UrlFields({ draft, problems, onChange }: UrlFieldsProps) {
  const { t } = useReader();
  const several = draft.urls.length > 1;
  const replace = (index: number, url: string): void =>
    onChange({ urls: draft.urls.map((other, at) => (at === index ? url : other)) });
  return (
    <>
      {draft.urls.map((url, index) => (
        <div className="url-line" key={index}>
          <TextField
            label={several ? t("form.endpoint", { n: String(index + 1) }) : t("form.url")}
            hint={t("form.url.hint")}
            problem={
              problems.get(`endpoints.${index}.url`) ??
              problems.get(`endpoints.${index}`) ??
              (index === 0 ? problems.get("endpoints") : undefined)
            }
            type="url"
            inputMode="url"
            placeholder="https://"
            value={url}
            onChange={(event) => replace(index, event.target.value)}
          />
          {several ? (
            <Button
              tone="quiet"
              aria-label={t("form.removeEndpoint", { n: String(index + 1) })}
              onClick={() => onChange({ urls: draft.urls.filter((_, at) => at !== index) })}
            >
              ×
            </Button>
          ) : null}
        </div>
      ))}
      <Button tone="quiet" className="add-line" onClick={() => onChange({ urls: [...draft.urls, ""] })}>
        + {t("form.addEndpoint")}
      </Button>
    </>
  );
}

/** The same form over a stored monitor. */
export function EditMonitor({ monitor }: { readonly monitor: MonitorView }) {
  const { t, api } = useReader();
  useTitle(t("form.edit.title", { name: monitor.name }));
  const leave = (): void => replaceSearch("");
  const save = async (draft: MonitorDraft): Promise<void> => {
    const changed = await api.replaceMonitor(monitor.id, monitor.version, mergedInput(monitor.spec, draft));
    updateLive((state) => ({ ...state, monitors: new Map(state.monitors).set(changed.id, changed) }));
    leave();
  };
  return (
    <div className="narrow">
      <div className="page-head">
        <h1>{t("form.edit.title", { name: monitor.name })}</h1>
      </div>
      <MonitorForm
        start={draftOf(monitor.spec)}
        folded={false}
        submit={t("form.submit.edit")}
        onSubmit={save}
        onCancel={leave}
      />
    </div>
  );
}
