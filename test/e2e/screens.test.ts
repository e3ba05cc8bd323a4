import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type HttpTarget, startHttpTarget, startWebhookSink, type WebhookSink } from "@sentinel/testkit";
import type { Page } from "playwright-core";
import { ensureChromium } from "../harness/chromium.ts";
import { Sentinel, until } from "../harness/sentinel.ts";
import { faultsOf } from "./support/axe.ts";
import { Dashboard, DESKTOP, PHONE } from "./support/browser.ts";
import { type SleepyTarget, startSleepyTarget } from "./support/sleepy-target.ts";

const VIEWS = [
  ["light, desktop", "light", DESKTOP],
  ["dark, desktop", "dark", DESKTOP],
  ["dark, phone", "dark", PHONE],
  ["light, phone", "light", PHONE],
] as const;

/** Where the README's picture is kept; it is only taken when asked for, so that a run changes no file. */
const PICTURES = join(import.meta.dirname, "../../docs/pictures");

let sentinel: Sentinel;
let dashboard: Dashboard;
let sink: WebhookSink;
let healthy: HttpTarget;
let slow: HttpTarget;
let flaky: HttpTarget;
let sleeper: SleepyTarget;

/** The whole of what can be seen at once: a repair under way, a slow business service, a past outage, quiet ones. */
beforeAll(async () => {
  sink = await startWebhookSink();
  healthy = await startHttpTarget();
  slow = await startHttpTarget((_, response) => setTimeout(() => response.end("ok"), 260));
  flaky = await startHttpTarget();
  sleeper = await startSleepyTarget({ asleep: false });
  const monitor = (url: string, more: string): string => `{endpoints: [${url}/], every: 1s, ${more}}`;
  sentinel = await Sentinel.create({
    config: `
monitors:
  accounts: ${monitor(flaky.url, "repair: {action: wake-up, mode: observe}")}
  checkout: ${monitor(slow.url, 'slowAfter: 150ms, nature: business, owner: shop team, repair: {action: wake-up, mode: "off"}')}
  public-site: ${monitor(healthy.url, "tags: [web]")}
  reports: ${monitor(healthy.url, "paused: true")}
  search: ${monitor(sleeper.url, "tags: [sleeps], repair: {action: wake-up, mode: auto, patience: 30s}")}
  stock: ${monitor(healthy.url, "owner: warehouse")}
notifications:
  ops: {type: webhook, url: "${sink.url}", secret: "\${WEBHOOK_SECRET}"}
`,
  });
  sentinel.start({ WEBHOOK_SECRET: "only-for-this-test", SENTINEL_BROWSER: ensureChromium() });
  await sentinel.ready();
  await withIncident("accounts", "up", () => flaky.answer((_, response) => response.writeHead(500).end()));
  await withIncident("accounts", "resolved", () => flaky.answer((_, response) => response.end("ok")));
  await sentinel.call("POST", "/api/v1/monitors", { name: "newsletter", endpoints: [`${healthy.url}/`], every: "1s" });
  dashboard = await Dashboard.open(sentinel.url);
  sleeper.fallAsleep();
  await sleeper.knocked;
});

afterEach(async () => {
  expect(dashboard.takeComplaints()).toEqual([]);
  await dashboard.closePages();
});

afterAll(async () => {
  sleeper?.wake();
  await dashboard?.close();
  await sentinel?.remove();
  await Promise.all([sink?.stop(), healthy?.stop(), slow?.stop(), flaky?.stop(), sleeper?.stop()]);
});

interface Listed {
  readonly data: readonly { readonly id: string | number; readonly monitorName: string; readonly status: string }[];
}

async function withIncident(monitor: string, wanted: "up" | "resolved", act: () => void): Promise<void> {
  act();
  await until(
    `an incident of ${monitor}`,
    async () => {
      const { data } = await sentinel.call<Listed>("GET", "/api/v1/incidents");
      return data.some(
        ({ monitorName, status }) => monitorName === monitor && (status === "resolved") === (wanted === "resolved"),
      )
        ? true
        : undefined;
    },
    20_000,
  );
}

