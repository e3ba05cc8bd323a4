import { describe, expect, test } from "@jest/globals";
import { IncidentEvent, Severity } from "../generated/sentinel/incidents/v1/events.ts";
import { Incident } from "../generated/sentinel/incidents/v1/service.ts";
import {
  describeEvent,
  describeProduction,
  describeEntry,
  eventData,
  eventType,
  type ProductionFacts,
  staleAfterMs,
} from "./index.ts";

const NOW = Date.UTC(2026, 10, 21, 14, 6, 0);

const monitors = { total: 3, healthy: 3, degraded: 0, down: 0, unknown: 0, paused: 0 };
const facts: ProductionFacts = { monitors, nowMs: NOW, checkedAtMs: NOW - 5000, staleMs: 60_000, incidents: [] };

const incident = Incident.fromPartial({
  id: 7,
  monitorName: "Shop",
  nature: "NATURE_TECHNICAL",
  verdict: "VERDICT_DOWN",
  startedAtMs: NOW - 192_000,
  acting: "sentinel",
  diagnosis: {
    issue: "unreachable",
    cause: "crashed_or_not_started",
    severity: Severity.CRITICAL,
    params: { host: "shop.example", port: "8081" },
  },
});
const outage: ProductionFacts = {
  ...facts,
  monitors: { ...monitors, healthy: 2, down: 1 },
  incidents: [incident],
};

