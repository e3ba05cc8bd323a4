import type { Beat, CheckResult, MaintenanceWindow, Monitor, Totals } from "@sentinel/contracts";
import type {
  AppendResult,
  ProjectionDefinition,
  ProjectionObserver,
  StoredEvent,
  StreamAppend,
} from "@sentinel/eventstore";
import type { Clock } from "@sentinel/service-kit";
import type { CheckSpan, CheckSummary } from "../checklog/summarize.ts";
import type { IncidentState, MonitorState } from "../core/types.ts";
import type { HeartbeatTable } from "./heartbeat-table.ts";
import type { KpiTable } from "./kpi-table.ts";

/** Everything the incidents service keeps. What one transaction changes is seen together, or not at all. */
export interface FoldStore {
  /** Never one inside another. A lost connection throws `database_*`. */
  transaction<T>(fn: (tx: FoldTx) => Promise<T>): Promise<T>;
  /** Makes room in the check log for these instants; cheap when there is room already. */
  prepareChecks(slotsMs: readonly number[]): Promise<void>;
  prune(before: Retention): Promise<void>;
  /** Keeps a read model up to date from the event log until the signal ends; see `runProjection`. */
  project(
    definition: ProjectionDefinition<FoldTx>,
    options: { readonly clock: Clock; readonly signal: AbortSignal; readonly pollMs: number },
    observer: ProjectionObserver,
  ): Promise<"ended" | "superseded">;
}

/** Of each class, what is older goes. */
export interface Retention {
  /** Rounds: whole days. */
  readonly checksMs: number;
  /** What was seen of failing rounds. */
  readonly evidenceMs: number;
  /** Sums of days: uptime and response times. */
  readonly summariesMs: number;
  /** Finished messages and requests. */
  readonly finishedMs: number;
  /** Hourly counts, which only the last day is read of. */
  readonly countsMs: number;
}

/** Lock order, the same for everybody: members, partitions in order, incidents by id, event heads, outbox. */
export interface FoldTx {
  readonly events: EventLog;
  readonly members: Members;
  readonly partitions: Partitions;
  readonly checks: CheckLog;
  readonly monitors: MonitorTable;
  readonly states: MonitorStates;
  readonly incidents: Incidents;
  readonly uptime: Uptime;
  readonly totals: TotalsTable;
  readonly outbox: Outbox;
  readonly claims: RepairClaims;
  readonly deadLetters: DeadLetters;
  readonly idempotency: Idempotency;
  readonly channels: ChannelStates;
  readonly kpis: KpiTable;
  readonly heartbeats: HeartbeatTable;
  readonly windows: Windows;
}

/** Maintenance windows, by name in order. */
export interface Windows {
  all(): Promise<readonly MaintenanceWindow[]>;
  /** @throws SentinelError `maintenance_name_taken` {name} */
  save(window: MaintenanceWindow): Promise<void>;
  delete(id: string): Promise<void>;
}

interface EventLog {
  /** @throws SentinelError `version_conflict`, `event_id_reused` */
  append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]>;
  read(stream: string): Promise<readonly StoredEvent[]>;
}

/** Who shares the work, as of now by the clock of the store. */
export interface Standing {
  /** Members that live, in order of their names. */
  readonly members: readonly string[];
  /** Who leads; empty when nobody does, or no longer. */
  readonly lead: string;
  /** Owner of each partition; empty where it is free, or its lease has run out. */
  readonly owners: readonly string[];
}

export interface Members {
  /** Enters this owner or renews it, and the lead with it where it is its own or free. `force` sends all others away. */
  beat(owner: string, ttlMs: number, force: boolean): Promise<void>;
  /** Locks nothing. */
  standing(): Promise<Standing>;
  /** Goes at once, and frees the lead. */
  leave(owner: string): Promise<void>;
}

