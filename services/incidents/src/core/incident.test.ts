import { describe, expect, test } from "@jest/globals";
import { type MonitorSpec, Nature, RepairMode, Resolution, Verdict } from "@sentinel/contracts";
import * as fc from "fast-check";
import { anEndpoint, aRepairPolicy, aRound, aSpec, EVERY_MS, T0 } from "./fixtures.ts";
import { acting, incident, initialIncidentState, isOpen, toIncident } from "./incident.ts";
import type { Happened, IncidentCommand, IncidentState } from "./types.ts";

const { DOWN, DEGRADED, HEALTHY } = Verdict;
const slot = (n: number): number => T0 + n * EVERY_MS;
const repairing = aSpec({ repair: aRepairPolicy(), owner: "ops" });

type Opening = Extract<IncidentCommand, { type: "Open" }>;

const opening = (spec: MonitorSpec = repairing): Opening => ({
  type: "Open",
  incidentId: 7,
  monitorId: "mon_1",
  spec,
  verdict: DOWN,
  startedAtMs: slot(1),
  lastHealthyAtMs: slot(0),
  result: aRound(slot(2), DOWN, "connect_refused"),
  failedRounds: 2,
  repairsAtMs: [],
  repairsThisHour: 0,
  atMs: slot(2) + 10,
});

const reopening = (
  n: number,
  change: { readonly flapping?: boolean; readonly spec?: MonitorSpec } = {},
): IncidentCommand => ({
  type: "Reopen",
  spec: change.spec ?? repairing,
  verdict: DOWN,
  startedAtMs: slot(n),
  flapping: change.flapping ?? false,
  result: aRound(slot(n + 1), DOWN, "connect_refused"),
  repairsAtMs: [],
  repairsThisHour: 0,
  atMs: slot(n + 1) + 10,
});

const started: IncidentCommand = { type: "StartRepair", attempt: 1, executor: "e1", atMs: slot(2) + 20 };
const finished = (answered: boolean, reason = ""): IncidentCommand => ({
  type: "FinishRepair",
  attempt: 1,
  answered,
  reason,
  params: {},
  tookMs: 900,
  atMs: slot(2) + 1000,
});
const recover = (n: number): IncidentCommand => ({ type: "Recover", slotMs: slot(n), atMs: slot(n) + 10 });
const stillFailing = (n: number): IncidentCommand => ({
  type: "NoteStillFailing",
  result: aRound(slot(n), DOWN, "connect_refused"),
  atMs: slot(n) + 10,
});
const lost: IncidentCommand = { type: "LoseRepair", attempt: 1, atMs: slot(2) + 500 };
const byHand = (n: number): IncidentCommand => ({
  type: "Resolve",
  actor: "ana",
  resolution: Resolution.MANUAL,
  atMs: slot(n),
});

interface Told {
  readonly state: IncidentState;
  readonly events: readonly Happened[];
  /** Events of the last command only. */
  readonly last: readonly Happened[];
}

function tell(...commands: readonly IncidentCommand[]): Told {
  let state = initialIncidentState;
  const events: Happened[] = [];
  let last: readonly Happened[] = [];
  for (const command of commands) {
    last = incident.decide(command, state);
    events.push(...last);
    state = last.reduce((folded, event) => incident.evolve(folded, event), state);
  }
  return { state, events, last };
}

const kinds = (events: readonly Happened[]): readonly string[] => events.map(({ event }) => event.event?.$case ?? "");
const valueOf = (events: readonly Happened[], kind: string): unknown =>
  events.find(({ event }) => event.event?.$case === kind)?.event.event?.value;

describe("the whole story", () => {
  test("open, repair, verify, resolve is one auto-fix", () => {
    const { state, events } = tell(opening(), started, finished(true), recover(3));
    expect(kinds(events)).toEqual([
      "opened",
      "diagnosed",
      "repairRequested",
      "repairStarted",
      "repairSucceeded",
      "resolved",
    ]);
    expect(state).toMatchObject({
      id: 7,
      verdict: DOWN,
      resolution: Resolution.AUTO_FIX,
      startedAtMs: slot(1),
      detectedAtMs: slot(2) + 10,
      downtimeMs: slot(3) - slot(1),
      endpointsFailing: 1,
      endpointsTotal: 1,
      version: 6,
    });
    expect(state.repairs).toMatchObject([
      { attempt: 1, state: "succeeded", startedAtMs: slot(2) + 20, finishedAtMs: slot(2) + 1000 },
    ]);
    expect(valueOf(events, "resolved")).toMatchObject({ verifiedBySlotMs: slot(3), actor: "" });
    expect(isOpen(state)).toBe(false);
  });

  test("without a repair it has recovered by itself, and what to do was said at once", () => {
    const { state, events } = tell(opening(aSpec()), recover(4));
    expect(kinds(events)).toEqual(["opened", "diagnosed", "recommendationAdded", "resolved"]);
    expect(valueOf(events, "recommendationAdded")).toMatchObject({ code: "read_last_logs" });
    expect(state).toMatchObject({ resolution: Resolution.RECOVERED, downtimeMs: slot(4) - slot(1) });
  });

  test("a repair that is withheld is named with the advice that takes its place", () => {
    const observed = aSpec({ repair: aRepairPolicy({ mode: RepairMode.OBSERVE }) });
    const { state, events } = tell(opening(observed));
    expect(kinds(events)).toEqual(["opened", "diagnosed", "repairWithheld", "recommendationAdded"]);
    expect(valueOf(events, "repairWithheld")).toMatchObject({ reason: "observe" });
    expect(state.repairs).toEqual([]);
  });

  test("only what fails is kept as evidence", () => {
    const result = aRound(slot(2), DEGRADED, "connect_refused", {
      endpoints: [anEndpoint(HEALTHY), anEndpoint(DOWN, "connect_refused")],
    });
    const { state } = tell({ ...opening(), result, verdict: DEGRADED });
    expect(state).toMatchObject({ endpointsFailing: 1, endpointsTotal: 2 });
  });
});