describe("is production up?", () => {
  test("up, with fresh evidence of every monitor", () => {
    const view = describeProduction("en", facts);
    expect(view.state).toBe("up");
    expect(view.headline).toBe("Production is up. All 3 services that are watched work.");
    expect([view.since, view.nature, view.acting]).toEqual([null, null, null]);
    expect(view.answers).toEqual({ up: "3 of 3 services", why: "–", since: "–", nature: "–", who: "–" });
  });

  test.each([
    ["old evidence", { ...facts, checkedAtMs: NOW - 300_000 }, "The last check was made 5 min ago."],
    ["no evidence", { ...facts, checkedAtMs: 0 }, "No check has been made yet."],
    [
      "a monitor that could not be judged",
      { ...facts, monitors: { ...monitors, healthy: 2, unknown: 1 } },
      "One of 3 services could not be judged; the others work.",
    ],
    [
      "only paused monitors",
      { ...facts, monitors: { ...monitors, healthy: 0, paused: 3 } },
      "All monitors are paused.",
    ],
  ])("%s is unknown, never up", (_name, given, why) => {
    const view = describeProduction("en", given);
    expect(view.state).toBe("unknown");
    expect(view.headline).toBe(`It is not known whether production is up. ${why}`);
    expect(view.answers.why).toBe(why);
  });

  test("that we lost sight of services is unknown, with the reason, and no failure of theirs", () => {
    const blindness = Incident.fromPartial({
      id: 8,
      monitorName: "Sentinel",
      nature: "NATURE_TECHNICAL",
      verdict: "VERDICT_DEGRADED",
      startedAtMs: NOW - 60_000,
      diagnosis: { issue: "coverage", cause: "prober_gone", params: { count: "1", monitors: "shop" } },
    });
    const unseen = { ...facts, monitors: { ...monitors, healthy: 2, unknown: 1 }, incidents: [blindness] };
    const view = describeProduction("en", unseen);
    expect(view.state).toBe("unknown");
    expect(view.lead).toBe(
      "One of 3 services could not be judged; the others work. Sentinel: 1 monitor is not being watched: shop.",
    );
    expect(view.cause).not.toBeNull();
    expect(view.answers.why).toContain("1 monitor is not being watched: shop");
    const down = {
      ...unseen,
      monitors: { ...monitors, healthy: 1, unknown: 1, down: 1 },
      incidents: [blindness, incident],
    };
    expect(describeProduction("en", down)).toMatchObject({ state: "down", lead: expect.stringMatching(/^Shop: /) });
  });

  test("an outage of what we lost sight of is unknown, and says that an incident was open", () => {
    const blindness = Incident.fromPartial({
      id: 8,
      monitorName: "Sentinel",
      verdict: "VERDICT_DEGRADED",
      startedAtMs: NOW - 60_000,
      diagnosis: { issue: "coverage", cause: "prober_gone", params: { count: "1", monitors: "shop" } },
    });
    const unseen = { ...outage, monitors: { ...monitors, healthy: 2, down: 0, unknown: 1 } };
    const view = describeProduction("en", { ...unseen, incidents: [incident, blindness] });
    expect(view.state).toBe("unknown");
    expect(view.headline).toMatch(
      /1 monitor is not being watched: shop\. One incident was open when it was last seen\.$/,
    );
    expect(describeProduction("en", { ...unseen, incidents: [incident] }).state).toBe("down");
  });

  test("old evidence of an outage is unknown too, and says what was open", () => {
    const view = describeProduction("en", { ...outage, checkedAtMs: NOW - 300_000 });
    expect(view.state).toBe("unknown");
    expect(view.headline).toMatch(/The last check was made 5 min ago\. One incident was open then\.$/);
  });

  test("down says why, since when, of which kind and who acts, in both languages", () => {
    const en = describeProduction("en", outage);
    expect(en).toMatchObject({
      state: "down",
      since: "2026-11-21T14:02:48.000Z",
      nature: "technical",
      acting: "sentinel",
    });
    expect(en.headline).toMatch(
      /^Production is down\. Shop: shop\.example cannot be reached on port 8081\. Nothing listens there: .*\. Since \d\d:\d\d:48, for 3 min 12 s\. The problem is technical\. Sentinel is waking the service up\.$/,
    );
    const fr = describeProduction("fr", outage);
    expect(fr.headline).toMatch(
      /^La production est en panne\. Shop\u202f: shop\.example est injoignable sur le port 8081\. .* Le problème est technique\. Sentinel réveille le service\.$/,
    );
    expect(fr.answers.who).toBe("Sentinel, réveil en cours");
  });

  test("the worst incident speaks, the oldest gives the time, and both kinds are named", () => {
    const older = { ...incident, id: 6, monitorName: "Blog", startedAtMs: NOW - 600_000, acting: "nobody" };
    const worst: Incident = { ...incident, nature: "NATURE_BUSINESS", acting: "owner", owner: "Ada" };
    const view = describeProduction("en", { ...outage, incidents: [older, worst] });
    expect(view.nature).toBe("both");
    expect(view.since).toBe("2026-11-21T13:56:00.000Z");
    expect(view.headline).toContain("Shop: ");
    expect(view.headline).toContain("One more incident is open: Blog.");
    expect(view.lead).toBe("Shop: shop.example cannot be reached on port 8081. One more incident is open: Blog.");
    expect(view.cause).toMatch(/^Nothing listens there/);
    expect(view.headline).toContain("Ada is in charge.");
    expect(view.answers.who).toBe("Ada");
  });

  test("an outage counts from its first second, never in milliseconds", () => {
    const view = describeProduction("en", { ...outage, incidents: [{ ...incident, startedAtMs: NOW - 40 }] });
    expect(view.answers.since).toMatch(/^1 s · /);
  });

  test("many services are counted, and only the first are named", () => {
    const others = ["B", "C", "D", "E"].map((monitorName, index) => ({ ...incident, id: 8 + index, monitorName }));
    const view = describeProduction("fr", { ...outage, incidents: [incident, ...others] });
    expect(view.lead).toBe(
      "Shop\u202f: shop.example est injoignable sur le port 8081. 4 autres incidents sont ouverts, dont B, C, D.",
    );
  });

  test("a service nobody looks after says so, in both languages", () => {
    const unowned = { ...outage, incidents: [{ ...incident, acting: "nobody" }] };
    expect(describeProduction("en", unowned).answers.who).toBe("Nobody yet");
    expect(describeProduction("fr", unowned).answers.who).toBe("Personne encore");
  });

  test("evidence is believed for 90 s, and for three periods of the busiest monitor where that is longer", () => {
    expect(staleAfterMs([])).toBe(90_000);
    expect(staleAfterMs([5000, 60_000])).toBe(90_000);
    expect(staleAfterMs([0, 60_000, 120_000])).toBe(180_000);
  });

  test("nothing watched is empty, not up", () => {
    const view = describeProduction("en", { ...facts, monitors: { ...monitors, total: 0, healthy: 0 } });
    expect(view.state).toBe("empty");
    expect(view.headline).toMatch(/^Nothing is being watched yet\./);
  });
});

