"use client";

import type { Locale } from "@sentinel/contracts/text/screen";
import type { ReactNode } from "react";
import { useLiveConnection } from "../lib/live.ts";
import { BeatTextures } from "./beats.tsx";
import { LocaleProvider, useReader } from "./locale.tsx";
import { Navigation } from "./navigation.tsx";
import { StaleBanner } from "./stale-banner.tsx";
import { Toasts } from "./toast.tsx";
import { TopBar } from "./top-bar.tsx";

/** What surrounds every screen: sections at the side, the state of the connection at the top. */
export function Shell({ locale, children }: { readonly locale: Locale; readonly children: ReactNode }) {
  return (
    <LocaleProvider locale={locale}>
      <Frame>{children}</Frame>
    </LocaleProvider>
  );
}

function Frame({ children }: { readonly children: ReactNode }) {
  const { locale, t } = useReader();
  useLiveConnection(locale);
  return (
    <>
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <BeatTextures />
      <div className="shell">
        <Navigation />
        <div className="page">
          <TopBar />
          <StaleBanner />
          <main id="content" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <Toasts />
    </>
  );
}