describe("while a repair runs", () => {
  test("a healthy round closes nothing: the report of the repair comes first", () => {
    const { state, last } = tell(opening(), started, recover(3));
    expect(last).toEqual([]);
    expect(isOpen(state)).toBe(true);
    expect(tell(opening(), started, recover(3), finished(true), recover(4)).state.resolution).toBe(Resolution.AUTO_FIX);
  });

  test("one that was only asked for is not waited for, and cannot begin afterwards", () => {
    const told = tell(opening(), recover(3));
    expect(told.state.resolution).toBe(Resolution.RECOVERED);
    expect(() => incident.decide(started, told.state)).toThrow(expect.objectContaining({ code: "incident_closed" }));
  });

  test("it begins once", () => {
    const { state } = tell(opening(), started);
    expect(() => incident.decide(started, state)).toThrow(expect.objectContaining({ code: "repair_already_started" }));
    const unknown: IncidentCommand = { type: "StartRepair", attempt: 9, executor: "e1", atMs: slot(2) };
    expect(() => incident.decide(unknown, state)).toThrow(expect.objectContaining({ code: "repair_already_started" }));
  });

  test("a second report of it changes nothing", () => {
    expect(tell(opening(), started, finished(true), finished(false, "timeout_in_connect")).last).toEqual([]);
    expect(tell(opening(), finished(true)).last).toEqual([]);
  });

  test("a person may close the incident, and the report is still recorded", () => {
    const { state, last } = tell(opening(), started, byHand(3), finished(false, "connect_refused"));
    expect(kinds(last)).toEqual(["repairFailed"]);
    expect(state).toMatchObject({ resolution: Resolution.MANUAL, repairs: [{ state: "failed" }] });
  });
});

describe("a repair that does not help", () => {
  test("is told with its reason and the next advice", () => {
    const { state, last } = tell(opening(), started, finished(false, "timeout_in_first_byte"));
    expect(kinds(last)).toEqual(["repairFailed", "recommendationAdded"]);
    expect(valueOf(last, "repairFailed")).toMatchObject({ reason: "timeout_in_first_byte", attempt: 1, tookMs: 900 });
    expect(state.repairs).toMatchObject([{ state: "failed", reason: "timeout_in_first_byte" }]);
    expect(acting(state)).toBe("owner");
  });

  test("answered, but the check after it failed: not verified, once", () => {
    const { state, last } = tell(opening(), started, finished(true), stillFailing(3));
    expect(kinds(last)).toEqual(["repairFailed", "recommendationAdded"]);
    expect(valueOf(last, "repairFailed")).toMatchObject({ reason: "not_verified" });
    expect(tell(opening(), started, finished(true), stillFailing(3), stillFailing(4)).last).toEqual([]);
    expect(state.repairs[0]?.state).toBe("failed");
    expect(tell(opening(), started, finished(true), stillFailing(3), recover(4)).state.resolution).toBe(
      Resolution.RECOVERED,
    );
  });

  test("a round that began before it ended proves nothing against it", () => {
    expect(tell(opening(), started, finished(true), stillFailing(2)).last).toEqual([]);
  });

  test("a changed verdict after it says the same", () => {
    const changed: IncidentCommand = {
      type: "ChangeVerdict",
      spec: repairing,
      verdict: DEGRADED,
      result: aRound(slot(3), DEGRADED, "slow"),
      atMs: slot(3) + 10,
    };
    const { state, last } = tell(opening(), started, finished(true), changed);
    expect(kinds(last)).toEqual(["repairFailed", "recommendationAdded", "verdictChanged", "diagnosed"]);
    expect(state).toMatchObject({ verdict: DEGRADED, diagnosis: { issue: "slow" } });
    expect(tell(opening(), byHand(3), changed).last).toEqual([]);
  });
});

