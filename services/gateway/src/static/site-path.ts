import { LOCALES, type Locale } from "@sentinel/contracts/text";

export type Found = { readonly file: string } | { readonly redirect: string };

/** Pages that exist once for all ids, under the name "_". */
const SHARED = /^\/(en|fr)\/(incidents|monitors)\/[^/.]+(\.html|\.txt|\/[^/]+)?$/;

/** The file for an address, or where it moved to; undefined when there is nothing. */
export function findPage(has: (file: string) => boolean, path: string, locale: Locale): Found | undefined {
  if (path === "/") return { redirect: `/${locale}` };
  const file = fileFor(has, path);
  if (file !== undefined) return { file };
  const [, first = ""] = path.split("/");
  if (LOCALES.some((each) => each === first) || first.startsWith("_")) return undefined;
  return fileFor(has, `/${locale}${path}`) === undefined ? undefined : { redirect: `/${locale}${path}` };
}

function fileFor(has: (file: string) => boolean, path: string): string | undefined {
  const exact = [path, `${path}.html`].find(has);
  if (exact !== undefined) return exact;
  const [, locale, section, rest = ""] = SHARED.exec(path) ?? [];
  if (locale === undefined) return undefined;
  return [`/${locale}/${section}/_${rest}`, `/${locale}/${section}/_${rest}.html`].find(has);
}
