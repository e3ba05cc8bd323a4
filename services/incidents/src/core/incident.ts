import { SentinelError } from "@sentinel/contracts/errors";
import {
  type EndpointResult,
  type Incident,
  type IncidentEvent,
  Nature,
  type RepairSummary,
  Resolution,
  Severity,
  Verdict,
} from "@sentinel/contracts";
import type { Decider } from "@sentinel/eventstore";
import { endBurn, openBurn } from "./burn.ts";
import { diagnose } from "./diagnosis.ts";
import { FLAPPING_ROUNDS } from "./flapping.ts";
import { chooseRepair } from "./repair-policy.ts";
import type { Happened, IncidentCommand, IncidentState, RepairState } from "./types.ts";

const COMMENT_MAX = 4000;
const FLAPPING_FACTOR = 5;

export const initialIncidentState: IncidentState = {
  id: 0,
  monitorId: "",
  monitorName: "",
  nature: Nature.TECHNICAL,
  verdict: Verdict.UNKNOWN,
  owner: "",
  startedAtMs: 0,
  detectedAtMs: 0,
  resolvedAtMs: 0,
  resolution: Resolution.UNSPECIFIED,
  diagnosis: undefined,
  acknowledgedBy: "",
  acknowledgedAtMs: 0,
  repairs: [],
  reopened: 0,
  flapping: false,
  endpointsTotal: 0,
  endpointsFailing: 0,
  downtimeMs: 0,
  version: 0,
  changedAtMs: 0,
};

/** One outage, from its first failing round to its resolution. */
export const incident: Decider<IncidentCommand, Happened, IncidentState> = {
  initial: initialIncidentState,
  decide: (command, state) => decideEvents(command, state).map((event) => ({ event: { event }, atMs: command.atMs })),
  evolve,
};

type Case = NonNullable<IncidentEvent["event"]>;

function decideEvents(command: IncidentCommand, state: IncidentState): readonly Case[] {
  switch (command.type) {
    case "Open":
      return open(command, state);
    case "RecordOver":
      return recordOver(command, state);
    case "OpenBurn":
      return state.id > 0 ? [] : openBurn(command);
    case "EndBurn":
      return isOpen(state) ? [endBurn()] : [];
    case "Reopen":
      return reopen(command, state);
    case "ChangeVerdict":
      return changeVerdict(command, state);
    case "Recover":
      return recover(command, state);
    case "StartFlapping":
      return isOpen(state) && !state.flapping ? [flappingStarted(state.reopened, command.roundsNeeded)] : [];
    case "StopFlapping":
      return isOpen(state) && state.flapping ? [flappingStopped(command.changes)] : [];
    case "NoteStillFailing":
      return noteStillFailing(command.result, state);
    case "StartRepair":
      return startRepair(command, state);
    case "FinishRepair":
      return finishRepair(command, state);
    case "LoseRepair":
      return repairOf(state, command.attempt)?.state === "running"
        ? [{ $case: "repairOutcomeUnknown", value: { attempt: command.attempt } }]
        : [];
    case "Acknowledge":
      demandOpen(state);
      return state.acknowledgedAtMs > 0 ? [] : [{ $case: "acknowledged", value: { actor: command.actor } }];
    case "Comment":
      return comment(command.actor, command.text);
    case "Resolve":
      demandOpen(state);
      return [resolved(state, command.resolution, command.actor, command.atMs, 0)];
    case "Record":
      return command.event.event === undefined ? [] : [command.event.event];
  }
}

function open(command: Extract<IncidentCommand, { type: "Open" }>, state: IncidentState): readonly Case[] {
  if (state.id > 0) return [];
  const rounds = command.flappingRounds ?? 0;
  const flapping = rounds > 0 ? [flappingStarted(0, rounds)] : [];
  return [opened(command, false), ...flapping, ...diagnoseAndRepair(command, 1, false)];
}

/** All of it at once: nothing is left to repair, and telling people of it now would be an alarm about nothing. */
function recordOver(command: Extract<IncidentCommand, { type: "RecordOver" }>, state: IncidentState): readonly Case[] {
  if (state.id > 0) return [];
  const { startedAtMs, endSlotMs, result } = command;
  const diagnosis = diagnose({
    ...command,
    failing: failingOf(result.endpoints),
    endpointsTotal: result.endpoints.length,
    atMs: endSlotMs,
  });
  return [
    opened(command, true),
    { $case: "diagnosed", value: { diagnosis } },
    {
      $case: "resolved",
      value: {
        resolution: Resolution.RECOVERED,
        actor: "",
        downtimeMs: Math.max(0, endSlotMs - startedAtMs),
        verifiedBySlotMs: endSlotMs,
      },
    },
  ];
}

