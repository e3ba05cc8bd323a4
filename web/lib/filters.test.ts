import { describe, expect, test } from "@jest/globals";
import type { MonitorStatusName } from "@sentinel/contracts/api";
import {
  filterIncidents,
  filterMonitors,
  groupsAndTags,
  monitorQueryFrom,
  searchOf,
  searchOfMonitors,
  servicesForOverview,
} from "./filters.ts";
import { sampleIncident, sampleMonitor } from "./testing/sample-views.ts";

const named = (name: string, status: MonitorStatusName = "healthy") => sampleMonitor({ id: name, name, status });
const names = (monitors: readonly { readonly name: string }[]): readonly string[] => monitors.map(({ name }) => name);

const everything = { text: "", filter: "all", group: "", tag: "" } as const;

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
    expect(names(filterMonitors(all, { ...everything, text: "", filter: "all" }))).toEqual([
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
    expect(names(filterMonitors(all, { ...everything, text, filter: "all" }))).toEqual(found);
  });

  test("are kept to a group and to a tag, of which each is offered once, in order", () => {
    const of = (name: string, group: string | null, tags: readonly string[]) => {
      const sample = sampleMonitor({ id: name, name });
      return { ...sample, spec: { ...sample.spec, group, tags: [...tags] } };
    };
    const some = [of("zoo", "Office", ["web", "b"]), of("attic", "Annex", ["web"]), of("depot", null, [])];
    expect(names(filterMonitors(some, { ...everything, group: "Office" }))).toEqual(["zoo"]);
    expect(names(filterMonitors(some, { ...everything, tag: "web" }))).toEqual(["attic", "zoo"]);
    expect(names(filterMonitors(some, { ...everything, group: "Annex", tag: "b" }))).toEqual([]);
    expect(groupsAndTags(some)).toEqual({ groups: ["Annex", "Office"], tags: ["b", "web"] });
  });

  test("are kept to those that are not healthy, or to those that are paused", () => {
    expect(names(filterMonitors(all, { ...everything, text: "", filter: "problems" }))).toEqual([
      "depot",
      "café",
      "bakery",
    ]);
    expect(names(filterMonitors(all, { ...everything, text: "", filter: "paused" }))).toEqual(["attic"]);
  });

  test("the filter survives in the address, and an unknown one is all", () => {
    expect(searchOf({ q: "", state: "" })).toBe("");
    expect(monitorQueryFrom(searchOf({ q: "a&b", state: "paused" }))).toEqual({
      ...everything,
      text: "a&b",
      filter: "paused",
    });
    const asked = { text: "shop", filter: "problems", group: "Back office", tag: "team:data" } as const;
    expect(monitorQueryFrom(searchOfMonitors(asked))).toEqual(asked);
    expect(searchOfMonitors(everything)).toBe("");
    expect(monitorQueryFrom("?state=burning")).toEqual({ ...everything, text: "", filter: "all" });
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
