import {
  CheckRequested,
  IncidentEvent,
  IncidentTimelineChange,
  type Monitor,
  partitionOf,
  Resolution,
  RunRepair,
  sortableId,
  subjects,
  type TimelineEntry,
  type Totals,
} from "@sentinel/contracts";
import { schemaVersionOf } from "@sentinel/contracts/events";
import type { NewEvent } from "@sentinel/eventstore";
import type { ServiceKit } from "@sentinel/service-kit";
import { incident, isOpen } from "./core/incident.ts";
import { chooseNotification } from "./core/notification-policy.ts";
import type { Happened, IncidentCommand, IncidentState } from "./core/types.ts";
import { encodeNotification } from "./notify/notification-row.ts";
import type { FoldTx, NewOutboxRow } from "./store/port.ts";

/** What a transaction did to incidents, for those who watch. */
export interface CommittedChanges {
  readonly incidents: readonly IncidentState[];
  readonly timeline: readonly IncidentTimelineChange[];
  /** One line of the log per event. */
  readonly lines: readonly ChangeLine[];
}

interface ChangeLine {
  /** Such as "incident.opened". */
  readonly message: string;
  readonly incident: number;
  readonly monitor: string;
  readonly traceparent: string;
}

export const NO_CHANGES: CommittedChanges = { incidents: [], timeline: [], lines: [] };

interface Staged {
  readonly before: number;
  state: IncidentState;
  readonly events: NewEvent[];
  /** W3C trace context of the last command. */
  traceparent: string;
}

export interface CommandContext {
  /** W3C trace context of what caused the command. */
  readonly traceparent: string;
  readonly actor?: string;
  /** Who brought the command, so that a repeat of it stores nothing new; random when absent. */
  readonly eventId?: string;
}

/**
 * Incidents changed within one transaction: commands are decided against the state staged so far, and `commit` writes
 * events, states, commands for other services and messages for people together.
 */
export interface IncidentChanges {
  /** The state as staged, or as given by `load`. */
  get(id: number): IncidentState | undefined;
  load(states: ReadonlyMap<number, IncidentState>): void;
  apply(before: IncidentState, command: IncidentCommand, context: CommandContext): IncidentState;
  commit(tx: FoldTx): Promise<CommittedChanges>;
}

export const incidentStream = (id: number): string => `incident-${id}`;

/** Names of the channels that hear of a monitor, which is looked up when not given. */
export type ChannelsOf = (monitorId: string, monitor?: Monitor) => readonly string[];

export interface IncidentChangesDeps {
  readonly kit: Pick<ServiceKit, "random" | "tracing">;
  readonly channelsOf: ChannelsOf;
}

export function createIncidentChanges({ kit, channelsOf }: IncidentChangesDeps): IncidentChanges {
  const loaded = new Map<number, IncidentState>();
  const staged = new Map<number, Staged>();
  const outbox: NewOutboxRow[] = [];
  const timeline: IncidentTimelineChange[] = [];
  const lines: ChangeLine[] = [];
  const totals = new Map<number, Pick<Totals, "checks" | "incidents" | "autoFixes">>();

  const count = (monitorId: string, event: IncidentEvent["event"]): void => {
    const opened = event?.$case === "opened" ? 1 : 0;
    const fixed = event?.$case === "resolved" && event.value.resolution === Resolution.AUTO_FIX ? 1 : 0;
    if (opened + fixed === 0) return;
    const part = partitionOf(monitorId);
    const sum = totals.get(part) ?? { checks: 0, incidents: 0, autoFixes: 0 };
    totals.set(part, { checks: 0, incidents: sum.incidents + opened, autoFixes: sum.autoFixes + fixed });
  };

  const apply: IncidentChanges["apply"] = (before, command, context) => {
    const happened = incident.decide(command, before);
    if (happened.length === 0) return before;
    const steps = happened.map((each, index) => ({
      happened: each,
      eventId: context.eventId === undefined ? newId(each.atMs) : `${context.eventId}.${index}`,
    }));
    let state = before;
    const transitions = steps.map((step) => {
      const from = state;
      state = incident.evolve(state, step.happened);
      return { ...step, from, to: state };
    });
    const span = kit.tracing.start("incidents.decide", {
      parent: context.traceparent,
      kind: "consumer",
      attributes: { "sentinel.command": command.type, "sentinel.incident": state.id },
    });
    const { traceparent } = span;
    span.end();
    const entry = staged.get(state.id) ?? { before: before.version, state, events: [], traceparent };
    Object.assign(entry, { state, traceparent });
    staged.set(state.id, entry);
    for (const { happened: each, eventId, from, to } of transitions) {
      entry.events.push(toNewEvent(each, eventId, { ...context, traceparent }));
      const change = timelineChange(to, each, eventId);
      timeline.push(change);
      lines.push(lineOf(to, each, traceparent));
      outbox.push(eventRow(to, change, each.atMs, traceparent));
      outbox.push(...commandRows(to, each, command, traceparent));
      const kind = chooseNotification(from, each, to);
      if (kind !== undefined) {
        for (const channel of channelsOf(state.monitorId)) {
          // The whole state after the command: the first message already says why and who acts.
          const payload = { eventId, channel, kind, incident: state, atMs: each.atMs };
          outbox.push(encodeNotification(payload, traceparent));
        }
      }
      count(state.monitorId, each.event.event);
    }
    return state;
  };
  const newId = (atMs: number): string => sortableId("evt", atMs, kit.random.bytes(10));

  return {
    get: (id) => staged.get(id)?.state ?? loaded.get(id),
    load: (states) => {
      for (const [id, state] of states) loaded.set(id, state);
    },
    apply,
    commit: async (tx) => {
      const entries = [...staged.values()];
      if (entries.length === 0) return NO_CHANGES;
      const spans = entries.map(({ state, traceparent }) =>
        kit.tracing.start("incidents.commit", {
          parent: traceparent,
          kind: "client",
          attributes: { "sentinel.incident": state.id },
        }),
      );
      try {
        await tx.events.append(
          entries.map(({ before, state, events }) => ({
            stream: incidentStream(state.id),
            expected: before === 0 ? "none" : before,
            events,
          })),
        );
        await tx.incidents.save(entries.map(({ state }) => state));
        if (totals.size > 0) await tx.totals.add(totals);
        await tx.outbox.add(outbox);
      } catch (thrown) {
        for (const span of spans) span.fail(thrown);
        throw thrown;
      } finally {
        for (const span of spans) span.end();
      }
      return { incidents: entries.map(({ state }) => state), timeline, lines };
    },
  };
}

