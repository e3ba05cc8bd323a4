import type { Catalogue, Locale } from "./catalogue.ts";

const catalogues = new Map<Locale, Catalogue>();

/**
 * Makes the sentences of a language known. Servers know every language by importing the texts;
 * a page of the dashboard is given only its reader's.
 */
export function registerCatalogue(locale: Locale, catalogue: Catalogue): void {
  catalogues.set(locale, catalogue);
}

/** The sentences of a language; none where it was not registered. */
export function catalogueOf(locale: Locale): Catalogue {
  return catalogues.get(locale) ?? {};
}
