import {
  CheckResult,
  type MonitorSpec,
  MonitorStatus,
  partitionInSubject,
  partitionOf,
  PARTITIONS,
  Resolution,
  type Totals,
  Verdict,
} from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { fingerprintOf, type Message } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { countRounds } from "./checklog/count-rounds.ts";
import { type Parent, suppressed, suppressorOf } from "./core/dependencies.ts";
import { initialMonitorState, observe } from "./core/detection.ts";
import { initialIncidentState } from "./core/incident.ts";
import { inTime } from "./core/in-time.ts";
import { lateToJudge, noteLate } from "./core/late-outages.ts";
import { isQuiet } from "./core/quiet-rounds.ts";
import type { IncidentState, MonitorState, Signal } from "./core/types.ts";
import {
  type ChannelsOf,
  CHECK_KEYS,
  type CommittedChanges,
  createIncidentChanges,
  type IncidentChanges,
} from "./incident-changes.ts";
import type { MaintenanceBook } from "./maintenance-book.ts";
import type { Known, PartitionCache } from "./partition-cache.ts";
import { recordLate } from "./record-late.ts";
import type { DeadLetter, FoldStore, FoldTx, Partition, StreamEnd, UptimeCounts } from "./store/port.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OLDEST_MS = 31 * DAY_MS;
/** Rounds of one second for as long as results are taken. */
const MOST_MISSED = OLDEST_MS / 1000;

export interface FoldDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly cache: PartitionCache;
  /** Lease epochs of the partitions held, by partition. */
  readonly epochs: ReadonlyMap<number, number>;
  readonly owner: string;
  readonly channelsOf: ChannelsOf;
  /** Maintenance windows; none when absent. */
  readonly windows?: MaintenanceBook;
}

/** What a committed batch changed. */
export interface Folded extends CommittedChanges {
  readonly states: ReadonlyMap<string, Known>;
  /** New rounds, with the evidence they came with. */
  readonly results: readonly CheckResult[];
  readonly uptime: readonly UptimeCounts[];
  readonly totals: Totals;
  /** Messages that could not be folded and were kept aside. */
  readonly deadLetters: number;
  readonly tookMs: number;
  readonly ends: readonly FoldedEnd[];
}

/** How far a partition has come, and what of it is safe since the last time. */
export interface FoldedEnd extends StreamEnd, Pick<Partition, "generation"> {
  /** Fingerprints of the messages folded, whether they were new or not. */
  readonly prints: readonly string[];
}

/**
 * Folds a batch of results in one transaction: check rows, incident events, monitor states, outbox and cursors. Only
 * rows that are new are folded, so a batch may come again, in part or in whole, and nothing happens twice.
 * @throws SentinelError `lease_lost` when another process owns one of the partitions by now
 */
