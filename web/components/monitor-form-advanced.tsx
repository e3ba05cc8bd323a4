"use client";

import { useId } from "react";
import { useLive } from "../lib/live.ts";
import { DRAFT_FIELDS, type MonitorDraft } from "../lib/monitor-form.ts";
import { SelectField, TextField } from "./field.tsx";
import { useReader } from "./locale.tsx";

export const HEARTBEAT_FIELDS = ["every", "cron", "timeZone", "grace"] as const;
const HEARTBEAT_EXAMPLES = { every: "1d", cron: "30 2 * * *", timeZone: "Europe/Paris", grace: "5m" } as const;

/** When a job that calls is expected. */
export function HeartbeatFields({ draft, problems, onChange }: TimingFieldsProps) {
  const { t } = useReader();
  const { heartbeat } = draft;
  return (
    <div className="field-grid">
      {HEARTBEAT_FIELDS.map((key) => (
        <TextField
          key={key}
          label={t(`form.heartbeat.${key}`)}
          problem={problems.get(`endpoints.0.heartbeat.${key}`)}
          value={heartbeat[key]}
          placeholder={HEARTBEAT_EXAMPLES[key]}
          onChange={(event) => onChange({ heartbeat: { ...heartbeat, [key]: event.target.value } })}
        />
      ))}
    </div>
  );
}

interface AdvancedFieldsProps {
  readonly draft: MonitorDraft;
  readonly problems: ReadonlyMap<string, string>;
  readonly folded: boolean;
  readonly onChange: (part: Partial<MonitorDraft>) => void;
}

const MODES = ["auto", "dry-run", "observe", "off"] as const;
const NATURES = ["technical", "business"] as const;
const STATUS_FIELD = /^endpoints\.\d+\.expect\.status$/;

/** Everything that has a sensible value already; it unfolds by itself where a problem is. */
export function AdvancedFields({ draft, problems, folded, onChange }: AdvancedFieldsProps) {
  const { t } = useReader();
  const statusProblem = [...problems].find(([field]) => STATUS_FIELD.test(field))?.[1];
  const troubled = statusProblem !== undefined || DRAFT_FIELDS.slice(1).some((field) => problems.has(field));
  return (
    <details className="advanced" open={!folded || troubled}>
      <summary>{t("form.advanced")}</summary>
      <div className="field-grid">
        <TimingFields draft={draft} problems={problems} onChange={onChange} />
        <TextField
          label={t("form.status")}
          hint={t("form.status.hint")}
          problem={statusProblem}
          value={draft.status}
          placeholder="200"
          onChange={(event) => onChange({ status: event.target.value })}
        />
        <SelectField
          label={t("form.mode")}
          problem={problems.get("repair.mode")}
          value={draft.mode}
          choices={MODES.map((mode) => [mode, t(`mode.${mode}`)])}
          onChange={(event) => {
            const mode = MODES.find((known) => known === event.target.value);
            if (mode !== undefined) onChange({ mode });
          }}
        />
        <SelectField
          label={t("form.nature")}
          problem={problems.get("nature")}
          value={draft.nature}
          choices={NATURES.map((nature) => [nature, t(`nature.${nature}`)])}
          onChange={(event) => {
            const nature = NATURES.find((known) => known === event.target.value);
            if (nature !== undefined) onChange({ nature });
          }}
        />
        <BelongingFields draft={draft} problems={problems} onChange={onChange} />
        <ObjectiveFields draft={draft} problems={problems} onChange={onChange} />
      </div>
    </details>
  );
}

type TimingFieldsProps = Omit<AdvancedFieldsProps, "folded">;

/** Whose it is, what it is shown with, and what it cannot work without. */
function BelongingFields({ draft, problems, onChange }: TimingFieldsProps) {
  const { t } = useReader();
  const { monitors } = useLive();
  const groups = useId();
  const known = [...new Set([...monitors.values()].map(({ spec }) => spec.group ?? ""))].filter(Boolean);
  return (
    <>
      <TextField
        label={t("form.owner")}
        problem={problems.get("owner")}
        value={draft.owner}
        onChange={(event) => onChange({ owner: event.target.value })}
      />
      <TextField
        label={t("form.group")}
        problem={problems.get("group")}
        value={draft.group}
        list={groups}
        onChange={(event) => onChange({ group: event.target.value })}
      />
      <datalist id={groups}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextField
        label={t("form.tags")}
        hint={t("form.tags.hint")}
        problem={problems.get("tags")}
        value={draft.tags}
        onChange={(event) => onChange({ tags: event.target.value })}
      />
      <TextField
        label={t("form.dependsOn")}
        hint={t("form.dependsOn.hint")}
        problem={problems.get("dependsOn")}
        value={draft.dependsOn}
        onChange={(event) => onChange({ dependsOn: event.target.value })}
      />
    </>
  );
}

/** What is promised; from it come the error budget and its alerts. */
function ObjectiveFields({ draft, problems, onChange }: TimingFieldsProps) {
  const { t } = useReader();
  return (
    <>
      <TextField
        label={t("form.sloTarget")}
        hint={t("form.sloTarget.hint")}
        problem={problems.get("slo.target")}
        inputMode="decimal"
        value={draft.sloTarget}
        placeholder="99.9"
        onChange={(event) => onChange({ sloTarget: event.target.value })}
      />
      <TextField
        label={t("form.sloWindow")}
        problem={problems.get("slo.window")}
        value={draft.sloWindow}
        placeholder="30d"
        onChange={(event) => onChange({ sloWindow: event.target.value })}
      />
    </>
  );
}

function TimingFields({ draft, problems, onChange }: TimingFieldsProps) {
  const { t } = useReader();
  return (
    <>
      <TextField
        label={t("form.every")}
        problem={problems.get("every")}
        value={draft.every}
        placeholder="30s"
        onChange={(event) => onChange({ every: event.target.value })}
      />
      <TextField
        label={t("form.timeout")}
        problem={problems.get("timeout")}
        value={draft.timeout}
        placeholder="10s"
        onChange={(event) => onChange({ timeout: event.target.value })}
      />
      <TextField
        label={t("form.slowAfter")}
        problem={problems.get("slowAfter")}
        value={draft.slowAfter}
        placeholder="5s"
        onChange={(event) => onChange({ slowAfter: event.target.value })}
      />
      <TextField
        label={t("form.failuresToConfirm")}
        problem={problems.get("failuresToConfirm")}
        inputMode="numeric"
        value={draft.failuresToConfirm}
        placeholder="2"
        onChange={(event) => onChange({ failuresToConfirm: event.target.value })}
      />
    </>
  );
}
