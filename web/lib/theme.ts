"use client";

import { useSyncExternalStore } from "react";
import { THEME_KEY } from "./theme-script.ts";

export type Theme = "system" | "light" | "dark";

const CHANGED = "sentinel:theme";

function read(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

function subscribe(listener: () => void): () => void {
  addEventListener(CHANGED, listener);
  return () => removeEventListener(CHANGED, listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, read, () => "system");
}

/** Applies and remembers; a browser that refuses to remember still applies. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, theme);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
  dispatchEvent(new Event(CHANGED));
}
