import { describe, expect, test } from "@jest/globals";
import { IncidentEvent, Resolution, Verdict } from "@sentinel/contracts";
import { T0 } from "./fixtures.ts";
import { incident, initialIncidentState } from "./incident.ts";
import { chooseNotification } from "./notification-policy.ts";
import type { IncidentState } from "./types.ts";

type Event = NonNullable<IncidentEvent["event"]>;

const told = (event: Event | undefined, before: IncidentState = initialIncidentState) => {
  const happened = { event: { event }, atMs: T0 };
  return chooseNotification(before, happened, incident.evolve(before, happened));
};
const flapping: IncidentState = { ...initialIncidentState, id: 1, flapping: true };
const reopened = (times: number): Event => ({
  $case: "reopened",
  value: { verdict: Verdict.DOWN, endpoints: [], startedAtMs: T0, times },
});
const repairFailed = (reason: string): Event => ({
  $case: "repairFailed",
  value: { attempt: 1, reason, tookMs: 1, params: {} },
});
const resolved: Event = {
  $case: "resolved",
  value: { resolution: Resolution.AUTO_FIX, actor: "", downtimeMs: 1, verifiedBySlotMs: 1 },
};
const opened = IncidentEvent.fromPartial({ event: { $case: "opened", value: { incidentId: 1 } } }).event;

describe("people are told", () => {
  test("that it broke, that the repair did not help, that it came back, that it is over", () => {
    expect(told(opened)).toBe("opened");
    expect(told(repairFailed("not_verified"))).toBe("repair_failed");
    expect(told(reopened(1))).toBe("reopened");
    expect(told(reopened(2))).toBe("reopened");
    expect(told(resolved)).toBe("resolved");
    expect(told(resolved, flapping)).toBe("resolved");
  });

  test("of flapping once, in place of each return", () => {
    expect(told(reopened(3))).toBeUndefined();
    expect(told({ $case: "flappingStarted", value: { reopened: 3, healthyRoundsNeeded: 5 } })).toBe("flapping");
    expect(told(reopened(4), flapping)).toBeUndefined();
    expect(told(repairFailed("not_verified"), flapping)).toBeUndefined();
  });

  test("nothing of a repair that was overtaken by the end", () => {
    expect(told(repairFailed("incident_closed"))).toBeUndefined();
  });

  test.each<Event>([
    { $case: "acknowledged", value: { actor: "ana" } },
    { $case: "commentAdded", value: { actor: "ana", text: "hm" } },
    { $case: "repairStarted", value: { attempt: 1, executor: "e" } },
    { $case: "repairSucceeded", value: { attempt: 1, tookMs: 1, params: {}, settledByCheck: false } },
    { $case: "recommendationAdded", value: { code: "check_load", params: {} } },
  ])("nothing of $$case", (event) => {
    expect(told(event)).toBeUndefined();
    expect(told(undefined)).toBeUndefined();
  });
});
