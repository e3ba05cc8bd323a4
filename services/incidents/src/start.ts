import type { ConfigStatus, MonitorSpec, SentinelApi } from "@sentinel/contracts";
import { MonitorSource } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Locale } from "@sentinel/contracts/text";
import type { Egress } from "@sentinel/egress";
import { type Bus, ensureStreams } from "@sentinel/messaging";
import type { Service, ServiceKit } from "@sentinel/service-kit";
import { createApi } from "./api.ts";
import { createChanges } from "./changes.ts";
import { createMembership, type Tenure } from "./membership.ts";
import { createIncidentsMetrics } from "./metrics.ts";
import type { Channel } from "./notify/channels.ts";
import { createChannels } from "./notify/channels.ts";
import { type ConfigFile, createConfigFollower, sameSpec } from "./on-config.ts";
import type { FoldStore } from "./store/port.ts";
import { startTenure } from "./tenure.ts";

export { parkedStreams, releaseStream } from "./parked-streams.ts";
export { decodeForRebuild, rebuildFromLog } from "./rebuild.ts";
export { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";
export { incidentsMigrations } from "./store/postgres/migrations.ts";
export { createPostgresFoldStore } from "./store/postgres/postgres-fold-store.ts";
export type { FoldStore } from "./store/port.ts";
export type { ConfigFile } from "./on-config.ts";

export interface IncidentsDeps {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly store: FoldStore;
  readonly egress: Egress;
  /** Identity of this process; unique per start. */
  readonly owner: string;
  /** This process is the only one on its store, so it need not wait for leases of a process that was killed. */
  readonly exclusive: boolean;
  readonly configFile: ConfigFile | undefined;
  /** Monitors of the demonstration: made at the start, changed when their addresses have. */
  readonly demo: readonly MonitorSpec[];
  /** Where people read on, such as "http://127.0.0.1:8300"; empty when unknown. */
  readonly publicUrl: string;
  /** Language of messages to people where a channel names none. */
  readonly locale: Locale;
}

const PRUNE_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How long each class is kept; docs/check-log.md says why. */
const KEEP_MS = {
  checksMs: 31 * DAY_MS,
  evidenceMs: 92 * DAY_MS,
  summariesMs: 400 * DAY_MS,
  finishedMs: 31 * DAY_MS,
  countsMs: 3 * DAY_MS,
} as const;

/**
 * Folds check results into incidents, repairs, tells people and answers questions. Several processes on one store
 * share the partitions; one of them leads, and only that one answers.
 */
export async function startIncidents(deps: IncidentsDeps): Promise<Service & { readonly api: SentinelApi }> {
  const { kit, bus, store, owner } = deps;
  await ensureStreams(bus);
  const stopping = new AbortController();
  const membership = createMembership(kit, store, owner);
  const changes = createChanges(kit.clock);
  const metrics = createIncidentsMetrics(kit.metrics);
  const ready = Promise.withResolvers<void>();
  let channels: ReadonlyMap<string, Channel> = new Map();
  let configured = false;
  let config: ConfigStatus = {
    file: deps.configFile?.path ?? "",
    exists: false,
    appliedAtMs: 0,
    problems: [],
  };
  let current: SentinelApi | undefined;
  let trouble: string | null = "standby";
  let folding: string | null = null;

  const work = async (tenure: Tenure): Promise<void> => {
    const running = await startTenure({
      ...deps,
      tenure,
      changes,
      channels: () => channels,
      channelsKnown: () => configured || config.problems.length === 0,
      metrics,
      onTrouble: (code) => (folding = code),
      onShare: ready.resolve,
    });
    const api = createApi({
      ...running,
      kit,
      bus,
      store,
      changes,
      channels: () => channels,
      configStatus: () => config,
    });
    const follower =
      deps.configFile === undefined
        ? undefined
        : createConfigFollower({
            kit,
            file: deps.configFile,
            ...(tenure.leads ? { monitors: running.monitors, maintenance: running.maintenance } : {}),
            known: () => running.board.views().flatMap(({ monitor }) => (monitor === undefined ? [] : [monitor])),
            onConfig: (parsed) => {
              configured = true;
              channels = createChannels({
                channels: parsed.channels,
                egress: deps.egress,
                locale: deps.locale,
                clock: kit.clock,
              });
            },
            onStatus: (status) => {
              config = status;
              changes.publish([{ $case: "config", value: status }]);
            },
          });
    // The file first: messages that wait must find their channels.
    await follower?.first();
    if (tenure.leads) {
      await applyDemo(deps.demo, running);
      current = api;
      trouble = null;
    }
    const pruned = tenure.leads ? prune(deps, tenure.signal) : undefined;
    await Promise.all([running.run(), follower?.follow(tenure.signal), pruned]);
  };
  const live = async (): Promise<void> => {
    for (let exclusive = deps.exclusive; !stopping.signal.aborted; exclusive = false) {
      const tenure = await membership.join(exclusive, stopping.signal);
      if (tenure === undefined) return;
      kit.log.info("incidents.working", { leads: tenure.leads });
      let failed = false;
      try {
        await work(tenure);
        trouble = "standby";
      } catch (error) {
        failed = true;
        if (!stopping.signal.aborted) kit.log.error("incidents.interrupted", { error });
        trouble = SentinelError.from(error).code;
      } finally {
        tenure.lose();
        folding = null;
        current = undefined;
        changes.close();
      }
      if (failed && !stopping.signal.aborted) await kit.clock.sleep(1000, stopping.signal);
    }
  };
  const living = live();
  return {
    ready: ready.promise,
    health: () => folding ?? trouble,
    api: whileWorking(() => current),
    stop: async () => {
      stopping.abort();
      await living;
      await membership.leave().catch((error: unknown) => kit.log.warn("incidents.lease_not_released", { error }));
    },
  };
}

async function applyDemo(
  demo: readonly MonitorSpec[],
  running: Awaited<ReturnType<typeof startTenure>>,
): Promise<void> {
  for (const spec of demo) {
    const monitor = running.board.monitor(spec.name);
    const source = MonitorSource.DEMO;
    if (monitor === undefined) await running.monitors.create(spec, { source, actor: "demo", idempotencyKey: "" });
    else if (monitor.source === source && !sameSpec(monitor.spec, spec)) {
      await running.monitors.change(monitor.id, spec, { source, actor: "demo", expectedVersion: 0 });
    }
  }
}

async function prune({ kit, store }: IncidentsDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await kit.clock.sleep(PRUNE_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      const nowMs = kit.clock.now();
      await store.prune({
        checksMs: nowMs - KEEP_MS.checksMs,
        evidenceMs: nowMs - KEEP_MS.evidenceMs,
        summariesMs: nowMs - KEEP_MS.summariesMs,
        finishedMs: nowMs - KEEP_MS.finishedMs,
        countsMs: nowMs - KEEP_MS.countsMs,
      });
    } catch (error) {
      kit.log.warn("incidents.prune_failed", { error });
    }
  }
}

