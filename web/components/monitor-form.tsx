"use client";

import type { MonitorView, ProblemJson } from "@sentinel/contracts/api";
import { type FormEvent, Fragment, useRef, useState } from "react";
import { updateLive } from "../lib/live.ts";
import {
  draftOf,
  DRAFT_FIELDS,
  mergedInput,
  type MonitorDraft,
  nameFromUrl,
  isHeartbeat,
  parseAddress,
} from "../lib/monitor-form.ts";
import { exampleFor } from "../lib/kind-examples.ts";
import { ApiError, problemsByField } from "../lib/problem.ts";
import { readOptions } from "../lib/read-options.ts";
import { replaceSearch } from "../lib/query.ts";
import { Button } from "./button.tsx";
import { type Failure, FailureNote, useFailure } from "./failure.tsx";
import { AreaField, TextField } from "./field.tsx";
import { useReader } from "./locale.tsx";
import { AdvancedFields, HEARTBEAT_FIELDS, HeartbeatFields } from "./monitor-form-advanced.tsx";
import { useTitle } from "./screen.tsx";

interface MonitorFormProps {
  readonly start: MonitorDraft;
  readonly folded: boolean;
  readonly submit: string;
  readonly onSubmit: (draft: MonitorDraft, options: readonly Record<string, unknown>[]) => Promise<void>;
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
    const { options, wrong } = await readAllOptions(draft, t);
    const missing = checkUrls(draft, t);
    if (missing.size + wrong.size > 0) {
      setRefusal({ failure: null, byField: new Map([...missing, ...wrong]) });
      focusFirstProblem(form.current);
      return;
    }
    setBusy(true);
    try {
      setRefusal(accepted);
      await onSubmit(draft, options);
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
    const [beside, others] = besideAddresses(thrown.problem.problems);
    const { byField: own, rest } = problemsByField(others, fields);
    const byField = new Map([...own, ...beside]);
    if (byField.size === 0) return { failure, byField };
    return { failure: rest.length === 0 ? null : { ...failure, detail: rest.join(" ") }, byField };
  };
}

const BESIDE = /(?:^|\.)endpoints[.[](\d+)\]?\.(?!url$|expect\.status)(.+)$/;

/** What is wrong beside the addresses, at its field and with its place in it; and everything else. */
function besideAddresses(
  problems: ProblemJson["problems"],
): readonly [ReadonlyMap<string, string>, ProblemJson["problems"]] {
  const found = new Map<string, string>();
  const others = problems.filter(({ path, message }) => {
    const [, index, place] = BESIDE.exec(path) ?? [];
    if (index === undefined || place === undefined) return true;
    const field = `endpoints.${index}.options`;
    const before = found.get(field);
    found.set(field, `${before === undefined ? "" : `${before} `}${place}: ${message}`);
    return false;
  });
  return [found, others];
}

async function readAllOptions(draft: MonitorDraft, t: ReturnType<typeof useReader>["t"]) {
  const wrong = new Map<string, string>();
  const options: Record<string, unknown>[] = [];
  for (const index of draft.urls.keys()) {
    const read = await readOptions(draft.options[index] ?? "");
    options.push(read.ok ? read.options : {});
    if (!read.ok) wrong.set(`endpoints.${index}.options`, t("form.options.invalid", { line: String(read.line ?? 1) }));
  }
  return { options, wrong };
}

function checkUrls(draft: MonitorDraft, t: ReturnType<typeof useReader>["t"]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const [index, url] of draft.urls.entries()) {
    if (url.trim() === "") {
      if (index === 0) problems.set("endpoints.0.url", t("form.missing.url"));
    } else if (parseAddress(url) === null) problems.set(`endpoints.${index}.url`, t("form.invalid.url"));
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
  const rewrite = (index: number, text: string): void =>
    onChange({ options: draft.urls.map((_, at) => (at === index ? text : (draft.options[at] ?? ""))) });
  const without = (index: number): Partial<MonitorDraft> => ({
    urls: draft.urls.filter((_, at) => at !== index),
    options: draft.urls.map((_, at) => draft.options[at] ?? "").filter((_, at) => at !== index),
  });
  return (
    <>
      {draft.urls.map((url, index) => (
        <Fragment key={index}>
          <div className="url-line">
            <TextField
              label={several ? t("form.endpoint", { n: String(index + 1) }) : t("form.url")}
              hint={t("form.url.hint")}
              problem={
                problems.get(`endpoints.${index}.url`) ??
                problems.get(`endpoints.${index}`) ??
                (index === 0 ? problems.get("endpoints") : undefined)
              }
              inputMode="url"
              placeholder="https://"
              value={url}
              onChange={(event) => replace(index, event.target.value)}
            />
            {several ? (
              <Button
                tone="quiet"
                aria-label={t("form.removeEndpoint", { n: String(index + 1) })}
                onClick={() => onChange(without(index))}
              >
                ×
              </Button>
            ) : null}
          </div>
          <OptionsField
            example={exampleFor(url)}
            text={draft.options[index] ?? ""}
            problem={problems.get(`endpoints.${index}.options`)}
            onChange={(text) => rewrite(index, text)}
          />
        </Fragment>
      ))}
      <Button tone="quiet" className="add-line" onClick={() => onChange({ urls: [...draft.urls, ""] })}>
        + {t("form.addEndpoint")}
      </Button>
    </>
  );
}

const SHORTEST_LINES = 4;
const LONGEST_LINES = 24;

/** Unfolds by itself where something stands in it or is wrong with it. */
function OptionsField(props: {
  readonly example: string | undefined;
  readonly text: string;
  readonly problem: string | undefined;
  readonly onChange: (text: string) => void;
}) {
  const { t } = useReader();
  const { text, problem, example, onChange } = props;
  const [began] = useState(text);
  const lines = Math.min(LONGEST_LINES, Math.max(SHORTEST_LINES, (text || (example ?? "")).split("\n").length));
  return (
    <details className="advanced" open={began !== "" || problem !== undefined}>
      <summary>{t("form.options.fold")}</summary>
      <AreaField
        label={t("form.options")}
        hint={t("form.options.hint")}
        problem={problem}
        rows={lines}
        value={text}
        placeholder={example ?? ""}
        onChange={(event) => onChange(event.target.value)}
      />
      {example === undefined || text !== "" ? null : (
        <Button className="example" onClick={() => onChange(example)}>
          {t("form.options.example")}
        </Button>
      )}
    </details>
  );
}

/** The same form over a stored monitor. */
export function EditMonitor({ monitor }: { readonly monitor: MonitorView }) {
  const { t, api } = useReader();
  useTitle(t("form.edit.title", { name: monitor.name }));
  const leave = (): void => replaceSearch("");
  const save = async (draft: MonitorDraft, options: readonly Record<string, unknown>[]): Promise<void> => {
    const changed = await api.replaceMonitor(monitor.id, monitor.version, mergedInput(monitor.spec, draft, options));
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
