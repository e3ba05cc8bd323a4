"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useHydrated } from "../lib/clock.ts";
import { useLive } from "../lib/live.ts";
import { openIncidents } from "../lib/live-state.ts";
import { paths, sectionOf } from "../lib/paths.ts";
import { Icon, Logo } from "./icons.tsx";
import { useReader } from "./locale.tsx";

const SECTIONS = ["overview", "incidents", "monitors", "settings"] as const;

/** The sections: at the side on a desk, at the bottom under the thumb on a phone. */
export function Navigation() {
  const { locale, t } = useReader();
  const pathname = usePathname();
  const hydrated = useHydrated();
  const open = openIncidents(useLive()).length;
  const current = hydrated ? sectionOf(pathname) : "none";
  return (
    <nav className="nav" aria-label={t("nav.label")}>
      <Link className="brand" href={paths.overview(locale)}>
        <Logo />
        {t("app.name")}
      </Link>
      {SECTIONS.map((section) => (
        <Link key={section} href={paths[section](locale)} aria-current={section === current ? "page" : undefined}>
          <Icon name={section} />
          <span>{t(`nav.${section}`)}</span>
          {section === "incidents" && open > 0 ? (
            <span className="nav-count">
              <span aria-hidden="true">{open}</span>
              <span className="visually-hidden">{t("nav.openCount", { n: String(open) })}</span>
            </span>
          ) : null}
        </Link>
      ))}
    </nav>
  );
}
