"use client";

import { type FormEvent, useId, useState } from "react";
import { Button } from "./button.tsx";
import { useReader } from "./locale.tsx";
import { useAction } from "./use-action.ts";

/** A remark for the timeline; it appears there when the log has it. */
export function CommentForm({ incidentId }: { readonly incidentId: number }) {
  const { t, api } = useReader();
  const { busy, run } = useAction();
  const id = useId();
  const [text, setText] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const said = text.trim();
    if (said === "") return;
    run(async () => {
      await api.comment(incidentId, said);
      setText("");
      return t("comment.added");
    });
  };
  return (
    <form className="comment" onSubmit={submit}>
      <label className="visually-hidden" htmlFor={id}>
        {t("comment.label")}
      </label>
      <textarea
        id={id}
        rows={2}
        maxLength={4000}
        placeholder={t("comment.placeholder")}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" busy={busy}>
        {t("comment.submit")}
      </Button>
    </form>
  );
}
