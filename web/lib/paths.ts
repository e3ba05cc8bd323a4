import type { Locale } from "@sentinel/contracts/text/screen";

/** Addresses of the screens; the gateway answers /monitors/<id> and /incidents/<id> with the shell of "_". */
export const paths = {
  overview: (locale: Locale) => `/${locale}`,
  monitors: (locale: Locale) => `/${locale}/monitors`,
  monitor: (locale: Locale, id: string) => `/${locale}/monitors/${encodeURIComponent(id)}`,
  newMonitor: (locale: Locale) => `/${locale}/monitors/new`,
  incidents: (locale: Locale) => `/${locale}/incidents`,
  incident: (locale: Locale, id: number) => `/${locale}/incidents/${id}`,
  settings: (locale: Locale) => `/${locale}/settings`,
  login: (locale: Locale) => `/${locale}/login`,
} as const;

/** The same page in another language: "/en/incidents/7" becomes "/fr/incidents/7". */
export function inLocale(pathname: string, locale: Locale): string {
  return pathname.replace(/^\/(en|fr)(?=\/|$)/, `/${locale}`);
}

/** The last part of "/en/monitors/<id>", decoded; undefined on the shell's own address. */
export function idFromPath(pathname: string): string | undefined {
  const last = pathname.split("/")[3];
  if (last === undefined || last === "" || last === "_") return undefined;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** Which entry of the navigation a page belongs to. */
export function sectionOf(pathname: string): "overview" | "incidents" | "monitors" | "settings" | "none" {
  const part = pathname.split("/")[2] ?? "";
  if (part === "") return "overview";
  return part === "incidents" || part === "monitors" || part === "settings" ? part : "none";
}

/** Only a path of this dashboard may be returned to after signing in. */
export function safeReturnPath(wanted: string | null, locale: Locale): string {
  return wanted !== null && /^\/(en|fr)(\/[\w\-./%]*)?$/.test(wanted) ? wanted : paths.overview(locale);
}
