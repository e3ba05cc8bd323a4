"use client";

import { useSyncExternalStore } from "react";

const CHANGED = "sentinel:query";

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(CHANGED, listener);
  };
}

/** The query of the address ("?state=problems"), live; empty while prerendering. */
export function useSearch(): string {
  return useSyncExternalStore(
    subscribe,
    () => location.search,
    () => "",
  );
}

/** Changes the query in place: a filter is a state of the page, not a step of the history. */
export function replaceSearch(search: string): void {
  history.replaceState(history.state, "", `${location.pathname}${search}`);
  dispatchEvent(new Event(CHANGED));
}
