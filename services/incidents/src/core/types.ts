import type {
  Beat,
  CheckResult,
  Diagnosis,
  EndpointResult,
  IncidentEvent,
  MonitorSpec,
  MonitorStatus,
  Nature,
  RepairAction,
  RepairSummary,
  Resolution,
  Slo,
  Verdict,
} from "@sentinel/contracts";

/** What the fold remembers of a monitor: plain data, stored as JSON when more has changed than the check log tells. */
export interface MonitorState {
  readonly status: MonitorStatus;
  readonly sinceMs: number;
  /** Newest slot folded; an older result is kept in the check log and changes no state. */
  readonly lastSlotMs: number;
  readonly lastCheckedAtMs: number;
  readonly lastHealthyAtMs: number;
  readonly responseTimeMs: number;
  readonly reason: string;
  readonly failingRounds: number;
  /** Slot of the first failing round of the current run; 0 when none. */
  readonly firstFailureMs: number;
  readonly healthyRounds: number;
  /** The last 60 rounds, oldest first. */
  readonly beats: readonly Beat[];
  /** 0 when none is open. */
  readonly openIncidentId: number;
  /** The last closed incident, for reopening; 0 when none. */
  readonly lastIncidentId: number;
  readonly lastResolvedAtMs: number;
  readonly reopened: number;
  readonly flapping: boolean;
  /** Instants of repairs requested within the last hour. */
  readonly repairsAtMs: readonly number[];
  /** Failing rounds that came after newer ones, until it is decided whether they were an outage. */
  readonly late?: LateFailures | undefined;
  /** The monitor it depends on whose failure explains that of this one; absent when none does. */
  readonly suppressedBy?: string | undefined;
}

export interface LateFailures {
  /** The first and the last slot of them. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** When the last of them came. */
  readonly atMs: number;
}

/** What a round means for incidents. */
export type Signal =
  | { readonly type: "none" }
  /** The n-th failing round in a row: open one, or reopen the last when it closed a short while ago. */
  | {
      readonly type: "confirmed";
      readonly verdict: Verdict;
      readonly startedAtMs: number;
      readonly reopen: boolean;
      readonly flapping: boolean;
      /** Good rounds in a row that end it, where it is flapping. */
      readonly roundsNeeded: number;
      readonly result: CheckResult;
    }
  /** It goes up and down while an incident is open. */
  | { readonly type: "flapping_started"; readonly roundsNeeded: number }
  /** It fails steadily; where it works steadily it is `recovered`. */
  | { readonly type: "flapping_stopped"; readonly changes: number }
  | { readonly type: "verdict_changed"; readonly verdict: Verdict; readonly result: CheckResult }
  /** Enough healthy rounds in a row while an incident is open. */
  | { readonly type: "recovered"; readonly slotMs: number; readonly changes: number }
  /** A failing round while an incident is open: a repair that is being verified has failed. */
  | { readonly type: "still_failing"; readonly result: CheckResult };

/**
 * `core/detection.ts`. Pure: the state after the round, and what it means. Missed and unknown rounds change the strip only.
 * A quiet round, one within a maintenance window, may end an incident and means nothing else.
 */
export type Observe = (
  state: MonitorState,
  spec: MonitorSpec,
  result: CheckResult,
  quiet?: boolean,
) => { readonly state: MonitorState; readonly signal: Signal };

export type RepairState = "requested" | "running" | "succeeded" | "failed" | "unknown";

/** An incident as a fold of its events; plain data. */
export interface IncidentState {
  /** 0 before it is opened. */
  readonly id: number;
  readonly monitorId: string;
  readonly monitorName: string;
  readonly nature: Nature;
  readonly verdict: Verdict;
  readonly owner: string;
  readonly startedAtMs: number;
  readonly detectedAtMs: number;
  readonly resolvedAtMs: number;
  readonly resolution: Resolution;
  readonly diagnosis: Diagnosis | undefined;
  readonly acknowledgedBy: string;
  readonly acknowledgedAtMs: number;
  readonly repairs: readonly RepairSummary[];
  readonly reopened: number;
  readonly flapping: boolean;
  /** It was over when it was recorded. */
  readonly over?: boolean | undefined;
  readonly endpointsTotal: number;
  readonly endpointsFailing: number;
  readonly downtimeMs: number;
  readonly version: number;
  readonly changedAtMs: number;
}

/** An event with the instant it happened; the shell adds ids and trace context. */
export interface Happened {
  readonly event: IncidentEvent;
  readonly atMs: number;
}