function opened(command: Extract<IncidentCommand, { type: "Open" | "RecordOver" }>, over: boolean): Case {
  const { spec, result } = command;
  return {
    $case: "opened",
    value: {
      incidentId: command.incidentId,
      monitorId: command.monitorId,
      monitorName: spec.name,
      nature: spec.nature,
      verdict: command.verdict,
      startedAtMs: command.startedAtMs,
      lastHealthyAtMs: command.lastHealthyAtMs,
      endpoints: failingOf(result.endpoints),
      endpointsTotal: result.endpoints.length,
      prober: result.prober,
      region: result.region,
      owner: spec.owner,
      failedRounds: command.failedRounds,
      over,
    },
  };
}

function reopen(command: Extract<IncidentCommand, { type: "Reopen" }>, state: IncidentState): readonly Case[] {
  if (state.id === 0 || isOpen(state)) return [];
  const times = state.reopened + 1;
  const reopened: Case = {
    $case: "reopened",
    value: {
      verdict: command.verdict,
      endpoints: failingOf(command.result.endpoints),
      startedAtMs: command.startedAtMs,
      times,
    },
  };
  const flapping: readonly Case[] = command.flapping
    ? [flappingStarted(times, command.roundsNeeded ?? Math.max(1, command.spec.successesToResolve) * FLAPPING_FACTOR)]
    : [];
  const facts = { ...command, lastHealthyAtMs: state.resolvedAtMs };
  return [reopened, ...flapping, ...diagnoseAndRepair(facts, state.repairs.length + 1, underWay(state))];
}

const flappingStarted = (reopened: number, healthyRoundsNeeded: number): Case => ({
  $case: "flappingStarted",
  value: { reopened, healthyRoundsNeeded },
});

const flappingStopped = (changes: number): Case => ({
  $case: "flappingStopped",
  value: { rounds: FLAPPING_ROUNDS, changes },
});

interface Confirmed {
  readonly spec: Extract<IncidentCommand, { type: "Open" }>["spec"];
  readonly verdict: Verdict;
  readonly result: { readonly endpoints: readonly EndpointResult[] };
  readonly lastHealthyAtMs: number;
  readonly repairsAtMs: readonly number[];
  readonly repairsThisHour: number;
  readonly atMs: number;
}

function diagnoseAndRepair(facts: Confirmed, attempt: number, repairUnderWay: boolean): readonly Case[] {
  const diagnosis = diagnose({
    spec: facts.spec,
    verdict: facts.verdict,
    failing: failingOf(facts.result.endpoints),
    endpointsTotal: facts.result.endpoints.length,
    lastHealthyAtMs: facts.lastHealthyAtMs,
    atMs: facts.atMs,
  });
  const diagnosed: Case = { $case: "diagnosed", value: { diagnosis } };
  const choice = chooseRepair({ ...facts, diagnosis, attempt, repairUnderWay });
  const advice = recommendation(diagnosis.recommendations[0], diagnosis.params);
  switch (choice.type) {
    case "nothing":
      return [diagnosed, ...advice];
    case "withhold": {
      const { action, reason, params } = choice;
      return [diagnosed, { $case: "repairWithheld", value: { action, reason, params: { ...params } } }, ...advice];
    }
    case "repair": {
      const { action, patienceMs, deadlineMs, usedThisHour } = choice;
      const hourlyCap = facts.spec.repair?.hourlyCap ?? 0;
      return [
        diagnosed,
        { $case: "repairRequested", value: { action, attempt, patienceMs, deadlineMs, usedThisHour, hourlyCap } },
      ];
    }
  }
}

function changeVerdict(
  command: Extract<IncidentCommand, { type: "ChangeVerdict" }>,
  state: IncidentState,
): readonly Case[] {
  if (!isOpen(state)) return [];
  const endpoints = failingOf(command.result.endpoints);
  const diagnosis = diagnose({
    spec: command.spec,
    verdict: command.verdict,
    failing: endpoints,
    endpointsTotal: command.result.endpoints.length,
    // Checked all along since it opened, so there was no quiet time to fall asleep in.
    lastHealthyAtMs: 0,
    atMs: command.atMs,
  });
  return [
    ...notVerified(state, command.result.startedAtMs),
    { $case: "verdictChanged", value: { verdict: command.verdict, endpoints } },
    { $case: "diagnosed", value: { diagnosis } },
  ];
}

