import type { Locale } from "@sentinel/contracts/text/screen";
import { plain } from "./filters.ts";
import { type LiveState, openIncidents } from "./live-state.ts";
import { paths } from "./paths.ts";
import type { Translate } from "./i18n.ts";

export interface PaletteEntry {
  readonly kind: "pages" | "monitors" | "incidents";
  readonly label: string;
  readonly href: string;
}

const ENTRIES_SHOWN = 12;

/** Pages, open incidents and monitors whose name holds every word typed. */
export function paletteEntries(live: LiveState, locale: Locale, t: Translate, text: string): readonly PaletteEntry[] {
  const pages: readonly PaletteEntry[] = [
    { kind: "pages", label: t("nav.overview"), href: paths.overview(locale) },
    { kind: "pages", label: t("nav.incidents"), href: paths.incidents(locale) },
    { kind: "pages", label: t("nav.monitors"), href: paths.monitors(locale) },
    { kind: "pages", label: t("monitors.add"), href: paths.newMonitor(locale) },
    { kind: "pages", label: t("nav.settings"), href: paths.settings(locale) },
  ];
  const incidents = openIncidents(live).map((incident): PaletteEntry => ({
    kind: "incidents",
    label: `#${incident.id} ${incident.diagnosis.text.issue}`,
    href: paths.incident(locale, incident.id),
  }));
  const monitors = [...live.monitors.values()]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((monitor): PaletteEntry => ({
      kind: "monitors",
      label: monitor.name,
      href: paths.monitor(locale, monitor.id),
    }));
  const words = plain(text).split(/\s+/).filter(Boolean);
  return [...pages, ...incidents, ...monitors]
    .filter(({ label }) => words.every((word) => plain(label).includes(word)))
    .slice(0, ENTRIES_SHOWN);
}