/** What may be asked of an incident. `atMs` is always the instant of the command. */
export type IncidentCommand =
  | {
      readonly type: "Open";
      readonly incidentId: number;
      readonly monitorId: string;
      readonly spec: MonitorSpec;
      readonly verdict: Verdict;
      readonly startedAtMs: number;
      readonly lastHealthyAtMs: number;
      readonly result: CheckResult;
      readonly failedRounds: number;
      readonly repairsAtMs: readonly number[];
      /** Repairs of all monitors within the last hour, for the global cap. */
      readonly repairsThisHour: number;
      /** Good rounds in a row that end it, where it opens because it goes up and down; otherwise 0. */
      readonly flappingRounds?: number;
      readonly atMs: number;
    }
  /** An outage that was over before its rounds came. */
  | {
      readonly type: "RecordOver";
      readonly incidentId: number;
      readonly monitorId: string;
      readonly spec: MonitorSpec;
      readonly verdict: Verdict;
      readonly startedAtMs: number;
      readonly lastHealthyAtMs: number;
      /** The round that would have confirmed it. */
      readonly result: CheckResult;
      readonly failedRounds: number;
      /** The healthy round that would have closed it. */
      readonly endSlotMs: number;
      readonly atMs: number;
    }
  /** The error budget of an objective is used up too fast. */
  | {
      readonly type: "OpenBurn";
      readonly incidentId: number;
      readonly monitorId: string;
      readonly spec: MonitorSpec;
      readonly slo: Slo;
      readonly speed: "fast" | "slow";
      readonly burn: number;
      /** Per cent; undefined when not known. */
      readonly budgetLeft: number | undefined;
      readonly atMs: number;
    }
  | { readonly type: "EndBurn"; readonly atMs: number }
  | {
      readonly type: "Reopen";
      readonly spec: MonitorSpec;
      readonly verdict: Verdict;
      readonly startedAtMs: number;
      readonly flapping: boolean;
      readonly roundsNeeded?: number;
      readonly result: CheckResult;
      readonly repairsAtMs: readonly number[];
      readonly repairsThisHour: number;
      readonly atMs: number;
    }
  | {
      readonly type: "ChangeVerdict";
      readonly spec: MonitorSpec;
      readonly verdict: Verdict;
      readonly result: CheckResult;
      readonly atMs: number;
    }
  | { readonly type: "Recover"; readonly slotMs: number; readonly changes?: number; readonly atMs: number }
  | { readonly type: "StartFlapping"; readonly roundsNeeded: number; readonly atMs: number }
  | { readonly type: "StopFlapping"; readonly changes: number; readonly atMs: number }
  | { readonly type: "NoteStillFailing"; readonly result: CheckResult; readonly atMs: number }
  | { readonly type: "StartRepair"; readonly attempt: number; readonly executor: string; readonly atMs: number }
  | {
      readonly type: "FinishRepair";
      readonly attempt: number;
      /** The target answered as its monitor expects. */
      readonly answered: boolean;
      readonly reason: string;
      readonly params: Readonly<Record<string, string>>;
      readonly tookMs: number;
      readonly atMs: number;
    }
  /** The executor of a started repair is gone: settle by the next check. */
  | { readonly type: "LoseRepair"; readonly attempt: number; readonly atMs: number }
  | { readonly type: "Acknowledge"; readonly actor: string; readonly atMs: number }
  | { readonly type: "Comment"; readonly actor: string; readonly text: string; readonly atMs: number }
  | { readonly type: "Resolve"; readonly actor: string; readonly resolution: Resolution; readonly atMs: number }
  /** Facts from the notifier, recorded as they are. */
  | { readonly type: "Record"; readonly event: IncidentEvent; readonly atMs: number };

/** `core/diagnosis.ts`: the first matching row of the rule table. */
export type Diagnose = (facts: {
  readonly spec: MonitorSpec;
  readonly verdict: Verdict;
  readonly failing: readonly EndpointResult[];
  readonly endpointsTotal: number;
  readonly lastHealthyAtMs: number;
  readonly atMs: number;
}) => Diagnosis;

/** `core/repair-policy.ts`: whether to repair now, or why not. */
export type ChooseRepair = (facts: {
  readonly spec: MonitorSpec;
  readonly diagnosis: Diagnosis;
  readonly attempt: number;
  readonly repairUnderWay: boolean;
  readonly repairsAtMs: readonly number[];
  readonly repairsThisHour: number;
  readonly atMs: number;
}) =>
  | {
      readonly type: "repair";
      readonly action: RepairAction;
      readonly patienceMs: number;
      readonly deadlineMs: number;
      readonly usedThisHour: number;
    }
  | {
      readonly type: "withhold";
      readonly action: RepairAction;
      readonly reason: string;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly type: "nothing" };

/** `core/notification-policy.ts`: what people are told of an event; undefined when it is not worth a message. */
export type NotificationKind = "opened" | "repair_failed" | "resolved" | "reopened" | "flapping" | "test";
export type ChooseNotification = (
  before: IncidentState,
  happened: Happened,
  after: IncidentState,
) => NotificationKind | undefined;

/** One message to one channel, ready to send. `id` is stable across retries: event id and channel name. */
export interface Notification {
  readonly id: string;
  readonly channel: string;
  readonly kind: NotificationKind;
  /** Undefined for a test. */
  readonly incident: IncidentState | undefined;
  readonly atMs: number;
  /** Sends so far that may have arrived. */
  readonly attempt: number;
  readonly possibleDuplicate: boolean;
  /** Where a person reads on, such as "http://127.0.0.1:8300/incidents/12"; empty when unknown. */
  readonly link: string;
  readonly traceparent: string;
}

/** `notify/`: sends one message. Resolves when the receiver took it. @throws SentinelError `notify_failed` {channel, reason, retryable} */
export type Send = (notification: Notification, signal: AbortSignal) => Promise<void>;
