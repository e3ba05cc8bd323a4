import { describe, expect, test } from "@jest/globals";
import type { MonitorStatusName } from "@sentinel/contracts/api";
import { filterIncidents, filterMonitors, monitorQueryFrom, searchOf, servicesForOverview } from "./filters.ts";
import { sampleIncident, sampleMonitor } from "./testing/sample-views.ts";

const named = (name: string, status: MonitorStatusName = "healthy") => sampleMonitor({ id: name, name, status });
const names = (monitors: readonly { readonly name: string }[]): readonly string[] => monitors.map(({ name }) => name);

const all = [
  named("zoo", "healthy"),
  named("attic", "paused"),
  named("bakery", "unknown"),
  named("café", "degraded"),
  named("archive", "healthy"),
  named("depot", "down"),
];

describe("monitors", () => {
  test("stand worst first, then by name", () => {
    expect(names(filterMonitors(all, { text: "", filter: "all" }))).toEqual([
      "depot",
      "café",
      "bakery",
      "archive",
      "zoo",
      "attic",
    ]);
    expect(names(servicesForOverview(all, 2))).toEqual(["depot", "café"]);
  });

  test.each([
    ["CAFE", ["café"]],
    ["shop.example health zoo", ["zoo"]],
    ["nowhere", []],
  ])("are found by %p, whatever its case and accents, when every word fits", (text, found) => {
    expect(names(filterMonitors(all, { text, filter: "all" }))).toEqual(found);
  });

  test("are kept to those that are not healthy, or to those that are paused", () => {
    expect(names(filterMonitors(all, { text: "", filter: "problems" }))).toEqual(["depot", "café", "bakery"]);
    expect(names(filterMonitors(all, { text: "", filter: "paused" }))).toEqual(["attic"]);
  });

  test("the filter survives in the address, and an unknown one is all", () => {
    expect(searchOf({ q: "", state: "" })).toBe("");
    expect(monitorQueryFrom(searchOf({ q: "a&b", state: "paused" }))).toEqual({ text: "a&b", filter: "paused" });
    expect(monitorQueryFrom("?state=burning")).toEqual({ text: "", filter: "all" });
  });
});

describe("incidents", () => {
  test("are the open ones, newest first, unless all are asked for", () => {
    const incidents = [
      sampleIncident({ id: 1 }),
      sampleIncident({ id: 2, status: "resolved" }),
      sampleIncident({ id: 3 }),
    ];
    expect(filterIncidents(incidents, "open").map(({ id }) => id)).toEqual([3, 1]);
    expect(filterIncidents(incidents, "all").map(({ id }) => id)).toEqual([3, 2, 1]);
  });
});
