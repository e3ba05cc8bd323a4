import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import type { Page } from "playwright-core";
import { Sentinel } from "../harness/sentinel.ts";
import { Dashboard } from "./support/browser.ts";
import { type SleepyTarget, startSleepyTarget } from "./support/sleepy-target.ts";

let sentinel: Sentinel;
let dashboard: Dashboard;
let shop: HttpTarget;
let sleeper: SleepyTarget;

beforeAll(async () => {
  shop = await startHttpTarget();
  sleeper = await startSleepyTarget({ asleep: false });
  sentinel = await Sentinel.create({
    config: `
monitors:
  shop:
    endpoints: [${shop.url}/]
    every: 1s
    repair: {action: wake-up, mode: "off"}
  blog:
    endpoints: [${sleeper.url}/]
    every: 1s
    tags: [sleeps]
    repair: {action: wake-up, mode: auto, patience: 30s}
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
  await Promise.all([shop?.stop(), sleeper?.stop()]);
});

const answer = (page: Page, key: string) => page.locator(`[data-answer="${key}"] dd`);
const service = (page: Page, name: string) => page.locator(`tr[data-monitor="${name}"]`);

describe("one outage, seen from the page", () => {
  test("a service that dies is shown down with its reason and incident, and up again, without a reload", async () => {
    const page = await dashboard.visit("/en");
    await page.getByRole("heading", { level: 1, name: "Production is up" }).waitFor();
    await page.evaluate("globalThis.sameDocument = true");
    const port = Number(new URL(shop.url).port);
    await shop.stop();

    await page.getByRole("heading", { level: 1, name: "Production is down" }).waitFor();
    await page.locator(".verdict-rest", { hasText: `shop: 127.0.0.1 cannot be reached on port ${port}.` }).waitFor();
    await answer(page, "why").filter({ hasText: "Nothing listens there" }).waitFor();
    await answer(page, "up").filter({ hasText: "1 of 2 services" }).waitFor();
    await answer(page, "who").filter({ hasText: "Nobody yet" }).waitFor();
    await answer(page, "nature").filter({ hasText: "Technical" }).waitFor();
    expect(await answer(page, "since").innerText()).toMatch(/^\d+ s · \d\d:\d\d:\d\d$/);
    await page.locator(".attention li", { hasText: "shop: 127.0.0.1 cannot be reached" }).waitFor();
    await service(page, "shop").getByText("Down").waitFor();
    expect(await service(page, "shop").locator(".service-latency").innerText()).toBe("–");
    expect(await page.locator("tr.service").first().getAttribute("data-monitor")).toBe("shop");

    shop = await startHttpTarget(undefined, port);
    await page.getByRole("heading", { level: 1, name: "Production is up" }).waitFor();
    await service(page, "shop").getByText("Healthy").waitFor();
    expect(await page.evaluate("globalThis.sameDocument")).toBe(true);
  });

  test("a repair is shown while it runs and when it worked, and counted", async () => {
    const page = await dashboard.visit("/en");
    await page.getByRole("heading", { level: 1, name: "Production is up" }).waitFor();
    await page.evaluate("globalThis.sameDocument = true");
    const fixes = page.locator("li", { hasText: "Repaired without you" }).locator(".ticking");
    expect(await fixes.innerText()).toBe("0");
    sleeper.fallAsleep();
    await sleeper.knocked;

    await answer(page, "who").filter({ hasText: "Sentinel, wake-up running" }).waitFor();
    await page.getByText(/wake-up running, up to \d+ s/).waitFor();
    const incident = await dashboard.visit("/en/incidents/2");
    await incident.getByRole("heading", { level: 1, name: "blog: 127.0.0.1 seems to be asleep" }).waitFor();
    await incident.getByText("Acting: Sentinel").waitFor();
    await incident.locator(".repairs").getByText("Running").waitFor();
    await incident.getByText(/\d+ s left of its patience/).waitFor();
    sleeper.wake();

    await incident.getByText("Repaired by Sentinel").waitFor();
    await incident.locator(".repairs").getByText("It worked").waitFor();
    await incident.locator('.timeline li[data-type="incident_resolved"]').waitFor();
    await page.getByRole("heading", { level: 1, name: "Production is up" }).waitFor();
    await fixes.filter({ hasText: /^1$/ }).waitFor();
    await page
      .locator("li", { hasText: "blog · wake-up" })
      .getByText(/^fixed in \d+ s$/)
      .waitFor();
    await page.getByText("1 worked of 1").waitFor();
    expect(await page.evaluate("globalThis.sameDocument")).toBe(true);
  });

  test("past incidents stay to be read, each by the name of its service", async () => {
    const page = await dashboard.visit("/en/incidents");
    await page.getByRole("heading", { name: "No open incident" }).waitFor();
    await page.getByRole("button", { name: "Show resolved incidents" }).click();
    await page.waitForURL(/\?show=all$/);
    expect(await page.locator(".incident-row .row-link").allInnerTexts()).toEqual([
      "blog: 127.0.0.1 seems to be asleep",
      expect.stringMatching(/^shop: 127\.0\.0\.1 cannot be reached on port \d+$/),
    ]);
    await page.getByText("Recovered by itself").waitFor();
  });
});
