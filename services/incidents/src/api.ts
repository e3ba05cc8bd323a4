import { createHash } from "node:crypto";
import {
  type Channel as ChannelMessage,
  CheckRequested,
  type ConfigStatus,
  type Incident,
  type Monitor,
  MonitorSource,
  type MonitorSpec,
  type MonitorView,
  type SentinelApi,
  subjects,
  type TimelineEntry,
} from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { decodeIncidentEvent } from "@sentinel/contracts/events";
import { chooseLocale } from "@sentinel/contracts/text";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Board, Change } from "./board.ts";
import type { Maintenance } from "./maintenance.ts";
import { monitorStats } from "./monitor-stats.ts";
import type { ChangeIncident } from "./change-incident.ts";
import { createDeadLetterOperations } from "./dead-letters.ts";
import type { Deaf } from "./deaf.ts";
import { createHeartbeatOperations } from "./heartbeats.ts";
import { demandDependencies } from "./dependency-check.ts";
import { createKpiOperations } from "./kpis.ts";
import type { Changes } from "./changes.ts";
import { toIncident } from "./core/incident.ts";
import type { IncidentState } from "./core/types.ts";
import { incidentStream } from "./incident-changes.ts";
import { demandEditable, type Monitors } from "./monitors.ts";
import type { Channel } from "./notify/channels.ts";
import { demandSpec } from "./spec.ts";
import type { FoldStore } from "./store/port.ts";

const MAX_PAGE = 1000;
const RECENT_SHOWN = 100;

export interface ApiDeps {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly store: FoldStore;
  readonly board: Board;
  readonly changes: Changes;
  readonly monitors: Monitors;
  readonly maintenance: Maintenance;
  readonly change: ChangeIncident;
  readonly deaf: Deaf;
  readonly kick: () => void;
  /** Closes an incident by hand, with the state of its monitor. */
  readonly resolve: (id: number, actor: string, expectedVersion: number, traceparent: string) => Promise<IncidentState>;
  readonly channels: () => ReadonlyMap<string, Channel>;
  readonly configStatus: () => ConfigStatus;
}

/** The operations, in process; over gRPC and REST they are the same. */
export function createApi(deps: ApiDeps): SentinelApi {
  return {
    ...monitorOperations(deps),
    ...incidentOperations(deps),
    ...channelOperations(deps),
    ...createDeadLetterOperations(deps),
    ...createKpiOperations(deps),
    ...createHeartbeatOperations(deps),
    ...deps.maintenance.operations,
    ...statusOperations(deps),
  };
}

const page = (limit: number): number => (limit === 0 ? 100 : Math.min(limit, MAX_PAGE));

type MonitorOperations = Pick<
  SentinelApi,
  | "createMonitor"
  | "listMonitors"
  | "getMonitor"
  | "updateMonitor"
  | "deleteMonitor"
  | "checkMonitor"
  | "listChecks"
  | "getMonitorStats"
>;