const lineOf = (state: IncidentState, { event }: Happened, traceparent: string): ChangeLine => ({
  message: `incident.${event.event?.$case ?? "unknown"}`,
  incident: state.id,
  monitor: state.monitorName,
  traceparent,
});

function toNewEvent(happened: Happened, id: string, context: CommandContext): NewEvent {
  const type = `incident.${happened.event.event?.$case ?? "unknown"}`;
  return {
    id,
    type,
    schemaVersion: schemaVersionOf(type),
    payload: IncidentEvent.encode(happened.event).finish(),
    metadata: {
      ...(context.traceparent === "" ? {} : { traceparent: context.traceparent }),
      ...(context.actor === undefined ? {} : { actor: context.actor }),
    },
    atMs: happened.atMs,
  };
}

function timelineChange(state: IncidentState, happened: Happened, eventId: string): IncidentTimelineChange {
  const entry: TimelineEntry = { eventId, version: state.version, atMs: happened.atMs, event: happened.event };
  return { incidentId: state.id, entry };
}

function eventRow(
  { monitorId }: IncidentState,
  change: IncidentTimelineChange,
  atMs: number,
  traceparent: string,
): NewOutboxRow {
  const stream = incidentStream(change.incidentId);
  return {
    kind: "event",
    subject: subjects.event(partitionOf(stream), stream),
    part: partitionOf(monitorId),
    payload: IncidentTimelineChange.encode(change).finish(),
    key: change.entry?.eventId ?? "",
    atMs,
    traceparent,
  };
}

export const repairKey = (incidentId: number, attempt: number): string => `repair.${incidentId}.${attempt}`;

/** Keys of requests for a round begin so; the round that answers one carries its key. */
export const CHECK_KEYS = "check.";

/** What other services must do because of an event; of an incident that is over nothing is left to verify. */
function commandRows(
  state: IncidentState,
  { event: { event }, atMs }: Happened,
  command: IncidentCommand,
  traceparent: string,
): readonly NewOutboxRow[] {
  switch (event?.$case) {
    case "repairRequested": {
      if (command.type !== "Open" && command.type !== "Reopen") return [];
      const failing = new Set(command.result.endpoints.filter((each) => each.reason !== "").map((each) => each.url));
      const { action, attempt, patienceMs, deadlineMs } = event.value;
      const payload = RunRepair.encode({
        incidentId: state.id,
        monitorId: state.monitorId,
        action,
        attempt,
        patienceMs,
        deadlineMs,
        endpoints: command.spec.endpoints.filter(({ url, check }) => check === undefined && failing.has(url)),
        traceparent,
      }).finish();
      const subject = subjects.runRepair(state.monitorId);
      const part = partitionOf(state.monitorId);
      return [{ kind: "command", subject, part, payload, key: repairKey(state.id, attempt), atMs, traceparent }];
    }
    case "repairSucceeded":
      return event.value.settledByCheck || !isOpen(state)
        ? []
        : [checkRow(state, event.value.attempt, "verify", atMs, traceparent)];
    case "repairOutcomeUnknown":
      return !isOpen(state) ? [] : [checkRow(state, event.value.attempt, "settle", atMs, traceparent)];
    default:
      return [];
  }
}

function checkRow(
  state: IncidentState,
  attempt: number,
  cause: string,
  atMs: number,
  traceparent: string,
): NewOutboxRow {
  const requestId = `${CHECK_KEYS}${state.id}.${attempt}.${cause}`;
  return {
    kind: "command",
    subject: subjects.checkNow(state.monitorId),
    part: partitionOf(state.monitorId),
    payload: CheckRequested.encode({ monitorId: state.monitorId, cause, traceparent, requestId }).finish(),
    key: requestId,
    atMs,
    traceparent,
  };
}
