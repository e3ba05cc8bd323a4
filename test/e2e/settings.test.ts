import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startWebhookSink, type WebhookSink } from "@sentinel/testkit";
import { Sentinel } from "../harness/sentinel.ts";
import { Dashboard } from "./support/browser.ts";

const SECRET = "a-secret-that-must-never-be-shown";

let sentinel: Sentinel;
let dashboard: Dashboard;
let sink: WebhookSink;

const config = (every: string): string => `
monitors:
  shop:
    endpoints: [http://127.0.0.1:9/]
    every: ${every}
    repair: {action: wake-up, mode: "off"}
notifications:
  ops: {type: webhook, url: "${sink.url}", secret: "\${WEBHOOK_SECRET}"}
`;

beforeAll(async () => {
  sink = await startWebhookSink();
  sentinel = await Sentinel.create({ config: config("1h") });
  sentinel.start({ WEBHOOK_SECRET: SECRET });
  await sentinel.ready();
  dashboard = await Dashboard.open(sentinel.url);
});

afterEach(async () => {
  await dashboard.closePages();
});

afterAll(async () => {
  await dashboard?.close();
  await sentinel?.remove();
  await sink?.stop();
});

describe("settings", () => {
  test("a test message goes out signed and says so; one that is refused says why", async () => {
    const page = await dashboard.visit("/en/settings");
    const row = page.locator("li.channel", { hasText: "ops" });
    const button = row.getByRole("button", { name: "Send a test to ops" });
    await button.click();
    await row.getByText(/^Delivered in /).waitFor();
    const delivered = sink.received.at(-1);
    expect(delivered?.headers).toHaveProperty("webhook-signature");

    sink.failNext(10, 410);
    await button.click();
    await row.getByText(/^Not delivered: ./).waitFor();
    expect(await page.content()).not.toContain(SECRET);
    expect(dashboard.takeComplaints()).toEqual([]);
  });

  test("a broken file is told with line and column while the good one runs on, and is forgotten once mended", async () => {
    const page = await dashboard.visit("/en/settings");
    await page.getByText(/without problems/).waitFor();
    await sentinel.configure(config("often"));
    await page.getByText("Not applied: the last good version runs on.").waitFor();
    await page.locator(".problems li", { hasText: "line 5, column 5" }).waitFor();
    await page.getByText("monitors.shop.every").waitFor();

    const overview = await dashboard.visit("/en");
    await overview.getByText("The configuration file has problems").waitFor();
    await overview.getByText("shop", { exact: true }).first().waitFor();

    await sentinel.configure(config("2h"));
    await page.getByText(/without problems/).waitFor();
    await overview.getByText("The configuration file has problems").waitFor({ state: "detached" });
    expect(dashboard.takeComplaints()).toEqual([]);
  });
});
