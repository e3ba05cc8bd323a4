"use client";

import { useEffect, useState } from "react";

export type Fetched<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly thrown: unknown };

/** A request tied to `key`: made again when the key changes, dropped when the component leaves. */
export function useFetched<T>(key: string, request: (signal: AbortSignal) => Promise<T>): Fetched<T> {
  const [result, setResult] = useState<{ readonly key: string; readonly fetched: Fetched<T> }>();
  useEffect(() => {
    const abort = new AbortController();
    request(abort.signal)
      .then((value) => setResult({ key, fetched: { state: "ready", value } }))
      .catch((thrown: unknown) => {
        if (!abort.signal.aborted) setResult({ key, fetched: { state: "failed", thrown } });
      });
    return () => abort.abort();
    // The key names everything the request depends on.
  }, [key]);
  return result?.key === key ? result.fetched : { state: "loading" };
}