/** A healthy round closes the incident, but while a repair runs its own report comes first. */
function recover(command: Extract<IncidentCommand, { type: "Recover" }>, state: IncidentState): readonly Case[] {
  if (!isOpen(state)) return [];
  const steady = state.flapping ? [flappingStopped(command.changes ?? 0)] : [];
  const close = (resolution: Resolution): readonly Case[] => [
    ...steady,
    resolved(state, resolution, "", command.atMs, command.slotMs),
  ];
  const repair = state.repairs.at(-1);
  switch (repairStateOf(repair)) {
    case "running":
      return [];
    case "succeeded":
      return close(repairIsOfThisRun(state, repair) ? Resolution.AUTO_FIX : Resolution.RECOVERED);
    case "unknown": {
      const attempt = repair?.attempt ?? 0;
      const tookMs = command.atMs - (repair?.startedAtMs ?? command.atMs);
      return [
        { $case: "repairSucceeded", value: { attempt, tookMs, params: {}, settledByCheck: true } },
        ...close(Resolution.AUTO_FIX),
      ];
    }
    default:
      return close(Resolution.RECOVERED);
  }
}

function noteStillFailing(result: { readonly startedAtMs: number }, state: IncidentState): readonly Case[] {
  return isOpen(state) ? notVerified(state, result.startedAtMs) : [];
}

/** A failing round that began after the repair ended says that it did not help. */
function notVerified(state: IncidentState, startedAtMs: number): readonly Case[] {
  const repair = state.repairs.at(-1);
  if (repair === undefined || !repairIsOfThisRun(state, repair)) return [];
  const settled = repairStateOf(repair);
  const helpless =
    (settled === "succeeded" && startedAtMs > repair.finishedAtMs) ||
    // What was asked for may still be on its way until the repair's own deadline.
    (settled === "unknown" && startedAtMs > Math.max(repair.finishedAtMs, repair.deadlineMs));
  if (!helpless) return [];
  return [
    {
      $case: "repairFailed",
      value: {
        attempt: repair.attempt,
        reason: settled === "unknown" ? "outcome_unknown" : "not_verified",
        tookMs: Math.max(0, startedAtMs - (repair.startedAtMs || repair.requestedAtMs)),
        params: {},
      },
    },
    ...nextRecommendation(state),
  ];
}

function startRepair(
  command: Extract<IncidentCommand, { type: "StartRepair" }>,
  state: IncidentState,
): readonly Case[] {
  demandOpen(state);
  if (repairOf(state, command.attempt)?.state !== "requested") {
    throw new SentinelError("repair_already_started", { incident: String(state.id), attempt: String(command.attempt) });
  }
  return [{ $case: "repairStarted", value: { attempt: command.attempt, executor: command.executor } }];
}

function finishRepair(
  command: Extract<IncidentCommand, { type: "FinishRepair" }>,
  state: IncidentState,
): readonly Case[] {
  const { attempt, tookMs, reason } = command;
  const repair = repairOf(state, attempt);
  if (repair === undefined || !["running", "unknown"].includes(repair.state)) return [];
  const params = { ...command.params };
  if (command.answered)
    return [{ $case: "repairSucceeded", value: { attempt, tookMs, params, settledByCheck: false } }];
  const failed: Case = { $case: "repairFailed", value: { attempt, reason, tookMs, params } };
  return isOpen(state) ? [failed, ...nextRecommendation(state)] : [failed];
}

function comment(actor: string, text: string): readonly Case[] {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > COMMENT_MAX) {
    throw new SentinelError("comment_invalid", { length: String(trimmed.length), max: String(COMMENT_MAX) });
  }
  return [{ $case: "commentAdded", value: { actor, text: trimmed } }];
}

function resolved(state: IncidentState, resolution: Resolution, actor: string, atMs: number, slotMs: number): Case {
  // The time of an objective that burns is that of outages, which count it themselves.
  const ofOutage = state.nature !== Nature.SLO;
  const downtimeMs = ofOutage ? Math.max(0, (slotMs > 0 ? slotMs : atMs) - state.startedAtMs) : 0;
  return { $case: "resolved", value: { resolution, actor, downtimeMs, verifiedBySlotMs: slotMs } };
}

function nextRecommendation(state: IncidentState): readonly Case[] {
  const all = state.diagnosis?.recommendations ?? [];
  return recommendation(all[Math.min(state.repairs.length - 1, all.length - 1)], state.diagnosis?.params ?? {});
}

function recommendation(code: string | undefined, params: Readonly<Record<string, string>>): readonly Case[] {
  return code === undefined ? [] : [{ $case: "recommendationAdded", value: { code, params: { ...params } } }];
}

const failingOf = (endpoints: readonly EndpointResult[]): EndpointResult[] =>
  endpoints.filter((each) => each.verdict !== Verdict.HEALTHY && each.verdict !== Verdict.UNKNOWN);

export const isOpen = (state: IncidentState): boolean => state.id > 0 && state.resolvedAtMs === 0;

function demandOpen(state: IncidentState): void {
  if (!isOpen(state)) throw new SentinelError("incident_closed", { incident: String(state.id) });
}

const repairOf = (state: IncidentState, attempt: number): RepairSummary | undefined =>
  state.repairs.find((each) => each.attempt === attempt);