function monitorOperations({ kit, bus, store, board, monitors }: ApiDeps): MonitorOperations {
  const find = (id: string): Monitor => {
    const monitor = board.monitor(id);
    if (monitor === undefined) throw new SentinelError("monitor_not_found", { id });
    return monitor;
  };
  const specs = (): readonly MonitorSpec[] =>
    board.views().flatMap(({ monitor }) => (monitor?.spec === undefined ? [] : [monitor.spec]));
  const view = (id: string): MonitorView | undefined => board.view(id);
  return {
    createMonitor: async ({ spec, actor, idempotencyKey }) => {
      const source = MonitorSource.API;
      const asked = demandSpec(spec);
      demandDependencies(asked, specs());
      const monitor = await monitors.create(asked, { source, actor, idempotencyKey });
      return { monitor: view(monitor.id) };
    },
    listMonitors: async () => ({ monitors: [...board.views()] }),
    getMonitor: async ({ id }) => ({ monitor: view(find(id).id) }),
    updateMonitor: async ({ id, spec, expectedVersion, actor }) => {
      const monitor = find(id);
      demandEditable(monitor);
      const asked = demandSpec(spec);
      const others = specs().filter(({ name }) => name !== monitor.spec?.name);
      demandDependencies(asked, others);
      await monitors.change(monitor.id, asked, { actor, expectedVersion });
      return { monitor: view(monitor.id) };
    },
    deleteMonitor: async ({ id, expectedVersion, actor }) => {
      const monitor = find(id);
      demandEditable(monitor);
      await monitors.remove(monitor.id, { actor, expectedVersion });
      return {};
    },
    checkMonitor: async ({ id }, { traceparent }) => {
      const { id: monitorId } = find(id);
      const request = CheckRequested.encode({ monitorId, cause: "asked", traceparent, requestId: "" }).finish();
      await bus.publish(subjects.checkNow(monitorId), request);
      return {};
    },
    listChecks: async ({ monitorId, beforeMs, afterMs, limit }) => {
      const { id } = find(monitorId);
      const until = beforeMs === 0 ? Number.MAX_SAFE_INTEGER : beforeMs;
      const query = { monitorId: id, beforeMs: until, afterMs, limit: page(limit) };
      return { checks: [...(await store.transaction((tx) => tx.checks.list(query)))] };
    },
    getMonitorStats: async ({ id, spanMs }) => await monitorStats(store, find(id), kit.clock.now(), spanMs),
  };
}

type IncidentOperations = Pick<
  SentinelApi,
  "listIncidents" | "getIncident" | "acknowledgeIncident" | "commentIncident" | "resolveIncident"
>;

/** Takes back a comment whose key is known: it was made before. */
class CommentedBefore extends Error {}

function incidentOperations({ kit, store, board, change, resolve }: ApiDeps): IncidentOperations {
  return {
    listIncidents: async ({ openOnly, monitorId, beforeId, limit }) => {
      const id = monitorId === "" ? "" : (board.monitor(monitorId)?.id ?? monitorId);
      const query = { openOnly, monitorId: id, beforeId, limit: page(limit) };
      const states = await store.transaction((tx) => tx.incidents.list(query));
      return { incidents: states.map(toIncident) };
    },
    getIncident: async ({ id }) => {
      const { state, events } = await store.transaction(async (tx) => ({
        state: await tx.incidents.find(id),
        events: await tx.events.read(incidentStream(id)),
      }));
      if (state === undefined) throw new SentinelError("incident_not_found", { id: String(id) });
      const timeline = events.map((event): TimelineEntry => ({
        eventId: event.id,
        version: event.version,
        atMs: event.atMs,
        event: decodeIncidentEvent(event),
      }));
      return { incident: toIncident(state), timeline };
    },
    acknowledgeIncident: async ({ id, actor, expectedVersion }, { traceparent }) => {
      const context = { traceparent, actor, expectedVersion };
      return { incident: toIncident(await change(id, { type: "Acknowledge", actor, atMs: kit.clock.now() }, context)) };
    },
    commentIncident: async ({ id, actor, text, idempotencyKey }, { traceparent }) => {
      const context = { traceparent, actor };
      const command = { type: "Comment", actor, text, atMs: kit.clock.now() } as const;
      if (idempotencyKey === "") return { incident: toIncident(await change(id, command, context)) };
      const requestHash = createHash("sha256").update(`comment ${id} ${text}`).digest("hex");
      try {
        const after = await change(id, command, context, async (tx) => {
          // Whoever asks at the same time has waited for the incident, so one of the two finds the key.
          const known = await tx.idempotency.find(idempotencyKey);
          if (known !== undefined && known.requestHash !== requestHash) {
            throw new SentinelError("idempotency_key_reused", { key: idempotencyKey });
          }
          if (known !== undefined) throw new CommentedBefore();
          await tx.idempotency.save(idempotencyKey, { requestHash, response: String(id), atMs: command.atMs });
        });
        return { incident: toIncident(after) };
      } catch (thrown) {
        if (!(thrown instanceof CommentedBefore)) throw thrown;
        const state = await store.transaction((tx) => tx.incidents.find(id));
        return { incident: state === undefined ? undefined : toIncident(state) };
      }
    },
    resolveIncident: async ({ id, actor, expectedVersion }, { traceparent }) => ({
      incident: toIncident(await resolve(id, actor, expectedVersion, traceparent)),
    }),
  };
}