/** Who may fold a partition, and how far it is folded. */
export interface Partition {
  readonly part: number;
  readonly owner: string;
  /** Grows by one each time the partition changes hands: the fence. */
  readonly epoch: number;
  /** Life of the check stream that `lastSeq` belongs to; empty at first. */
  readonly streamEpoch: string;
  readonly lastSeq: number;
  /** Fingerprint of the message at `lastSeq`; empty when not known. */
  readonly lastFingerprint: string;
  /** Grows with each new course of the check stream, within an epoch or with another one: places of different generations do not compare. */
  readonly generation: number;
  /** Grows when something other than the fold changed a monitor of the partition: remembered states are old then. */
  readonly revision: number;
}

/** How far the check stream of a partition is folded. */
export type StreamEnd = Pick<Partition, "part" | "streamEpoch" | "lastSeq" | "lastFingerprint">;

export interface Partitions {
  /**
   * Renews what this owner holds and takes what is free or expired of `wanted`, which is all of them unless given, or
   * all of `wanted` when `force`. Gives all it holds. Time is the store's own, so that clocks of processes need not agree.
   */
  hold(owner: string, ttlMs: number, force: boolean, wanted?: readonly number[]): Promise<readonly Partition[]>;
  /** Frees what this owner holds but those to keep. */
  release(owner: string, keep?: readonly number[]): Promise<void>;
  /** Locks the rows in order: whoever changes monitors of these partitions takes turns. */
  lock(parts: readonly number[]): Promise<readonly Partition[]>;
  advance(ends: readonly StreamEnd[]): Promise<void>;
  /**
   * Places of these partitions begin anew, in a generation beyond that of all of them, or in `generation`, which others
   * have reached before them. Gives the new places.
   */
  beginGeneration(
    parts: readonly number[],
    streamEpoch: string,
    generation?: number,
  ): Promise<readonly (StreamEnd & Pick<Partition, "generation">)[]>;
  /** Locks the rows in order and lets their revision grow. */
  revise(parts: readonly number[]): Promise<void>;
  all(): Promise<readonly Partition[]>;
}

export interface ChecksQuery {
  readonly monitorId: string;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly limit: number;
  readonly oldestFirst?: boolean;
}

export interface CheckLog {
  /**
   * Which of the rounds are new; the same (monitor, region, slot) is kept once. Their partitions must be locked: whoever
   * adds rounds of a monitor takes turns.
   * @param isNewer Whether a round is known to be later than all of its monitor and region; others are looked for.
   */
  insert(results: readonly CheckResult[], isNewer?: (result: CheckResult) => boolean): Promise<readonly boolean[]>;
  /** No round of any monitor is later; 0 when there is none. */
  newestSlotMs(): Promise<number>;
  /** Newest first unless told, with evidence where there is some; whether rounds are packed makes no difference but rounding. */
  list(query: ChecksQuery): Promise<readonly CheckResult[]>;
  /** The last rounds of each monitor, oldest first. */
  beats(monitorIds: readonly string[], count: number): Promise<ReadonlyMap<string, readonly Beat[]>>;
  /** As `beats`, with the instants at which the rounds were begun. */
  recent(monitorIds: readonly string[], count: number): Promise<ReadonlyMap<string, readonly RecentRound[]>>;
  /** Uptime and response times of a span; a first day of which only a part is wanted needs its rounds still kept. */
  summary(span: CheckSpan): Promise<CheckSummary>;
  /** Hours before `beforeMs` that have rounds to pack, oldest first. */
  unpackedHours(beforeMs: number): Promise<readonly number[]>;
  /** What is to be packed of an hour, in the order in which it came. */
  segments(hourMs: number): Promise<readonly HotSegment[]>;
  /**
   * Packs these rounds into the chunks of their hours, sums and counts included; those packed already are passed over, so
   * it may be repeated. Gives how many were packed. Until `forget` they are kept twice, which nobody who reads sees.
   */
  pack(hours: readonly HourToPack[]): Promise<number>;
  /** Ends segments of which every round is packed. */
  forget(hourMs: number, segments: readonly HotSegment[]): Promise<void>;
}

