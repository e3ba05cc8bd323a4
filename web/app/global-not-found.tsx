import type { Metadata } from "next";
import { translate } from "../lib/every-language.ts";
import { paths } from "../lib/paths.ts";
import { THEME_SCRIPT } from "../lib/theme-script.ts";
import "../styles/index.css";

export const metadata: Metadata = { title: "Sentinel" };

/** An address outside every language: said in both. */
export default function GlobalNotFound() {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <main className="lost">
          {(["en", "fr"] as const).map((locale) => (
            <section key={locale} className="empty" lang={locale}>
              <h1>{translate(locale, "notFound.title")}</h1>
              <p>{translate(locale, "notFound.detail")}</p>
              <div className="empty-action">
                <a className="button" href={paths.overview(locale)}>
                  {translate(locale, "notFound.action")}
                </a>
              </div>
            </section>
          ))}
        </main>
      </body>
    </html>
  );
}
