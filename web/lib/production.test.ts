import { describe, expect, test } from "@jest/globals";
import type { IncidentView, MonitorView } from "@sentinel/contracts/api";
// The sentences, as a page has them from its file of words.
import "@sentinel/contracts/text";
import { productionOf } from "./production.ts";
import { at, NOW_MS, sampleIncident, sampleMonitor } from "./testing/sample-views.ts";

const known = (monitors: readonly MonitorView[], incidents: readonly IncidentView[] = [], nowMs = NOW_MS) =>
  productionOf({ monitors, incidents, nowMs, locale: "en" });

describe("is production up, as far as this page has heard?", () => {
  test("healthy services are up; a paused one is not counted", () => {
    const view = known([sampleMonitor(), sampleMonitor({ id: "m2", status: "paused" })]);
    expect(view).toMatchObject({ state: "up", lead: "The one service that is watched works.", cause: null });
    expect(view.answers.up).toBe("1 of 1 service");
  });

  test("an open incident names its service, its cause, since when, and that nobody acts", () => {
    const view = known([sampleMonitor({ status: "down" })], [sampleIncident()]);
    expect(view).toMatchObject({ state: "down", since: at(-192_000), nature: "technical", acting: "nobody" });
    expect(view.lead).toBe("shop: shop.example cannot be reached on port 443.");
    expect(view.cause).toMatch(/^Nothing listens there/);
    expect(view.answers.who).toBe("Nobody yet");
    expect(view.answers.since).toMatch(/^3 min 12 s · /);
  });

  test("who took charge acts, else the owner, else Sentinel while it repairs", () => {
    const who = (part: Partial<IncidentView>): string =>
      known([sampleMonitor({ status: "down" })], [sampleIncident(part)]).answers.who;
    expect(who({ acting: "owner", owner: "Ada" })).toBe("Ada");
    expect(who({ acting: "owner", owner: "Ada", acknowledgedBy: "Grace" })).toBe("Grace");
    expect(who({ acting: "sentinel" })).toBe("Sentinel, wake-up running");
  });

  test("resolved incidents are past", () => {
    expect(known([sampleMonitor()], [sampleIncident({ status: "resolved", resolvedAt: at(0) })]).state).toBe("up");
  });

  test("once the page has heard nothing for long, it no longer claims that production is up", () => {
    const view = known([sampleMonitor()], [], NOW_MS + 10 * 60_000);
    expect(view).toMatchObject({ state: "unknown", lead: "The last check was made 10 min 5 s ago." });
  });

  test("nothing watched is empty", () => {
    expect(known([]).state).toBe("empty");
  });
});