export interface RecentRound extends Beat {
  readonly startedAtMs: number;
}

/** Some rounds of one hour, as they were inserted. */
export interface HotSegment {
  readonly id: number;
  readonly rounds: number;
  /** Rounds that were in the hourly counts before they were packed. */
  readonly counted: boolean;
  /** The rounds of the monitors wanted. @throws RangeError when they are damaged */
  readonly results: (wanted: (monitorId: string) => boolean) => readonly CheckResult[];
}

export interface HourToPack {
  readonly monitorId: string;
  readonly region: string;
  /** Start of the hour. */
  readonly hourMs: number;
  /** How often the monitor is checked; 0 when that is not known. */
  readonly everyMs: number;
  readonly rounds: readonly RoundToPack[];
}

export interface RoundToPack {
  readonly result: CheckResult;
  /** It is in the hourly counts already. */
  readonly counted: boolean;
}

export interface MonitorTable {
  /** Those that live, by id. */
  load(ids: readonly string[]): Promise<readonly Monitor[]>;
  all(): Promise<readonly Monitor[]>;
  /** Those of these names. */
  named(names: readonly string[]): Promise<readonly Monitor[]>;
  /** @throws SentinelError `monitor_name_taken` {name} */
  save(monitor: Monitor): Promise<void>;
  delete(id: string, atMs: number): Promise<void>;
}

/**
 * States without their beats, which are in the check log, as they were last stored: of a healthy monitor the log knows
 * more. `loadStates` gives both together.
 */
export interface MonitorStates {
  load(ids: readonly string[]): Promise<ReadonlyMap<string, MonitorState>>;
  save(states: ReadonlyMap<string, MonitorState>): Promise<void>;
}

interface IncidentsQuery {
  readonly openOnly: boolean;
  /** Empty for all. */
  readonly monitorId: string;
  /** 0 for the newest. */
  readonly beforeId: number;
  readonly limit: number;
}

export interface Incidents {
  /** A number for people; gaps mean nothing. */
  nextId(): Promise<number>;
  /** Locks the rows in order. */
  lock(ids: readonly number[]): Promise<ReadonlyMap<number, IncidentState>>;
  find(id: number): Promise<IncidentState | undefined>;
  /** @throws SentinelError `incident_already_open` {monitor} when the monitor has another open one */
  save(states: readonly IncidentState[]): Promise<void>;
  /** Newest first. */
  list(query: IncidentsQuery): Promise<readonly IncidentState[]>;
}

/** Rounds of a monitor within an hour, by verdict. */
export interface UptimeCounts {
  readonly monitorId: string;
  /** Start of the hour. */
  readonly hourMs: number;
  readonly healthy: number;
  readonly degraded: number;
  readonly down: number;
  readonly unknown: number;
  readonly missed: number;
}

export interface Uptime {
  /** Of packed rounds and others alike. */
  since(hourMs: number): Promise<readonly UptimeCounts[]>;
}

export interface TotalsTable {
  add(deltas: ReadonlyMap<number, Pick<Totals, "checks" | "incidents" | "autoFixes">>): Promise<void>;
  sum(): Promise<Totals>;
}

export interface NewOutboxRow {
  readonly kind: "event" | "command" | "notification";
  /** Where an event or a command goes; for a notification what must stay in order, such as "ops/12". */
  readonly subject: string;
  /** Partition of the monitor it is about, whose owner publishes it. */
  readonly part: number;
  readonly payload: Uint8Array;
  /** Unique for ever: a row that is there already stays as it is. */
  readonly key: string;
  readonly atMs: number;
  readonly traceparent: string;
}

