import { type IncidentEvent, IncidentOpened, IncidentReopened, Resolution } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { T0 } from "./fixtures.ts";
import { addKpis, countKpis, type IncidentKpis, type KpiRun, noKpis } from "./kpis.ts";

type Case = NonNullable<IncidentEvent["event"]>;

const SECOND = 1000;
const opened = (startedAtMs: number): Case => ({
  $case: "opened",
  value: IncidentOpened.fromPartial({ incidentId: 7, monitorId: "mon_1", monitorName: "shop", startedAtMs }),
});
const reopened = (startedAtMs: number): Case => ({
  $case: "reopened",
  value: IncidentReopened.fromPartial({ startedAtMs, times: 1 }),
});
const acknowledged: Case = { $case: "acknowledged", value: { actor: "ada" } };
const resolved = (downtimeMs: number, resolution: Resolution = Resolution.RECOVERED): Case => ({
  $case: "resolved",
  value: { resolution, actor: "", downtimeMs, verifiedBySlotMs: 0 },
});

function story(...events: readonly (readonly [atMs: number, event: Case])[]) {
  let [run, kpis]: [KpiRun | undefined, IncidentKpis] = [undefined, noKpis];
  for (const [atMs, event] of events) {
    const step = countKpis(run, { event: { event }, atMs });
    if (step === undefined) continue;
    run = step.run;
    kpis = addKpis(kpis, step.added);
  }
  return { run, kpis };
}

describe("figures of an incident", () => {
  test("are detection from the first failing round, acknowledgement from the incident, resolution from the round", () => {
    const { run, kpis } = story(
      [T0 + 30 * SECOND, opened(T0)],
      [T0 + 40 * SECOND, acknowledged],
      [T0 + 100 * SECOND, resolved(90 * SECOND, Resolution.AUTO_FIX)],
    );
    expect(run).toMatchObject({ incidentId: 7, monitorId: "mon_1", monitorName: "shop", dayMs: T0 });
    expect(kpis).toEqual({
      incidents: 1,
      autoFixes: 1,
      downtimeMs: 90 * SECOND,
      detections: 1,
      detectionMs: 30 * SECOND,
      acknowledgements: 1,
      acknowledgementMs: 10 * SECOND,
      resolutions: 1,
      resolutionMs: 100 * SECOND,
    });
  });

  test("count a reopened incident once, and each of its runs for itself", () => {
    const { kpis } = story(
      [T0 + 10, opened(T0)],
      [T0 + 20, acknowledged],
      [T0 + 100, resolved(100)],
      [T0 + 220, reopened(T0 + 200)],
      [T0 + 225, acknowledged],
      [T0 + 230, acknowledged],
      [T0 + 300, resolved(100)],
    );
    expect(kpis).toEqual({
      incidents: 1,
      autoFixes: 0,
      downtimeMs: 200,
      detections: 2,
      detectionMs: 30,
      acknowledgements: 2,
      acknowledgementMs: 15,
      resolutions: 2,
      resolutionMs: 200,
    });
  });

  test("stand on the day in UTC of the first failing round, however late it was detected", () => {
    expect(story([T0 + SECOND, opened(T0 - 1)]).run?.dayMs).toBe(T0 - 86_400_000);
  });

  test("are never negative when a clock was set back, and nothing without the incident's begin", () => {
    expect(story([T0 - 500, opened(T0)], [T0 - 900, acknowledged]).kpis).toMatchObject({
      detectionMs: 0,
      acknowledgementMs: 0,
    });
    expect(story([T0, resolved(5)], [T0, acknowledged], [T0, reopened(T0)]).kpis).toEqual(noKpis);
  });
});