export async function foldBatch(deps: FoldDeps, messages: readonly Message[]): Promise<Folded> {
  const { kit, store, cache } = deps;
  const nowMs = kit.clock.now();
  const fromMs = kit.clock.monotonic();
  const { results, letters } = decodeAll(messages, nowMs);
  await store.prepareChecks(results.map((result) => result.slotMs));
  const parts = [...new Set(messages.map((message) => cursorOf(message.subject)))];
  const span = kit.tracing.start("incidents.fold", {
    kind: "consumer",
    links: results.map((result) => result.traceparent).filter((each) => each !== ""),
    attributes: { "sentinel.batch_size": messages.length },
  });
  try {
    const { folded, partitions } = await store.transaction(async (tx) => {
      const locked = await tx.partitions.lock(parts);
      fence(deps, locked);
      const newest = await cache.newest(tx, locked);
      const covered = deps.windows?.touches(results.map(({ slotMs }) => slotMs)) === true;
      const early = covered ? await cache.load(tx, locked, idsOf(results), nowMs) : undefined;
      const { kept, seenAs } = inMaintenance(results, early, deps.windows);
      const flags = await tx.checks.insert(kept, newest.isNewer);
      const fresh = kept.filter((_, index) => flags[index] === true);
      // Also when this is rolled back: what is looked for in vain is found to be new.
      newest.note(fresh);
      const known = early ?? (await cache.load(tx, locked, idsOf(results), nowMs, fresh));
      const run = new BatchRun(deps, known, nowMs);
      await run.lockIncidents(tx, fresh);
      for (const result of fresh) await run.observe(tx, result, seenAs.get(result));
      const committed = await run.commit(tx);
      const ends = endsOf(messages, locked);
      // One statement each, sent together: a round trip costs more than what it carries.
      await Promise.all([...run.writes(tx), tx.deadLetters.add(letters), tx.partitions.advance(ends)]);
      const done = run.outcome(committed);
      kit.failpoint("fold.before-commit");
      return {
        folded: { ...done, results: fresh, uptime: countRounds(fresh), deadLetters: letters.length, ends },
        partitions: locked,
      };
    });
    kit.failpoint("fold.after-commit");
    cache.remember(partitions, folded.states);
    return { ...folded, tookMs: kit.clock.monotonic() - fromMs };
  } catch (thrown) {
    span.fail(thrown);
    throw thrown;
  } finally {
    span.end();
  }
}

const idsOf = (results: readonly CheckResult[]): readonly string[] => [
  ...new Set(results.map((result) => result.monitorId)),
];

/**
 * Rounds within a maintenance window are kept as such; what was seen is in their endpoints.
 * @returns with those that were changed, what they said
 */
function inMaintenance(
  results: readonly CheckResult[],
  known: ReadonlyMap<string, Known> | undefined,
  windows: MaintenanceBook | undefined,
): { readonly kept: readonly CheckResult[]; readonly seenAs: ReadonlyMap<CheckResult, CheckResult> } {
  const seenAs = new Map<CheckResult, CheckResult>();
  if (known === undefined || windows === undefined) return { kept: results, seenAs };
  const kept = results.map((result) => {
    const spec = known.get(result.monitorId)?.monitor.spec;
    if (spec === undefined || result.verdict === Verdict.MISSED) return result;
    if (windows.at(spec, result.slotMs) === undefined) return result;
    const changed = { ...result, verdict: Verdict.MAINTENANCE };
    seenAs.set(changed, result);
    return changed;
  });
  return { kept, seenAs };
}

export function fence({ owner, epochs }: FoldDeps, partitions: readonly Partition[]): void {
  for (const each of partitions) {
    if (each.owner !== owner || each.epoch !== epochs.get(each.part)) {
      throw new SentinelError("lease_lost", { part: String(each.part), owner: each.owner });
    }
  }
}

function decodeAll(
  messages: readonly Message[],
  nowMs: number,
): { readonly results: readonly CheckResult[]; readonly letters: readonly DeadLetter[] } {
  const results: CheckResult[] = [];
  const letters: DeadLetter[] = [];
  for (const { subject, data } of messages) {
    const reason = refusal(subject, data, nowMs, results);
    if (reason !== undefined) letters.push({ source: "checks", subject, payload: data, reason, atMs: nowMs });
  }
  return { results, letters };
}

/** Adds the result, or says why it cannot be folded. */
function refusal(subject: string, data: Uint8Array, nowMs: number, results: CheckResult[]): string | undefined {
  try {
    const result = CheckResult.decode(data);
    if (result.monitorId === "" || !isStorable(result)) return "not_a_check_result";
    if (partitionOf(result.monitorId) !== partitionInSubject(subject)) return "wrong_partition";
    if (result.slotMs > nowMs + DAY_MS || result.slotMs < nowMs - OLDEST_MS) return "slot_out_of_range";
    results.push(result);
    return undefined;
  } catch {
    return "not_a_check_result";
  }
}

