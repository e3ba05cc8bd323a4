import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import { Sentinel } from "../harness/sentinel.ts";
import { faultsOf } from "./support/axe.ts";
import { Dashboard, PHONE } from "./support/browser.ts";

let sentinel: Sentinel;
let dashboard: Dashboard;
let target: HttpTarget;

beforeAll(async () => {
  target = await startHttpTarget();
  sentinel = await Sentinel.create();
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
  await target?.stop();
});

describe("the first minute", () => {
  test("an address that is none is refused beside its field, and nothing is created", async () => {
    const page = await dashboard.visit("/fr", { viewport: PHONE });
    await page.getByRole("textbox", { name: "Adresse à surveiller" }).fill("ftp://fichiers.example");
    await page.getByRole("button", { name: "Surveiller" }).click();
    await page.locator(".field-problem").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.getByRole("textbox", { name: "Adresse à surveiller" }).getAttribute("aria-invalid")).toBe("true");
    expect((await sentinel.call<{ data: unknown[] }>("GET", "/api/v1/monitors")).data).toEqual([]);
    // A browser complains of every answer that refuses.
    expect(dashboard.takeComplaints()).toEqual([expect.stringContaining("status of 422")]);
  });

  test("an address typed into the empty page is watched, and its first answer streams in", async () => {
    const page = await dashboard.visit("/en");
    await page.getByRole("heading", { level: 1, name: "Nothing is watched yet" }).waitFor();
    await page.getByRole("textbox", { name: "Address to watch" }).fill(target.url.replace("http://", ""));
    await page.keyboard.press("Enter");
    await page.getByText(/^First answer: healthy in (< )?\d+ ms\.$/).waitFor();
    await page.getByText("first byte").first().waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("link", { name: /^Open / }).click();
    await page.waitForURL(/\/en\/monitors\//);
    await page.getByText("Healthy").first().waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("heading", { level: 1, name: "Production is up" }).waitFor();
    await page.getByText("The one service that is watched works.").waitFor();
  });
});