async function incidentOf(monitor: string): Promise<string> {
  const { data } = await sentinel.call<Listed>("GET", "/api/v1/incidents");
  return String(data.find(({ monitorName }) => monitorName === monitor)?.id);
}

type Screen = readonly [path: string, complete: (page: Page) => Promise<unknown>];

/** Screens while a repair is under way; they come first, because it has only its patience. */
const during = async (): Promise<readonly Screen[]> => [
  ["/en", (page) => page.getByText("Sentinel, wake-up running").waitFor()],
  ["/fr", (page) => page.getByText("Sentinel, réveil en cours").waitFor()],
  [`/en/incidents/${await incidentOf("search")}`, (page) => page.locator(".repairs").getByText("Running").waitFor()],
];

/** The other screens, each with what tells that it has all it shows. */
const others = async (): Promise<readonly Screen[]> => [
  ["/en/incidents?show=all", (page) => page.getByText("Recovered by itself").first().waitFor()],
  [
    `/fr/incidents/${await incidentOf("accounts")}`,
    (page) => page.locator('.timeline li[data-type="incident_resolved"]').first().waitFor(),
  ],
  ["/en/monitors", (page) => page.locator('tr[data-monitor="reports"]').waitFor()],
  ["/en/monitors/accounts", (page) => page.locator(".plot canvas").waitFor()],
  ["/fr/monitors/newsletter?edit", (page) => page.getByRole("button", { name: "Enregistrer" }).waitFor()],
  ["/en/monitors/new", (page) => page.getByRole("button", { name: "Start watching" }).waitFor()],
  ["/en/settings", (page) => page.getByRole("button", { name: "Send a test to ops" }).waitFor()],
  ["/en/login", (page) => page.getByLabel("Access token").waitFor()],
  ["/en/monitors/nobody", (page) => page.getByText("There is no such monitor").waitFor()],
];

/** What only some monitors have; made after the picture, which shows what most of them look like. */
async function watchMore(): Promise<void> {
  flaky.answer((_, response) => response.setHeader("content-type", "text/html").end("<h1>Closed</h1>"));
  const journey = {
    url: `browser+${flaky.url}/`,
    browser: { steps: [{ name: "enter", expectText: "Open", in: "h1" }] },
    assert: [{ subject: "value", of: "errors", is: 0, severity: "degraded" }],
  };
  const more = [
    {
      name: "invoices",
      endpoints: [{ url: "heartbeat://invoices", heartbeat: { every: "1h" } }],
      group: "Back office",
    },
    { name: "journey", endpoints: [journey], every: "15s", timeout: "5s", failuresToConfirm: 1, dependsOn: ["stock"] },
    { name: "prices", endpoints: [`${healthy.url}/`], every: "1s", slo: { target: 99.95, window: "30d" } },
  ];
  for (const body of more) await sentinel.call("POST", "/api/v1/monitors", body);
  await sentinel.call("POST", "/api/v1/maintenance", { name: "move", duration: "1h", monitors: ["prices"] });
  const later = { name: "patch night", starts: "2099-01-01T02:00", duration: "2h", repeat: "weekly", tags: ["web"] };
  await sentinel.call("POST", "/api/v1/maintenance", later);
  await withIncident("journey", "up", () => undefined);
}

const pictured = async (page: Page): Promise<void> => {
  const picture = page.locator(".screenshot:visible").first();
  await picture.scrollIntoViewIfNeeded();
  const width = "(image) => image.naturalWidth";
  await until(
    "the picture of the page",
    async () => ((await picture.evaluate(width)) === 0 ? undefined : true),
    20_000,
  );
};

