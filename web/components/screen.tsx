"use client";

import { type ReactNode, useEffect } from "react";
import { useHydrated } from "../lib/clock.ts";
import { useLive } from "../lib/live.ts";
import { paths } from "../lib/paths.ts";
import { ButtonLink } from "./button.tsx";
import { EmptyState, Skeleton } from "./empty-state.tsx";
import { useReader } from "./locale.tsx";

/** The page's name in the tab, kept to what the page shows now. */
export function useTitle(title: string): void {
  const { t } = useReader();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
}

interface ScreenProps {
  readonly title: string;
  /** Hidden when the screen has a heading of its own. */
  readonly heading: "shown" | "hidden" | "none";
  readonly actions?: ReactNode;
  readonly children: () => ReactNode;
}

/** The frame of a live screen: denied, loading, then what is known, for as long as it is known. */
export function Screen({ title, heading, actions, children }: ScreenProps) {
  const { locale, t } = useReader();
  const hydrated = useHydrated();
  const live = useLive();
  useTitle(title);
  if (live.connection === "denied") {
    return (
      <EmptyState icon="person" heading="h1" title={t("denied.title")} detail={t("denied.detail")}>
        <ButtonLink tone="primary" href={`${paths.login(locale)}?next=${encodeURIComponent(location.pathname)}`}>
          {t("denied.action")}
        </ButtonLink>
      </EmptyState>
    );
  }
  const ready = hydrated && live.seeded;
  return (
    <>
      {heading === "shown" || (heading === "none" && !ready) ? (
        <div className="page-head">
          <h1 className={heading === "none" ? "waiting" : ""}>{heading === "none" ? t("overview.loading") : title}</h1>
          {ready ? actions : null}
        </div>
      ) : null}
      {heading === "hidden" ? <h1 className="visually-hidden">{title}</h1> : null}
      {ready ? children() : <Skeleton rows={6} label={t("overview.loadingDetail")} />}
    </>
  );
}