describe("the timeline", () => {
  const opened = IncidentEvent.fromPartial({
    event: {
      $case: "opened",
      value: {
        incidentId: 7,
        monitorName: "Shop",
        nature: "NATURE_BUSINESS",
        verdict: "VERDICT_DOWN",
        endpointsTotal: 2,
        endpoints: [
          {
            url: "http://shop.example/",
            verdict: "VERDICT_DOWN",
            reason: "status",
            evidence: {
              params: { expected: "2xx", actual: "500", verdict: "VERDICT_DOWN" },
              bodyHead: new TextEncoder().encode("é oops"),
            },
          },
        ],
      },
    },
  });

  test("an opened incident is told in one sentence and its reason", () => {
    expect(eventType(opened)).toBe("incident_opened");
    expect(describeEvent("en", opened)).toBe(
      "Shop is down: 1 of 2 endpoints are affected. The answer had status 500 where 2xx was expected.",
    );
  });

  test("its data has lower-case enums and text for bytes; what others wrote stays as it is", () => {
    const data = eventData(opened);
    expect(data).toMatchObject({ incidentId: 7, nature: "business", verdict: "down" });
    expect(data["endpoints"]).toEqual([
      expect.objectContaining({
        verdict: "down",
        evidence: expect.objectContaining({
          bodyHead: "é oops",
          params: { expected: "2xx", actual: "500", verdict: "VERDICT_DOWN" },
        }),
      }),
    ]);
    expect(JSON.stringify(data)).not.toContain("_unknownFields");
  });

  test("of the losing of sight is told by the clock of whoever reads, and anything else as it came", () => {
    const event = IncidentEvent.fromPartial({
      event: {
        $case: "diagnosed",
        value: {
          diagnosis: {
            issue: "coverage",
            cause: "prober_gone",
            params: { count: "1", monitors: "shop", prober: "p7", region: "eu", sinceMs: String(NOW) },
          },
        },
      },
    });
    const entry = { type: eventType(event), data: eventData(event), text: "as the server said it, in its own zone" };
    expect(describeEntry("en", entry)).toBe(describeEvent("en", event));
    expect(describeEntry("fr", entry)).toBe(describeEvent("fr", event));
    const other = { ...entry, type: "comment_added" };
    expect(describeEntry("en", other)).toBe(entry.text);
  });

  test("a repair keeps the name people write in sentinel.yaml", () => {
    const event = IncidentEvent.fromPartial({
      event: {
        $case: "repairWithheld",
        value: { action: "REPAIR_ACTION_WAKE_UP", reason: "cooldown", params: { readyInMs: "90000" } },
      },
    });
    expect(eventData(event)["action"]).toBe("wake-up");
    expect(describeEvent("en", event)).toBe(
      "Sentinel did not wake the service up. The last repair was too short a while ago; the next may come in 1 min 30 s.",
    );
  });

  test("a comment is told in the words of the person, also where they look like a code", () => {
    const event = IncidentEvent.fromPartial({
      event: { $case: "commentAdded", value: { actor: "Ada", text: "VERDICT_DOWN? {reason}" } },
    });
    expect(describeEvent("en", event)).toBe("Ada: VERDICT_DOWN? {reason}");
    expect(eventData(event)["text"]).toBe("VERDICT_DOWN? {reason}");
  });

  test.each([
    ["RESOLUTION_AUTO_FIX", "auto_fix", "The service works again after 3 min 12 s. Sentinel woke it up."],
    ["RESOLUTION_MANUAL", "manual", "Ada closed the incident after 3 min 12 s."],
    ["RESOLUTION_RECOVERED", "recovered", "The service works again after 3 min 12 s. It recovered without a repair."],
  ] as const)("%s is told as it was", (resolution, name, text) => {
    const event = IncidentEvent.fromPartial({
      event: { $case: "resolved", value: { resolution, actor: "Ada", downtimeMs: 192_000 } },
    });
    expect(describeEvent("en", event)).toBe(text);
    expect(eventData(event)["resolution"]).toBe(name);
  });

  test("an event without content has a sentence as well", () => {
    expect(describeEvent("fr", { event: undefined })).toMatch(/^Il s’est passé/);
  });
});