function channelOperations({ kit, store, channels }: ApiDeps): Pick<SentinelApi, "listChannels" | "testChannel"> {
  return {
    listChannels: async () => {
      const states = new Map((await store.transaction((tx) => tx.channels.all())).map((state) => [state.name, state]));
      return {
        channels: [...channels().values()].map((channel): ChannelMessage => ({
          name: channel.config.name,
          type: channel.config.type,
          target: channel.target,
          secret: channel.secret,
          lastDeliveredAtMs: states.get(channel.config.name)?.lastDeliveredAtMs ?? 0,
          lastError: states.get(channel.config.name)?.lastError ?? "",
        })),
      };
    },
    testChannel: async ({ name, locale }, { signal, traceparent }) => {
      const channel = channels().get(name);
      if (channel === undefined) throw new SentinelError("channel_not_found", { name });
      const atMs = kit.clock.now();
      const fromMs = kit.clock.monotonic();
      const tookMs = (): number => Math.round(kit.clock.monotonic() - fromMs);
      const id = `test_${atMs}_${Buffer.from(kit.random.bytes(6)).toString("hex")}-${name}`;
      try {
        await channel.send(
          {
            id,
            channel: name,
            kind: "test",
            incident: undefined,
            atMs,
            attempt: 1,
            possibleDuplicate: false,
            link: "",
            traceparent,
          },
          signal,
        );
        await store.transaction((tx) => tx.channels.delivered(name, atMs));
        return { delivered: true, reason: "", tookMs: tookMs(), params: { locale: chooseLocale(locale) } };
      } catch (thrown) {
        const error = SentinelError.from(thrown);
        if (error.code !== "notify_failed") throw thrown;
        const reason = error.params["reason"] ?? "unknown";
        await store.transaction((tx) => tx.channels.failed(name, reason));
        return { delivered: false, reason, tookMs: tookMs(), params: { ...error.params } };
      }
    },
  };
}

function statusOperations({ board, changes, configStatus }: ApiDeps): Pick<SentinelApi, "getStatus" | "watch"> {
  return {
    getStatus: async () => {
      const { foldedAtMs, notFoldedSinceMs } = changes.foldStatus;
      return { totals: board.totals, config: configStatus(), foldedAtMs, notFoldedSinceMs };
    },
    watch: ({ topic }, { signal }) => {
      if (topic === "monitors") {
        return changes.watch(() => monitorsOf(board), isDefinition, signal);
      }
      return changes.watch(
        () => [
          ...monitorsOf(board),
          ...shown(board.incidents()).map((value): Change => ({ $case: "incident", value })),
          { $case: "totals", value: board.totals },
          { $case: "config", value: configStatus() },
        ],
        () => true,
        signal,
      );
    },
  };
}

/** Rounds change a monitor's view all the time; a prober needs to hear of its definition only. */
const isDefinition = (change: Change): boolean =>
  change.$case === "monitorRemoved" || (change.$case === "monitor" && change.definition);

const monitorsOf = (board: Board): Change[] =>
  board.views().map((value) => ({ $case: "monitor", value, definition: true }));

/** All open ones and the last closed ones. */
function shown(incidents: readonly Incident[]): readonly Incident[] {
  const closed = incidents.filter((each) => each.resolvedAtMs > 0).slice(0, RECENT_SHOWN);
  return [...incidents.filter((each) => each.resolvedAtMs === 0), ...closed];
}