/** Whether the columns can hold it: one value that they cannot would stop every batch it is in. */
function isStorable({ monitorId, region, reason, durationMs, missedSlots }: CheckResult): boolean {
  const texts = [monitorId, region, reason].every((text) => !text.includes("\u0000"));
  return texts && durationMs >= 0 && durationMs <= DAY_MS && missedSlots <= MOST_MISSED;
}

/** Whose cursor a message moves: its partition's; a subject that names none is let pass with the first. */
export function cursorOf(subject: string): number {
  const part = partitionInSubject(subject);
  return Number.isInteger(part) && part >= 0 && part < PARTITIONS ? part : 0;
}

function endsOf(messages: readonly Message[], locked: readonly Partition[]): Folded["ends"] {
  const generations = new Map(locked.map(({ part, generation }) => [part, generation]));
  const byPart = Map.groupBy(messages, (message) => cursorOf(message.subject));
  return [...byPart].flatMap(([part, ofPart]) => {
    const message = ofPart.at(-1);
    if (message === undefined) return [];
    const end = {
      part,
      streamEpoch: message.epoch,
      lastSeq: message.seq,
      lastFingerprint: placePrintOf(message),
      generation: generations.get(part) ?? 0,
      prints: ofPart.map(({ data }) => fingerprintOf(data)),
    };
    return [end];
  });
}

/** Tells a message from another one that has its number; shorter than others, as places kept it before. */
export const placePrintOf = ({ data }: Pick<Message, "data">): string => fingerprintOf(data).slice(0, 12);

const isFailing = (verdict: Verdict): boolean => verdict === Verdict.DOWN || verdict === Verdict.DEGRADED;

/** The pure part of one batch, with what it needs to remember between results. */
class BatchRun {
  readonly #known: Map<string, Known>;
  readonly #nowMs: number;
  readonly #changes: IncidentChanges;
  readonly #changed = new Map<string, Known>();
  /** States that the check log alone cannot bring up to date. */
  readonly #unquiet = new Set<string>();
  /** By name. */
  readonly #parents = new Map<string, Known>();
  #checked = 0;
  /** The first partition of the batch, to which all its checks are counted: one row to write instead of many. */
  #countedAt = 0;
  /** Keys of the commands that asked for rounds made by now. */
  readonly #answered = new Set<string>();
  #repairsThisHour = 0;

