import { access, constants } from "node:fs/promises";
import type { Browser, BrowserContext } from "playwright-core";
import { Unchecked } from "../probes/unchecked.ts";

/** How a browser is opened for one check. */
interface BrowserWay {
  /** Of the only proxy it may use, on this machine's loopback. */
  readonly proxyPort: number;
  readonly locale: string;
  readonly skipVerify: boolean;
}

/** One browser for one check; closing it ends its processes. */
interface OpenBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Opens browsers, a few at a time. */
export interface Browsers {
  /** @throws Unchecked where none can be had. */
  open(way: BrowserWay): Promise<OpenBrowser>;
  /** Waits for a place, and gives what frees it. @throws Unchecked `browser_busy` when none is free in time. */
  place(waitMs: number): Promise<() => void>;
}

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const START_MS = 30_000;
const END_MS = 5000;
const AT_ONCE = 2;

/** What would leave by another way than the proxy is switched off, and so is what a browser does on its own. */
const ARGUMENTS = [
  "--disable-quic",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-sync",
  "--dns-prefetch-disable",
  "--no-first-run",
  "--no-pings",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--renderer-process-limit=4",
  "--js-flags=--max-old-space-size=256",
];

/**
 * @param setting empty for the Chromium of this machine, a path of one, "ws://…" or "http://…" of one that already runs and
 *   takes the DevTools protocol, or "off".
 */
export function createBrowsers(setting: string, atOnce = AT_ONCE): Browsers {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    open: (way) => (/^(wss?|https?):/.test(setting) ? connect(setting, way) : launch(setting, way)),
    place: (waitMs) => {
      if (free > 0) {
        free -= 1;
        return Promise.resolve(release);
      }
      return new Promise((resolve, reject) => {
        const take = (): void => {
          clearTimeout(timer);
          resolve(release);
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(take), 1);
          reject(new Unchecked("browser_busy", { limit: String(atOnce) }));
        }, waitMs);
        waiting.push(take);
      });
    },
  };
}

async function launch(setting: string, way: BrowserWay): Promise<OpenBrowser> {
  const executablePath = await programOf(setting);
  const { chromium } = await import("playwright-core");
  const { PATH = "/usr/bin:/bin", TMPDIR = "/tmp" } = process.env;
  const server = await chromium
    .launchServer({
      executablePath,
      args: ARGUMENTS,
      // Chromium refuses its sandbox to root.
      chromiumSandbox: process.getuid?.() !== 0,
      // Nothing else of our environment: it holds secrets.
      env: { PATH, TMPDIR, LANG: "C.UTF-8" },
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      host: "127.0.0.1",
      proxy: proxyAt(way),
      timeout: START_MS,
    })
    .catch(notStarted);
  const end = (): Promise<void> => within(server.kill());
  try {
    const browser = await chromium.connect(server.wsEndpoint(), { timeout: START_MS });
    return { context: await contextOf(browser, way), close: end };
  } catch (thrown) {
    await end();
    return notStarted(thrown);
  }
}

/** The context's own proxy keeps its pages on our way out; where the browser cannot reach it, they reach nothing. */
async function connect(address: string, way: BrowserWay): Promise<OpenBrowser> {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.connectOverCDP(address, { timeout: START_MS }).catch(notStarted);
  try {
    const context = await contextOf(browser, way, proxyAt(way));
    const close = async (): Promise<void> => {
      await within(context.close());
      await within(browser.close());
    };
    return { context, close };
  } catch (thrown) {
    await within(browser.close());
    return notStarted(thrown);
  }
}

const proxyAt = ({ proxyPort }: BrowserWay) => ({ server: `socks5://127.0.0.1:${proxyPort}`, bypass: "<-loopback>" });

const contextOf = (browser: Browser, way: BrowserWay, proxy?: ReturnType<typeof proxyAt>): Promise<BrowserContext> =>
  browser.newContext({
    acceptDownloads: false,
    ignoreHTTPSErrors: way.skipVerify,
    locale: way.locale,
    permissions: [],
    viewport: { width: 1280, height: 800 },
    ...(proxy === undefined ? {} : { proxy }),
  });

async function programOf(setting: string): Promise<string> {
  const candidates = setting === "off" ? [] : setting === "" ? PROGRAMS : [setting];
  for (const path of candidates) {
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  throw new Unchecked("browser_missing");
}

function notStarted(thrown: unknown): never {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const lines = text.split("\n").map((line) => line.trim());
  const told = lines.find((line) => /error|cannot|no usable sandbox|refused/i.test(line)) ?? lines[0] ?? "";
  throw new Unchecked("browser_failed", { detail: told.slice(0, 200) });
}

/** The work, or the end of our patience with it. */
async function within(work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, END_MS);
  await Promise.race([work.catch(() => undefined), promise]);
  clearTimeout(timer);
}