export interface OutboxRow extends NewOutboxRow {
  readonly id: number;
  /** Tries begun so far. */
  readonly attempts: number;
  /** An earlier try may have arrived. */
  readonly maybeSent: boolean;
}

/** When a row is due is told by the store's own clock: that of a process may have been set, and be set back. */
export interface Outbox {
  /** Due at once. */
  add(rows: readonly NewOutboxRow[]): Promise<void>;
  /** Events and commands of these partitions that are due to be published, oldest first. */
  due(limit: number, parts: readonly number[]): Promise<readonly OutboxRow[]>;
  /** Events are done with that; commands come again after `againInMs` unless their effect is claimed before. */
  published(ids: readonly number[], nowMs: number, againInMs: number): Promise<void>;
  /** Makes unfinished commands of these partitions due at once, for a broker that forgot them. */
  republish(parts: readonly number[]): Promise<void>;
  /** Ends rows by key: the effect is claimed, or it has none any more. */
  finish(keys: readonly string[], nowMs: number): Promise<void>;
  /** Ends all commands of a subject. */
  finishCommands(subject: string, nowMs: number): Promise<void>;
  /** Takes notifications that are due, oldest of each subject first, and records the attempt before it is made. */
  claimNotifications(claim: {
    readonly owner: string;
    /** After that a claim counts as abandoned even if its owner lives. */
    readonly ttlMs: number;
    readonly limit: number;
  }): Promise<readonly OutboxRow[]>;
  /** Frees what was claimed by others than these: they are gone, and what they sent may have arrived. */
  abandonOthers(owners: readonly string[]): Promise<void>;
  /** Puts a notification back for a later try. */
  retry(id: number, retry: { readonly inMs: number; readonly maybeSent: boolean }): Promise<void>;
  /** Commands with this subject prefix made since then. */
  countSince(prefix: string, sinceMs: number): Promise<number>;
  /** Rows not done yet, by kind. */
  pending(): Promise<Readonly<Record<NewOutboxRow["kind"], number>>>;
}

export interface RepairClaim {
  readonly incidentId: number;
  readonly attempt: number;
  readonly monitorId: string;
  readonly executor: string;
}

/** A repair that nobody has reported the end of. */
interface UnfinishedRepair extends RepairClaim {
  /** How long its deadline is over, by the store's own clock; negative before it. */
  readonly overdueMs: number;
}

export interface RepairClaims {
  /** False when somebody has it already. */
  claim(claim: RepairClaim & { readonly patienceMs: number }): Promise<boolean>;
  finish(claim: Pick<RepairClaim, "incidentId" | "attempt">, atMs: number, result: string): Promise<void>;
  unfinished(): Promise<readonly UnfinishedRepair[]>;
}

export interface DeadLetter {
  readonly source: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly reason: string;
  readonly atMs: number;
}

export interface StoredDeadLetter extends DeadLetter {
  readonly id: number;
}

export interface DeadLetters {
  add(letters: readonly DeadLetter[]): Promise<void>;
  /** Newest first; only those with a smaller id than `beforeId`, when one is given. */
  list(limit: number, beforeId?: number): Promise<readonly StoredDeadLetter[]>;
  find(id: number): Promise<StoredDeadLetter | undefined>;
  /** Forgets the letter and gives it; whoever takes the same one at the same time waits, and finds none. */
  take(id: number): Promise<StoredDeadLetter | undefined>;
}

export interface Idempotency {
  find(key: string): Promise<{ readonly requestHash: string; readonly response: string } | undefined>;
  save(
    key: string,
    entry: { readonly requestHash: string; readonly response: string; readonly atMs: number },
  ): Promise<void>;
}

export interface ChannelState {
  readonly name: string;
  readonly lastDeliveredAtMs: number;
  readonly lastError: string;
}

export interface ChannelStates {
  delivered(name: string, atMs: number): Promise<void>;
  failed(name: string, error: string): Promise<void>;
  all(): Promise<readonly ChannelState[]>;
}