const repairStateOf = (repair: RepairSummary | undefined): string => repair?.state ?? "none";

/** A repair of an earlier run of a reopened incident has nothing to do with this recovery. */
const repairIsOfThisRun = (state: IncidentState, repair: RepairSummary | undefined): boolean =>
  repair !== undefined && repair.requestedAtMs >= state.startedAtMs;

const underWay = (state: IncidentState): boolean =>
  ["requested", "running"].includes(repairStateOf(state.repairs.at(-1)));

function evolve(state: IncidentState, { event: { event }, atMs }: Happened): IncidentState {
  const next = { ...state, version: state.version + 1, changedAtMs: atMs };
  if (event === undefined) return next;
  switch (event.$case) {
    case "opened":
      return {
        ...next,
        id: event.value.incidentId,
        monitorId: event.value.monitorId,
        monitorName: event.value.monitorName,
        nature: event.value.nature,
        verdict: event.value.verdict,
        owner: event.value.owner,
        startedAtMs: event.value.startedAtMs,
        detectedAtMs: atMs,
        ...(event.value.over ? { over: true } : {}),
        endpointsTotal: event.value.endpointsTotal,
        endpointsFailing: event.value.endpoints.length,
      };
    case "diagnosed":
      return { ...next, diagnosis: event.value.diagnosis };
    case "verdictChanged":
      return { ...next, verdict: event.value.verdict, endpointsFailing: event.value.endpoints.length };
    case "reopened":
      return {
        ...next,
        verdict: event.value.verdict,
        startedAtMs: event.value.startedAtMs,
        detectedAtMs: atMs,
        endpointsFailing: event.value.endpoints.length,
        resolvedAtMs: 0,
        resolution: Resolution.UNSPECIFIED,
        acknowledgedAtMs: 0,
        acknowledgedBy: "",
        reopened: event.value.times,
      };
    case "flappingStarted":
      return { ...next, flapping: true };
    case "flappingStopped":
      return { ...next, flapping: false };
    case "repairRequested":
      return { ...next, repairs: [...state.repairs, requestedRepair(event.value, atMs)] };
    case "repairStarted":
      return withRepair(next, event.value.attempt, { state: "running", startedAtMs: atMs });
    case "repairSucceeded":
      return withRepair(next, event.value.attempt, { state: "succeeded", finishedAtMs: atMs });
    case "repairFailed":
      return withRepair(next, event.value.attempt, { state: "failed", finishedAtMs: atMs, reason: event.value.reason });
    case "repairOutcomeUnknown":
      return withRepair(next, event.value.attempt, { state: "unknown", finishedAtMs: atMs });
    case "acknowledged":
      return { ...next, acknowledgedBy: event.value.actor, acknowledgedAtMs: atMs };
    case "resolved":
      return {
        ...next,
        resolvedAtMs: atMs,
        resolution: event.value.resolution,
        downtimeMs: state.downtimeMs + event.value.downtimeMs,
      };
    case "repairWithheld":
    case "recommendationAdded":
    case "notificationDelivered":
    case "notificationFailed":
    case "commentAdded":
      return next;
  }
}

function requestedRepair(value: Extract<Case, { $case: "repairRequested" }>["value"], atMs: number): RepairSummary {
  return {
    action: value.action,
    attempt: value.attempt,
    state: "requested" satisfies RepairState,
    requestedAtMs: atMs,
    startedAtMs: 0,
    deadlineMs: value.deadlineMs,
    finishedAtMs: 0,
    reason: "",
  };
}

function withRepair(
  state: IncidentState,
  attempt: number,
  change: Partial<Omit<RepairSummary, "state">> & { readonly state: RepairState },
): IncidentState {
  return {
    ...state,
    repairs: state.repairs.map((each) => (each.attempt === attempt ? { ...each, ...change } : each)),
  };
}

/** Who acts now: Sentinel while a repair is under way or being verified, else the owner, else nobody. */
export function acting(state: IncidentState): "sentinel" | "owner" | "nobody" {
  const busy = ["requested", "running", "succeeded", "unknown"].includes(repairStateOf(state.repairs.at(-1)));
  if (isOpen(state) && busy && repairIsOfThisRun(state, state.repairs.at(-1))) return "sentinel";
  return state.owner !== "" || state.acknowledgedBy !== "" ? "owner" : "nobody";
}

/** The incident as it goes over the wire. */
export function toIncident(state: IncidentState): Incident {
  return {
    ...state,
    diagnosis: state.diagnosis ?? emptyDiagnosis,
    repairs: [...state.repairs],
    acting: acting(state),
  };
}

const emptyDiagnosis = {
  rule: "",
  issue: "failing",
  cause: "unknown_cause",
  severity: Severity.HIGH,
  recommendations: [],
  params: {},
};
