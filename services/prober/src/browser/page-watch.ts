import type { BrowserContext, Page } from "playwright-core";

const MAX_LINES = 20;
const MAX_CHARACTERS = 300;

/** What happens on the page beside the steps. */
export interface PageWatch {
  /** Errors written to the console or not caught, the first ones. */
  readonly console: readonly string[];
  /** Status of the last document of the page; undefined before one. */
  status(): number | undefined;
  /** Errors of scripts that nothing caught. */
  errors(): number;
  dialogs(): number;
  downloads(): number;
  /** Never resolves; rejects when the page's process dies. */
  readonly crashed: Promise<never>;
}

/** Listens to a page; dialogs are dismissed and other windows closed, so that no page holds a journey up by them. */
export function watchPage(context: BrowserContext, page: Page): PageWatch {
  const console: string[] = [];
  const counts = { errors: 0, dialogs: 0, downloads: 0 };
  let status: number | undefined;
  const note = (text: string): void => {
    if (console.length < MAX_LINES) console.push(text.slice(0, MAX_CHARACTERS));
  };
  const crash = Promise.withResolvers<never>();
  // Nobody may be waiting at that moment.
  crash.promise.catch(() => undefined);
  page.on("crash", () => crash.reject(new PageCrashed()));
  page.on("console", (message) => {
    if (message.type() === "error") note(message.text());
  });
  page.on("pageerror", (error) => {
    counts.errors += 1;
    note(`${error.name}: ${error.message}`);
  });
  page.on("dialog", (dialog) => {
    counts.dialogs += 1;
    dialog.dismiss().catch(() => undefined);
  });
  page.on("download", (download) => {
    counts.downloads += 1;
    download.cancel().catch(() => undefined);
  });
  page.on("response", (response) => {
    const request = response.request();
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) status = response.status();
  });
  context.on("page", (other) => {
    if (other !== page) other.close().catch(() => undefined);
  });
  return {
    console,
    status: () => status,
    errors: () => counts.errors,
    dialogs: () => counts.dialogs,
    downloads: () => counts.downloads,
    crashed: crash.promise,
  };
}

/** The page's process died, most often for want of memory. */
export class PageCrashed extends Error {}