describe("a repair nobody reported on", () => {
  test("is settled by the next check: well means it helped", () => {
    const { state, events } = tell(opening(), started, lost, recover(3));
    expect(kinds(events).slice(-3)).toEqual(["repairOutcomeUnknown", "repairSucceeded", "resolved"]);
    expect(valueOf(events, "repairSucceeded")).toMatchObject({ settledByCheck: true });
    expect(state).toMatchObject({ resolution: Resolution.AUTO_FIX, repairs: [{ state: "succeeded" }] });
  });

  test("failing while it may still take effect says nothing", () => {
    const { state, last } = tell(opening(), started, lost, stillFailing(3));
    expect(last).toEqual([]);
    expect(state.repairs[0]?.state).toBe("unknown");
  });

  test("failing after its deadline means it did not help", () => {
    const { state, last } = tell(opening(), started, lost, stillFailing(100));
    expect(valueOf(last, "repairFailed")).toMatchObject({ reason: "outcome_unknown" });
    expect(state.repairs[0]?.state).toBe("failed");
  });

  test("and a late report of its own is still taken", () => {
    expect(kinds(tell(opening(), started, lost, finished(true)).last)).toEqual(["repairSucceeded"]);
  });

  test("can be lost only while it runs", () => {
    expect(tell(opening(), lost).last).toEqual([]);
    expect(tell(opening(), started, finished(true), lost).last).toEqual([]);
  });
});

describe("coming back", () => {
  test("goes on with the same incident, its repairs numbered on and its downtime added up", () => {
    const { state, events } = tell(opening(), started, finished(true), recover(3), reopening(5), recover(8));
    expect(kinds(events).filter((kind) => kind === "repairRequested")).toHaveLength(2);
    expect(state.repairs.map((repair) => repair.attempt)).toEqual([1, 2]);
    expect(state).toMatchObject({
      id: 7,
      reopened: 1,
      startedAtMs: slot(5),
      downtimeMs: slot(3) - slot(1) + slot(8) - slot(5),
      resolution: Resolution.RECOVERED,
    });
  });

  test("an auto-fix of the run before is no auto-fix of this one", () => {
    const spec = aSpec();
    const { state } = tell(opening(), started, finished(true), recover(3), reopening(5, { spec }), recover(8));
    expect(state.resolution).toBe(Resolution.RECOVERED);
  });

  test("asks for a new acknowledgement", () => {
    const acknowledged = { type: "Acknowledge", actor: "ana", atMs: slot(2) + 50 } as const;
    expect(tell(opening(), acknowledged).state).toMatchObject({
      acknowledgedBy: "ana",
      acknowledgedAtMs: slot(2) + 50,
    });
    expect(tell(opening(), acknowledged, recover(3), reopening(5)).state).toMatchObject({
      acknowledgedBy: "",
      acknowledgedAtMs: 0,
    });
  });

  test("too often is flapping, and says how many healthy rounds it takes now", () => {
    const { state, last } = tell(opening(aSpec()), recover(3), reopening(5, { flapping: true }));
    expect(valueOf(last, "flappingStarted")).toEqual({ reopened: 1, healthyRoundsNeeded: 5 });
    expect(state.flapping).toBe(true);
  });

  test("is nothing while it is open, and so is opening twice", () => {
    expect(tell(opening(), reopening(5)).last).toEqual([]);
    expect(tell(reopening(5)).last).toEqual([]);
    expect(tell(opening(), opening()).last).toEqual([]);
  });
});

describe("what people do", () => {
  test("acknowledging counts once, and not after the end", () => {
    const acknowledge = (actor: string): IncidentCommand => ({ type: "Acknowledge", actor, atMs: slot(3) });
    expect(tell(opening(), acknowledge("ana"), acknowledge("bob")).last).toEqual([]);
    const { state } = tell(opening(), recover(3));
    for (const command of [acknowledge("ana"), byHand(4)]) {
      expect(() => incident.decide(command, state)).toThrow(
        expect.objectContaining({ code: "incident_closed", params: { incident: "7" } }),
      );
    }
    expect(() => incident.decide(acknowledge("ana"), initialIncidentState)).toThrow(
      expect.objectContaining({ code: "incident_closed" }),
    );
  });

  test("closing by hand counts the downtime up to then, and a check later changes nothing", () => {
    const { state } = tell(opening(), byHand(3), recover(5));
    expect(state).toMatchObject({
      resolution: Resolution.MANUAL,
      downtimeMs: slot(3) - slot(1),
      resolvedAtMs: slot(3),
    });
  });

  test("a comment is trimmed, may come after the end, and is never empty or endless", () => {
    const comment = (text: string): IncidentCommand => ({ type: "Comment", actor: "ana", text, atMs: slot(9) });
    expect(valueOf(tell(opening(), recover(3), comment("  it was the disk \n")).last, "commentAdded")).toEqual({
      actor: "ana",
      text: "it was the disk",
    });
    for (const text of ["", " \n ", "x".repeat(4001)]) {
      expect(() => incident.decide(comment(text), tell(opening()).state)).toThrow(
        expect.objectContaining({ code: "comment_invalid" }),
      );
    }
    expect(tell(opening(), comment("x".repeat(4000))).last).toHaveLength(1);
  });
});

