"use client";

import { lazy, Suspense, useEffect, useState } from "react";
import { useHydrated } from "../lib/clock.ts";
import { Icon } from "./icons.tsx";
import { LanguageSwitch } from "./language-switch.tsx";
import { LiveIndicator } from "./live-indicator.tsx";
import { useReader } from "./locale.tsx";
import { ThemeButton } from "./theme-button.tsx";

const Palette = lazy(() => import("./palette.tsx"));

export function TopBar() {
  const { t } = useReader();
  const [open, setOpen] = useState(false);
  const shortcut = useHydrated() && /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ K" : "Ctrl K";
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <header className="top">
      <button type="button" className="search" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="search" />
        <span>{t("palette.open")}</span>
        <kbd aria-hidden="true">{shortcut}</kbd>
      </button>
      <LiveIndicator />
      <ThemeButton />
      <LanguageSwitch />
      {open ? (
        <Suspense>
          <Palette onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </header>
  );
}