/** The operations while this process works; `standby` for every one of them while it does not. */
function whileWorking(current: () => SentinelApi | undefined): SentinelApi {
  const api = (): SentinelApi => {
    const working = current();
    if (working === undefined) throw new SentinelError("standby");
    return working;
  };
  return {
    createMonitor: async (request, context) => await api().createMonitor(request, context),
    listMonitors: async (request, context) => await api().listMonitors(request, context),
    getMonitor: async (request, context) => await api().getMonitor(request, context),
    updateMonitor: async (request, context) => await api().updateMonitor(request, context),
    deleteMonitor: async (request, context) => await api().deleteMonitor(request, context),
    checkMonitor: async (request, context) => await api().checkMonitor(request, context),
    listChecks: async (request, context) => await api().listChecks(request, context),
    getMonitorStats: async (request, context) => await api().getMonitorStats(request, context),
    listIncidents: async (request, context) => await api().listIncidents(request, context),
    getIncident: async (request, context) => await api().getIncident(request, context),
    acknowledgeIncident: async (request, context) => await api().acknowledgeIncident(request, context),
    commentIncident: async (request, context) => await api().commentIncident(request, context),
    resolveIncident: async (request, context) => await api().resolveIncident(request, context),
    listChannels: async (request, context) => await api().listChannels(request, context),
    testChannel: async (request, context) => await api().testChannel(request, context),
    listDeadLetters: async (request, context) => await api().listDeadLetters(request, context),
    getDeadLetter: async (request, context) => await api().getDeadLetter(request, context),
    replayDeadLetter: async (request, context) => await api().replayDeadLetter(request, context),
    discardDeadLetter: async (request, context) => await api().discardDeadLetter(request, context),
    getKpis: async (request, context) => await api().getKpis(request, context),
    takePing: async (request, context) => await api().takePing(request, context),
    getHeartbeat: async (request, context) => await api().getHeartbeat(request, context),
    getPingAddress: async (request, context) => await api().getPingAddress(request, context),
    listMaintenance: async (request, context) => await api().listMaintenance(request, context),
    createMaintenance: async (request, context) => await api().createMaintenance(request, context),
    endMaintenance: async (request, context) => await api().endMaintenance(request, context),
    deleteMaintenance: async (request, context) => await api().deleteMaintenance(request, context),
    getStatus: async (request, context) => await api().getStatus(request, context),
    watch: async function* (request, context) {
      yield* api().watch(request, context);
    },
  };
}
