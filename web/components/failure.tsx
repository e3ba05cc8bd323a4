"use client";

import { ApiError } from "../lib/problem.ts";
import { useReader } from "./locale.tsx";

export interface Failure {
  readonly title: string;
  readonly detail: string;
  readonly trace: string | null;
  readonly status: number;
}

/** Whatever a call threw, as sentences: what happened, then why and what to do. */
export function useFailure(): (thrown: unknown) => Failure {
  const { t } = useReader();
  return (thrown) => {
    if (thrown instanceof ApiError) {
      const { title, detail, fix, traceId, status } = thrown.problem;
      return { title, detail: [detail, fix].filter(Boolean).join(" "), trace: traceId, status };
    }
    return { title: t("error.network"), detail: t("error.networkFix"), trace: null, status: 0 };
  };
}

/** A refusal where it happened: title, reason and remedy. */
export function FailureNote({ failure }: { readonly failure: Failure }) {
  const { t } = useReader();
  return (
    <div className="failure" role="alert">
      <strong>{failure.title}</strong>
      {failure.detail === "" ? null : <p>{failure.detail}</p>}
      {failure.trace === null ? null : <small>{t("error.trace", { id: failure.trace })}</small>}
    </div>
  );
}