describe("who acts", () => {
  test("Sentinel while a repair is under way or being verified, then the owner, then nobody", () => {
    expect(acting(tell(opening()).state)).toBe("sentinel");
    expect(acting(tell(opening(), started, finished(true)).state)).toBe("sentinel");
    expect(acting(tell(opening(), started, finished(false, "reset")).state)).toBe("owner");
    expect(acting(tell(opening(aSpec())).state)).toBe("nobody");
    expect(acting(tell(opening(aSpec()), { type: "Acknowledge", actor: "ana", atMs: slot(3) }).state)).toBe("owner");
  });

  test("and the incident goes over the wire with it", () => {
    const { state } = tell(opening());
    expect(toIncident(state)).toMatchObject({
      id: 7,
      acting: "sentinel",
      nature: Nature.TECHNICAL,
      diagnosis: { issue: "unreachable" },
    });
    expect(toIncident(initialIncidentState).diagnosis).toMatchObject({ issue: "failing", cause: "unknown_cause" });
  });
});

describe("any sequence of commands", () => {
  const at = fc.integer({ min: 2, max: 40 });
  const attempt = fc.integer({ min: 1, max: 3 });
  const command: fc.Arbitrary<IncidentCommand> = fc.oneof(
    fc.constant(opening()),
    at.map((n) => reopening(n)),
    at.map(recover),
    at.map(stillFailing),
    at.map(byHand),
    attempt.map((n): IncidentCommand => ({ type: "StartRepair", attempt: n, executor: "e", atMs: slot(9) })),
    fc.tuple(attempt, fc.boolean()).map(([n, answered]): IncidentCommand => ({
      type: "FinishRepair",
      attempt: n,
      answered,
      reason: answered ? "" : "reset",
      params: {},
      tookMs: 5,
      atMs: slot(9),
    })),
    attempt.map((n): IncidentCommand => ({ type: "LoseRepair", attempt: n, atMs: slot(9) })),
    fc.constant<IncidentCommand>({ type: "Acknowledge", actor: "ana", atMs: slot(9) }),
    fc.constant<IncidentCommand>({ type: "Comment", actor: "ana", text: "hm", atMs: slot(9) }),
  );

  /** What the sequence leaves behind; a refused command leaves nothing. */
  const eventsOf = (commands: readonly IncidentCommand[]): readonly Happened[] => {
    let state = initialIncidentState;
    const events: Happened[] = [];
    for (const each of [opening(), ...commands]) {
      try {
        const decided = incident.decide(each, state);
        events.push(...decided);
        state = decided.reduce((folded, event) => incident.evolve(folded, event), state);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(incident_closed|repair_already_started)$/) });
      }
    }
    return events;
  };

  test("closes once per opening, and starts each repair once", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        let open = false;
        const startedRepairs = new Set<number>();
        for (const { event } of eventsOf(commands)) {
          const happened = event.event;
          if (happened?.$case === "opened" || happened?.$case === "reopened") {
            expect(open).toBe(false);
            open = true;
          }
          if (happened?.$case === "resolved") {
            expect(open).toBe(true);
            open = false;
          }
          if (happened?.$case === "repairStarted") {
            expect(open).toBe(true);
            expect(startedRepairs.has(happened.value.attempt)).toBe(false);
            startedRepairs.add(happened.value.attempt);
          }
        }
      }),
    );
  });

  test("folds to the same state however it is split into batches and stored in between", () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 25 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (commands, sizes) => {
          const events = eventsOf(commands);
          const whole = events.reduce((state, event) => incident.evolve(state, event), initialIncidentState);
          let state = initialIncidentState;
          for (let from = 0; from < events.length;) {
            const to = from + (sizes.next().value ?? 1);
            state = events.slice(from, to).reduce((folded, event) => incident.evolve(folded, event), state);
            state = { ...state, ...structuredClone(state) };
            from = to;
          }
          expect(state).toEqual(whole);
          expect(state.version).toBe(events.length);
          const spans = events.flatMap(({ event }) =>
            event.event?.$case === "resolved" ? [event.event.value.downtimeMs] : [],
          );
          expect(state.downtimeMs).toBe(spans.reduce((sum, ms) => sum + ms, 0));
        },
      ),
    );
  });
});
