"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { type FormEvent, useState } from "react";
import { emptyDraft, inputOf, parseAddress } from "../lib/monitor-form.ts";
import { ApiError } from "../lib/problem.ts";
import { Button } from "./button.tsx";
import { type Failure, FailureNote, useFailure } from "./failure.tsx";
import { TextField } from "./field.tsx";
import { Icon } from "./icons.tsx";
import { useReader } from "./locale.tsx";

interface QuickAddProps {
  readonly heading: "h1" | "h2";
  readonly onAdded: (monitor: MonitorView) => void;
}

const AT_ADDRESS = /(?:^|\.)endpoints(?:\.0|\[0\])/;

/** What the gateway finds wrong with the address and with what its kind of check needs; empty where there is more. */
function aboutAddress({ problem: { problems } }: ApiError): string {
  return problems.every(({ path }) => AT_ADDRESS.test(path)) ? problems.map(({ message }) => message).join(" ") : "";
}

/** The first thing a newcomer sees: one field, one action. */
export function QuickAdd({ heading: Heading, onAdded }: QuickAddProps) {
  const { t, api } = useReader();
  const failureOf = useFailure();
  const [url, setUrl] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [failure, setFailure] = useState<Failure | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const refused = url.trim() === "" ? "form.missing.url" : parseAddress(url) === null ? "form.invalid.url" : null;
    setProblem(refused === null ? undefined : t(refused));
    setFailure(null);
    if (refused !== null) return;
    setBusy(true);
    try {
      onAdded(await api.createMonitor(inputOf({ ...emptyDraft, urls: [url] })));
    } catch (thrown) {
      const said = thrown instanceof ApiError ? aboutAddress(thrown) : "";
      if (said === "") setFailure(failureOf(thrown));
      else setProblem(said);
      setBusy(false);
    }
  };
  return (
    <section className="card first-run">
      <span className="empty-icon">
        <Icon name="monitors" />
      </span>
      <Heading>{t("empty.monitors.title")}</Heading>
      <p>{t("empty.monitors.detail")}</p>
      {failure === null ? null : <FailureNote failure={failure} />}
      <form noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          label={t("empty.monitors.field")}
          problem={problem}
          inputMode="url"
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <Button tone="primary" type="submit" busy={busy}>
          {t("empty.monitors.action")}
        </Button>
      </form>
    </section>
  );
}
