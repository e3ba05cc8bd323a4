"use client";

import { useState } from "react";
import { useFailure } from "./failure.tsx";
import { notify } from "./toast.tsx";

interface Action {
  readonly busy: boolean;
  readonly run: (work: () => Promise<string | null>) => void;
}

/** Runs one request at a time; its sentence, or why it failed, is announced. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const failureOf = useFailure();
  const run = (work: () => Promise<string | null>): void => {
    if (busy) return;
    setBusy(true);
    work()
      .then((said) => {
        if (said !== null) notify("good", said);
      })
      .catch((thrown: unknown) => {
        const { title, detail } = failureOf(thrown);
        notify("bad", [title, detail].filter(Boolean).join(" — "));
      })
      .finally(() => setBusy(false));
  };
  return { busy, run };
}
