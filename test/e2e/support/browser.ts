import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM_ARGS, ensureChromium } from "../../harness/chromium.ts";

export const DESKTOP = { width: 1360, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface View {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
}

/** A Chromium whose pages are all listened to: script errors, failed loads, breaches of the content policy. */
export class Dashboard {
  readonly #browser: Browser;
  readonly #base: string;
  readonly #contexts: BrowserContext[] = [];
  readonly #complaints: string[] = [];

  private constructor(browser: Browser, base: string) {
    this.#browser = browser;
    this.#base = base;
  }

  static async open(base: string): Promise<Dashboard> {
    const browser = await chromium.launch({ executablePath: ensureChromium(), args: [...CHROMIUM_ARGS] });
    return new Dashboard(browser, base);
  }

  /** Everything the browser complained of on any page since the last call; the test says whether it may. */
  takeComplaints(): readonly string[] {
    return this.#complaints.splice(0);
  }

  /** A fresh visitor at `path`. */
  async visit(path: string, view: View = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: view.viewport ?? DESKTOP,
      colorScheme: view.colorScheme ?? "light",
      locale: "en-GB",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(20_000);
    this.#contexts.push(context);
    const page = await context.newPage();
    const note = (what: string): void => void this.#complaints.push(`${page.url()}: ${what}`);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") note(message.text());
    });
    page.on("pageerror", (error) => note(error.message));
    page.on("response", (response) => {
      if (response.status() >= 500) note(`${response.status()} ${response.url()}`);
    });
    await page.goto(`${this.#base}${path}`);
    return page;
  }

  async closePages(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.closePages();
    await this.#browser.close();
  }
}
