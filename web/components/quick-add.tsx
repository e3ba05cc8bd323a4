"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { paths } from "../lib/paths.ts";
import { Button } from "./button.tsx";
import { TextField } from "./field.tsx";
import { Icon } from "./icons.tsx";
import { useReader } from "./locale.tsx";

/** The first thing a newcomer sees: one field, one action. */
export function QuickAdd() {
  const { locale, t } = useReader();
  const router = useRouter();
  const [url, setUrl] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    router.push(`${paths.newMonitor(locale)}?url=${encodeURIComponent(url.trim())}`);
  };
  return (
    <section className="card first-run">
      <span className="empty-icon">
        <Icon name="monitors" />
      </span>
      <h1>{t("empty.monitors.title")}</h1>
      <p>{t("empty.monitors.detail")}</p>
      <form onSubmit={submit}>
        <TextField
          label={t("empty.monitors.field")}
          type="url"
          inputMode="url"
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          required
        />
        <Button tone="primary" type="submit">
          {t("empty.monitors.action")}
        </Button>
      </form>
    </section>
  );
}
