import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import { Sentinel } from "../harness/sentinel.ts";
import { faultsOf } from "./support/axe.ts";
import { Dashboard } from "./support/browser.ts";

let sentinel: Sentinel;
let dashboard: Dashboard;
let target: HttpTarget;

beforeAll(async () => {
  target = await startHttpTarget();
  sentinel = await Sentinel.create({
    args: ["--host", "0.0.0.0"],
    config: `monitors: {shop: {endpoints: [${target.url}/], every: 1s}}`,
  });
  sentinel.start();
  await sentinel.ready();
  dashboard = await Dashboard.open(sentinel.url);
});

afterEach(() => dashboard.closePages());

afterAll(async () => {
  await dashboard?.close();
  await sentinel?.remove();
  await target?.stop();
});

/** A browser reports each request that got no answer, or was asked to sign in; that is not the page's fault. */
const REPORTED = /Failed to load resource: (net::ERR_|the server responded with a status of 401)/;

describe("the way to the page", () => {
  test("open to the network, it asks for the token, refuses a wrong one, and says how old its data is while cut off", async () => {
    const token = /sen_[\w-]+/.exec(sentinel.output)?.[0] ?? "no token was printed";
    const page = await dashboard.visit("/en");
    await page.getByRole("heading", { level: 1, name: "Sign in to see this" }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Access token").fill("sen_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("The access token is wrong").waitFor();
    await page.getByLabel("Access token").fill(token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Production is up" }).waitFor();
    await page.evaluate("globalThis.sameDocument = true");

    await sentinel.stop();
    await page
      .locator(".stale")
      .filter({ hasText: /^Connection lost; data from \d\d:\d\d:\d\d \(\d+ s old\)\. Trying again\.$/ })
      .waitFor();
    await page.getByText("Offline").waitFor();
    await page.locator('tr[data-monitor="shop"]').waitFor();
    expect(await faultsOf(page)).toEqual([]);

    sentinel.start();
    await sentinel.ready();
    await page.locator(".stale").waitFor({ state: "detached" });
    await page.getByText(/^Live · checked \d+ s ago$/).waitFor();
    expect(await page.evaluate("globalThis.sameDocument")).toBe(true);
    expect(dashboard.takeComplaints().filter((complaint) => !REPORTED.test(complaint))).toEqual([]);
  });
});