  constructor(deps: FoldDeps, known: Map<string, Known>, nowMs: number) {
    this.#known = known;
    this.#nowMs = nowMs;
    this.#changes = createIncidentChanges({
      ...deps,
      channelsOf: (monitorId) => deps.channelsOf(monitorId, known.get(monitorId)?.monitor),
    });
  }

  /** Takes what the batch may need of incidents, in order, before any is decided. */
  async lockIncidents(tx: FoldTx, results: readonly CheckResult[]): Promise<void> {
    const ids = new Set<number>();
    let mayOpen = false;
    const failingIds = new Set(results.filter(({ verdict }) => isFailing(verdict)).map(({ monitorId }) => monitorId));
    for (const monitorId of new Set(results.map((result) => result.monitorId))) {
      const state = this.#known.get(monitorId)?.state;
      if (state === undefined) continue;
      const failing = failingIds.has(monitorId);
      if (state.openIncidentId > 0) ids.add(state.openIncidentId);
      if (failing && state.lastIncidentId > 0) ids.add(state.lastIncidentId);
      mayOpen ||= failing;
    }
    await this.#loadParents(tx, failingIds);
    if (ids.size > 0) this.#changes.load(await tx.incidents.lock([...ids]));
    if (mayOpen) this.#repairsThisHour = await tx.outbox.countSince("cmd.repair.v1.", this.#nowMs - HOUR_MS);
  }

  /** @param seen what a round within a maintenance window said */
  async observe(tx: FoldTx, result: CheckResult, seen?: CheckResult): Promise<void> {
    if (result.requestId.startsWith(CHECK_KEYS)) this.#answered.add(result.requestId);
    this.#count(result);
    const known = this.#known.get(result.monitorId);
    const spec = known?.monitor.spec;
    // A result of a monitor that was deleted or paused meanwhile stays in the check log and means nothing more.
    if (known === undefined || spec === undefined || spec.paused) return;
    const quiet = seen !== undefined;
    const placed = inTime(known.state, spec, seen ?? result, this.#nowMs);
    const due = lateToJudge(placed.state, this.#nowMs);
    if (due !== undefined)
      await recordLate({ tx, changes: this.#changes, nowMs: this.#nowMs }, known.monitor, spec, due);
    const judged = due === undefined ? placed.state : { ...placed.state, late: undefined };
    const before = quiet ? judged : noteLate(judged, placed.result, this.#nowMs);
    const { state, signal } = observe(before, spec, placed.result, quiet);
    const by = signal.type === "confirmed" ? this.#suppressorOf(spec) : undefined;
    const settled =
      by !== undefined
        ? suppressed(before, state, by)
        : signal.type === "confirmed"
          ? await this.#confirm(tx, known, spec, state, signal, result.traceparent)
          : this.#act(spec, state, signal, result.traceparent);
    const isAsNamed = placed.state === known.state && placed.result === result;
    if (!isAsNamed || !isQuiet(known.state, settled)) this.#unquiet.add(result.monitorId);
    const next = { monitor: known.monitor, state: settled };
    this.#known.set(result.monitorId, next);
    this.#changed.set(result.monitorId, next);
  }

  #suppressorOf(spec: MonitorSpec): string | undefined {
    const parentOf = (name: string): Parent | undefined => {
      const loaded = this.#parents.get(name);
      const { monitor, state } = this.#known.get(loaded?.monitor.id ?? "") ?? loaded ?? {};
      return monitor?.spec === undefined || state === undefined ? undefined : { spec: monitor.spec, state };
    };
    return suppressorOf(spec.dependsOn, parentOf, this.#nowMs);
  }

  /** Those that failing monitors of the batch depend on, wherever they are folded. */
  async #loadParents(tx: FoldTx, failingIds: ReadonlySet<string>): Promise<void> {
    const names = [...failingIds].flatMap((id) => this.#known.get(id)?.monitor.spec?.dependsOn ?? []);
    if (names.length === 0) return;
    const monitors = await tx.monitors.named([...new Set(names)]);
    const states = await tx.states.load(monitors.map(({ id }) => id));
    for (const monitor of monitors) {
      const state = states.get(monitor.id) ?? initialMonitorState;
      this.#parents.set(monitor.spec?.name ?? "", { monitor, state });
    }
  }

  #act(
    spec: MonitorSpec,
    state: MonitorState,
    signal: Exclude<Signal, { type: "confirmed" }>,
    traceparent: string,
  ): MonitorState {
    if (signal.type === "none") return state;
    const before = this.#changes.get(state.openIncidentId);
    if (before === undefined) return state;
    const atMs = this.#nowMs;
    switch (signal.type) {
      case "verdict_changed": {
        const { verdict, result } = signal;
        this.#changes.apply(before, { type: "ChangeVerdict", spec, verdict, result, atMs }, { traceparent });
        return state;
      }
      case "still_failing":
        this.#changes.apply(before, { type: "NoteStillFailing", result: signal.result, atMs }, { traceparent });
        return state;
      case "flapping_started": {
        const { roundsNeeded } = signal;
        this.#changes.apply(before, { type: "StartFlapping", roundsNeeded, atMs }, { traceparent });
        return state;
      }
      case "flapping_stopped":
        this.#changes.apply(before, { type: "StopFlapping", changes: signal.changes, atMs }, { traceparent });
        return state;
      case "recovered": {
        const { slotMs, changes } = signal;
        const after = this.#changes.apply(before, { type: "Recover", slotMs, changes, atMs }, { traceparent });
        return after.resolvedAtMs > 0 ? closed(state, after, signal.slotMs) : state;
      }
    }
  }

  async #confirm(
    tx: FoldTx,
    known: Known,
    spec: MonitorSpec,
    state: MonitorState,
    signal: Extract<Signal, { type: "confirmed" }>,
    traceparent: string,
  ): Promise<MonitorState> {
    const { verdict, startedAtMs, result, flapping, roundsNeeded } = signal;
    const repairsThisHour = this.#repairsThisHour;
    const facts = { spec, verdict, startedAtMs, result, repairsThisHour, atMs: this.#nowMs };
    const last = this.#changes.get(state.lastIncidentId);
    const after =
      signal.reopen && last !== undefined
        ? this.#changes.apply(
            last,
            { type: "Reopen", ...facts, flapping, roundsNeeded, repairsAtMs: state.repairsAtMs },
            { traceparent },
          )
        : this.#changes.apply(
            initialIncidentState,
            {
              type: "Open",
              ...facts,
              incidentId: await tx.incidents.nextId(),
              monitorId: known.monitor.id,
              lastHealthyAtMs: state.lastHealthyAtMs,
              failedRounds: state.failingRounds,
              flappingRounds: roundsNeeded,
              repairsAtMs: state.repairsAtMs,
            },
            { traceparent },
          );
    const requested = after.repairs.at(-1);
    const repairing = requested?.state === "requested" && requested.requestedAtMs === this.#nowMs;
    if (repairing) this.#repairsThisHour += 1;
    return {
      ...state,
      openIncidentId: after.id,
      lastIncidentId: after.id,
      repairsAtMs: repairing ? [...state.repairsAtMs, this.#nowMs] : state.repairsAtMs,
    };
  }

  #count(result: CheckResult): void {
    if (result.verdict === Verdict.MISSED) return;
    if (this.#checked === 0) this.#countedAt = partitionOf(result.monitorId);
    this.#checked += 1;
  }

  commit(tx: FoldTx): Promise<CommittedChanges> {
    return this.#changes.commit(tx);
  }

  writes(tx: FoldTx): readonly Promise<void>[] {
    return [
      tx.states.save(this.#statesToSave()),
      ...(this.#checked > 0 ? [tx.totals.add(new Map([[this.#countedAt, this.#checksOnly()]]))] : []),
      ...(this.#answered.size > 0 ? [tx.outbox.finish([...this.#answered], this.#nowMs)] : []),
    ];
  }

  #statesToSave(): ReadonlyMap<string, MonitorState> {
    const changed = [...this.#changed].filter(([id]) => this.#unquiet.has(id));
    return new Map(changed.map(([id, { state }]) => [id, state]));
  }

  outcome(committed: CommittedChanges): Pick<Folded, keyof CommittedChanges | "states" | "totals"> {
    return { ...committed, states: this.#changed, totals: this.#totals(committed) };
  }

  #checksOnly(): Totals {
    return { checks: this.#checked, incidents: 0, autoFixes: 0 };
  }

  #totals({ timeline }: CommittedChanges): Totals {
    return { checks: this.#checked, ...incidentTotals(timeline) };
  }
}

/** Opened and mended by Sentinel, as these events say. */
export function incidentTotals(timeline: CommittedChanges["timeline"]): Pick<Totals, "incidents" | "autoFixes"> {
  const events = timeline.map((change) => change.entry?.event?.event);
  return {
    incidents: events.filter((event) => event?.$case === "opened").length,
    autoFixes: events.filter((event) => event?.$case === "resolved" && event.value.resolution === Resolution.AUTO_FIX)
      .length,
  };
}

/**
 * A monitor whose incident was resolved. What comes next is measured from the round that showed it, not from when that
 * round was folded: folding late must not make one incident of two.
 */
export function closed(state: MonitorState, after: IncidentState, sinceMs: number): MonitorState {
  return {
    ...state,
    status: MonitorStatus.HEALTHY,
    sinceMs,
    openIncidentId: 0,
    lastIncidentId: after.id,
    lastResolvedAtMs: sinceMs,
    flapping: false,
  };
}
