import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import type { Page } from "playwright-core";
import { Sentinel, until } from "../harness/sentinel.ts";
import { Dashboard, PHONE } from "./support/browser.ts";

let sentinel: Sentinel;
let dashboard: Dashboard;
let shop: HttpTarget;

beforeAll(async () => {
  shop = await startHttpTarget((_, response) => response.writeHead(500).end("out of order\n"));
  sentinel = await Sentinel.create({
    config: `
monitors:
  shop:
    endpoints: [${shop.url}/]
    every: 1s
    repair: {action: wake-up, mode: "off"}
`,
  });
  sentinel.start();
  await sentinel.ready();
  dashboard = await Dashboard.open(sentinel.url);
});

afterEach(async () => {
  expect(dashboard.takeComplaints()).toEqual([]);
  await dashboard.closePages();
});

afterAll(async () => {
  await dashboard?.close();
  await sentinel?.remove();
  await shop?.stop();
});

const MOST_STOPS = 60;

/** Presses Tab until the focus is on something called `name`, as a person without a mouse would. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) continue;
    const called = await focused.ariaSnapshot();
    if (name.test(called)) return;
    seen.push(called);
  }
  throw new Error(`Tab never reached ${name}; it stopped at:\n${seen.join("\n")}`);
}

describe("an incident in the hands of a person", () => {
  test("it is acknowledged and commented by keyboard alone", async () => {
    const page = await dashboard.visit("/en");
    await page.getByRole("button", { name: "Acknowledge #1" }).waitFor();
    await tabTo(page, /button "Acknowledge #1"/);
    await page.keyboard.press("Enter");
    await page.getByText("Incident #1 is acknowledged.").waitFor();
    await page.getByText(/acknowledged by /).waitFor();
    await tabTo(page, /link "Open #1"/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "shop: 127.0.0.1 answers with error 500" }).waitFor();
    await tabTo(page, /textbox "Comment"/);
    await page.keyboard.type("Seen. The disk is full.");
    await tabTo(page, /button "Add comment"/);
    await page.keyboard.press("Enter");
    await page.locator('.timeline li[data-type="comment_added"]', { hasText: "Seen. The disk is full." }).waitFor();
    const timeline = await sentinel.call<{ data: { type: string }[] }>("GET", "/api/v1/incidents/1/timeline");
    const told = timeline.data.map(({ type }) => type);
    expect(told).toEqual(expect.arrayContaining(["incident_acknowledged", "comment_added"]));
  });

  test("the keyboard reaches any monitor through the search", async () => {
    const page = await dashboard.visit("/en/settings");
    // The page is there before its keys are: it lives once it says so.
    await page.getByText(/^Live · checked \d+ s ago$/).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("sho");
    await page.getByRole("option", { name: /shop/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/en\/monitors\//);
    await page.getByRole("heading", { level: 1, name: "shop" }).waitFor();
  });
});

describe("whoever reads", () => {
  test("the language switch keeps the page and what was chosen on it", async () => {
    const page = await dashboard.visit("/en/incidents?show=all");
    await page.getByRole("link", { name: "shop: 127.0.0.1 answers with error 500" }).waitFor();
    await page.getByRole("link", { name: /Lire en français/ }).click();
    await page.waitForURL(/\/fr\/incidents\?show=all$/);
    await page.getByRole("link", { name: "shop\u202f: 127.0.0.1 répond par l’erreur 500" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("fr");
    await page.getByRole("link", { name: "Vue d’ensemble" }).click();
    await page.getByRole("heading", { level: 1, name: "La production est en panne" }).waitFor();
  });

  test("on a phone the sections are at hand, and the page is as wide as the screen", async () => {
    const page = await dashboard.visit("/fr/incidents/1", { viewport: PHONE });
    await page.getByRole("heading", { level: 1, name: /^shop/ }).waitFor();
    for (const section of ["Moniteurs", "Réglages", "Vue d’ensemble"]) {
      await page.getByRole("navigation").getByRole("link", { name: section }).click();
      await page.locator("h1").waitFor();
      const [wide, tall] = [await page.evaluate("document.documentElement.scrollWidth"), await navHeight(page)];
      expect(wide).toBe(PHONE.width);
      expect(tall).toBeGreaterThanOrEqual(44);
    }
  });

  test("dark follows the system, and a choice of one's own is kept", async () => {
    const page = await dashboard.visit("/en/settings", { colorScheme: "dark" });
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    const dark = await background(page);
    await page.getByRole("button", { name: "Light", exact: true }).click();
    const light = await until("the light page", async () => differs(dark, await background(page)), 5000);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    expect(await background(page)).toBe(light);
    expect(brightness(light)).toBeGreaterThan(brightness(dark));
  });
});

describe("an incident that a person closes", () => {
  test("is resolved by hand after a question, which can be declined", async () => {
    const page = await dashboard.visit("/en/incidents/1");
    await page.getByRole("button", { name: "Resolve" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep it open" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Resolve" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resolve" }).click();
    await page.getByText("Incident #1 is resolved.").waitFor();
    await page.locator('.timeline li[data-type="incident_resolved"]', { hasText: "closed the incident" }).waitFor();
  });
});

async function navHeight(page: Page): Promise<number> {
  const box = await page.getByRole("navigation").getByRole("link").first().boundingBox();
  return box?.height ?? 0;
}

async function background(page: Page): Promise<string> {
  return String(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"));
}

const differs = (from: string, now: string): string | undefined => (now === from ? undefined : now);

const brightness = (colour: string): number =>
  (colour.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
