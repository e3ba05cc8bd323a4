import { describe, expect, test } from "@jest/globals";
import { type Parent, suppressed, suppressorOf } from "./dependencies.ts";
import { initialMonitorState } from "./detection.ts";

const NOW = 1_000_000;
const parent = (state: Partial<Parent["state"]>, paused = false): Parent => ({
  spec: { everyMs: 30_000, paused },
  state: { ...initialMonitorState, status: "MONITOR_STATUS_HEALTHY", lastCheckedAtMs: NOW - 1000, ...state },
});
const by = (parents: Readonly<Record<string, Parent>>): string | undefined =>
  suppressorOf(Object.keys(parents), (name) => parents[name], NOW);

describe("what explains a failure", () => {
  test("a parent with an open incident that is down, not one that works, is degraded, paused or gone", () => {
    expect(by({ db: parent({ status: "MONITOR_STATUS_DOWN", openIncidentId: 3 }) })).toBe("db");
    expect(by({ db: parent({}) })).toBeUndefined();
    expect(
      by({ db: parent({ status: "MONITOR_STATUS_DEGRADED", openIncidentId: 3, failingRounds: 4 }) }),
    ).toBeUndefined();
    expect(by({ db: parent({ status: "MONITOR_STATUS_DOWN", openIncidentId: 3 }, true) })).toBeUndefined();
    expect(suppressorOf(["gone"], () => undefined, NOW)).toBeUndefined();
  });

  test("a parent that has begun to fail, so that of both only it is told; not one that nobody looks at any more", () => {
    expect(by({ db: parent({ failingRounds: 1 }) })).toBe("db");
    expect(by({ db: parent({ failingRounds: 1, lastCheckedAtMs: NOW - 90_001 }) })).toBeUndefined();
  });

  test("the first cause, where a parent is itself explained", () => {
    expect(by({ api: parent({ failingRounds: 1, suppressedBy: "router" }) })).toBe("router");
  });

  test("the second parent, where the first works", () => {
    expect(by({ cache: parent({}), db: parent({ failingRounds: 2 }) })).toBe("db");
  });
});

test("what is explained is judged anew afterwards, and is not an outage more", () => {
  const before = { ...initialMonitorState, reopened: 1 };
  const after = { ...before, failingRounds: 2, firstFailureMs: 5, reopened: 2, flapping: true };
  expect(suppressed(before, after, "db")).toMatchObject({
    failingRounds: 0,
    firstFailureMs: 5,
    reopened: 1,
    flapping: false,
    suppressedBy: "db",
  });
});