/** Screens of jobs, journeys, objectives and maintenance. */
const further = async (): Promise<readonly Screen[]> => [
  ["/fr/monitors/invoices", (page) => page.getByText("Ce que la tâche appelle").waitFor()],
  ["/en/monitors/invoices?edit", (page) => page.getByRole("button", { name: "Save" }).waitFor()],
  [
    "/en/monitors/journey",
    async (page) => {
      await page.locator(".results summary").first().click();
      await page.evaluate(
        "for (const fold of document.querySelectorAll('.results details[open] details')) fold.open = true",
      );
      await pictured(page);
    },
  ],
  ["/fr/monitors/journey?edit", (page) => page.locator(".code-area").waitFor()],
  [`/fr/incidents/${await incidentOf("journey")}`, pictured],
  ["/fr/monitors/prices", (page) => page.getByText("99,95 %").waitFor()],
  [
    "/fr/settings",
    async (page) => {
      await page.getByText("Prévoir une fenêtre").click();
      await page.getByText("chaque semaine").waitFor();
    },
  ],
];

/** Opens each screen once, all before the first is examined, and looks at them in both schemes and both sizes. */
async function faultsOfScreens(screens: readonly Screen[]): Promise<readonly string[]> {
  const found: string[] = [];
  const opened: (readonly [string, Page])[] = [];
  for (const [path, complete] of screens) {
    const page = await dashboard.visit(path);
    await complete(page);
    opened.push([path, page]);
  }
  for (const [path, page] of opened) {
    for (const [name, colorScheme, viewport] of VIEWS) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      const coloursOnly = colorScheme === "dark";
      for (const fault of await faultsOf(page, { coloursOnly })) found.push(`${path}, ${name}: ${fault}`);
    }
    await page.context().close();
  }
  return found;
}

describe("every screen", () => {
  test("the overview in the middle of an outage is a picture for the README", async () => {
    const page = await dashboard.visit("/en");
    await page.getByText("Sentinel, wake-up running").waitFor();
    await page.evaluate("document.fonts.ready.then(() => true)");
    const path = process.env["SENTINEL_PICTURES"] === "1" ? join(PICTURES, "overview.png") : undefined;
    if (path !== undefined) await mkdir(PICTURES, { recursive: true });
    const picture = await page.screenshot({ fullPage: true, ...(path === undefined ? {} : { path }) });
    expect(picture.byteLength).toBeLessThan(300_000);
  });

  test("is accessible and fits its window while a repair is under way, in light and dark, on desktop and phone", async () => {
    expect(await faultsOfScreens(await during())).toEqual([]);
  });

  test("is accessible and fits its window, in light and dark, on desktop and phone", async () => {
    expect(await faultsOfScreens(await others())).toEqual([]);
  });

  test("of jobs, journeys, objectives and maintenance is accessible and fits its window", async () => {
    await watchMore();
    expect(await faultsOfScreens(await further())).toEqual([]);
  });

  test.each(["/fr", "/fr/monitors"])("%s keeps its table within its card, however wide the window is", async (path) => {
    const page = await dashboard.visit(path);
    await page.locator('tr[data-monitor="reports"]').waitFor();
    for (const width of [821, 900, 941, 1024, 1180, 1271, 1280, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      const stickingOut = await page.evaluate<number>(
        "(() => { const table = document.querySelector('.services'); return table.offsetWidth - table.closest('.card').clientWidth; })()",
      );
      expect([width, Math.max(0, stickingOut)]).toEqual([width, 0]);
    }
  });

  test.each([
    ["/en", "Production is down", "La production est en panne"],
    ["/fr", "La production est en panne", "Production is down"],
  ])("%s loads the words of its reader's language only", async (path, own, other) => {
    const page = await dashboard.visit("/en/login");
    await page.goto(`${sentinel.url}${path}`);
    await page.locator(".verdict").waitFor();
    const loaded = await page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js'))",
    );
    expect(loaded.length).toBeGreaterThan(0);
    const scripts = (await Promise.all(loaded.map(async (url) => (await fetch(url)).text()))).join("\n");
    expect(scripts).toContain(own);
    expect(scripts).not.toContain(other);
  });
});
