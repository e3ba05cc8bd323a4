"use client";

import { usePathname } from "next/navigation";
import { useHydrated } from "../lib/clock.ts";
import { inLocale, paths } from "../lib/paths.ts";
import { useSearch } from "../lib/query.ts";
import { useReader } from "./locale.tsx";

/** The same page in the other language; a full load, so that the document's own language changes with it. */
export function LanguageSwitch() {
  const { locale, t } = useReader();
  const other = locale === "en" ? "fr" : "en";
  const pathname = usePathname();
  const search = useSearch();
  // The prerendered shell of a dynamic page does not know its own address yet.
  const href = useHydrated() ? `${inLocale(pathname, other)}${search}` : paths.overview(other);
  return (
    <a
      className="square"
      href={href}
      lang={other}
      hrefLang={other}
      aria-label={`${other.toUpperCase()}, ${t("language.switchLabel")}`}
    >
      {other.toUpperCase()}
    </a>
  );
}
