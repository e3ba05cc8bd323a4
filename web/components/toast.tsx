"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { Icon } from "./icons.tsx";
import { useReader } from "./locale.tsx";

interface Notice {
  readonly id: number;
  readonly tone: "good" | "bad";
  readonly text: string;
}

let notices: readonly Notice[] = [];
let nextId = 1;
const listeners = new Set<() => void>();
const none: readonly Notice[] = [];
const STAYS_MS = 6000;

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says how an action ended, politely, and goes away by itself; a failure stays until it is closed. */
export function notify(tone: Notice["tone"], text: string): void {
  const id = nextId;
  nextId += 1;
  set([...notices.slice(-2), { id, tone, text }]);
  if (tone === "good") setTimeout(() => set(notices.filter((notice) => notice.id !== id)), STAYS_MS);
}

export function Toasts() {
  const { t } = useReader();
  const shown = useSyncExternalStore(
    subscribe,
    () => notices,
    () => none,
  );
  return (
    <div className="toasts" role="status">
      {shown.map((notice) => (
        <div key={notice.id} className={`toast ${notice.tone}`}>
          <span>{notice.text}</span>
          <button
            type="button"
            aria-label={t("toast.close")}
            onClick={() => set(notices.filter((other) => other.id !== notice.id))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

/** Reads `text` out once each time `change` becomes another value; ticking parts of the text stay silent. */
export function Announcer({ change, text }: { readonly change: string; readonly text: string }) {
  const [said, setSaid] = useState({ change, text: "" });
  useEffect(() => {
    // The first value is the page itself and is read with it.
    setSaid((last) => (last.change === change ? last : { change, text }));
  }, [change, text]);
  return (
    <div className="visually-hidden" aria-live="polite" aria-atomic="true">
      {said.text}
    </div>
  );
}
