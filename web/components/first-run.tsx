"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { updateLive } from "../lib/live.ts";
import { putMonitor } from "../lib/live-state.ts";
import { paths } from "../lib/paths.ts";
import { FirstResult } from "./first-result.tsx";
import { useReader } from "./locale.tsx";
import { QuickAdd } from "./quick-add.tsx";

interface FirstRunProps {
  /** Whether nothing is watched yet. */
  readonly empty: boolean;
  /** "h2" where the screen has a heading of its own. */
  readonly heading?: "h1" | "h2";
  /** The screen as it is otherwise. */
  readonly children: () => ReactNode;
}

/** While nothing is watched, the field for the first address; then its first answer, until the person goes on. */
export function FirstRun({ empty, heading = "h1", children }: FirstRunProps) {
  const { locale, t } = useReader();
  const router = useRouter();
  const [added, setAdded] = useState<MonitorView | null>(null);
  const watch = (monitor: MonitorView): void => {
    setAdded(monitor);
    updateLive((state) => putMonitor(state, monitor));
  };
  if (added !== null) {
    return (
      <div className="narrow">
        {heading === "h1" ? <h1 className="visually-hidden">{t("form.new.title")}</h1> : null}
        <FirstResult monitor={added} onAnother={() => router.push(paths.newMonitor(locale))} />
      </div>
    );
  }
  return empty ? <QuickAdd heading={heading} onAdded={watch} /> : children();
}
