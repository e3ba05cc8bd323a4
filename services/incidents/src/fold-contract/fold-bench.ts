import { CheckResult, IncidentEvent, type Monitor, type MonitorSpec, subjects } from "@sentinel/contracts";
import type { Message } from "@sentinel/messaging";
import { createMetrics, noFailpoint, offTracing, type ServiceKit, silentLog } from "@sentinel/service-kit";
import { seededRandom, VirtualClock } from "@sentinel/testkit";
import { aSpec, T0 } from "../core/fixtures.ts";
import type { IncidentState, MonitorState } from "../core/types.ts";
import { type FoldDeps, foldBatch, type Folded } from "../fold.ts";
import { incidentStream } from "../incident-changes.ts";
import { loadStates } from "../load-states.ts";
import { createPartitionCache } from "../partition-cache.ts";
import { aMonitor } from "../store/contract/open-fold-store.ts";
import type { FoldStore, UptimeCounts } from "../store/port.ts";

export const testKit = (clock: VirtualClock, seed = 7): ServiceKit => ({
  clock,
  random: seededRandom(seed),
  log: silentLog,
  metrics: createMetrics(),
  tracing: offTracing,
  failpoint: noFailpoint,
});

let benches = 0;

/** What the store says of a monitor after folding, in terms that do not depend on ids. */
export interface Story {
  readonly state: Omit<MonitorState, "beats"> | undefined;
  readonly beats: readonly unknown[];
  readonly incidents: readonly IncidentState[];
  readonly events: readonly (readonly string[])[];
  readonly uptime: readonly Omit<UptimeCounts, "monitorId">[];
}

/** A fold without a bus: messages are made here, in the order of one stream. */
export interface FoldBench {
  readonly clock: VirtualClock;
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly deps: FoldDeps;
  monitor(spec?: Partial<MonitorSpec>): Promise<Monitor>;
  message(result: CheckResult, change?: Partial<Message>): Message;
  fold(messages: readonly Message[]): Promise<Folded>;
  story(monitorId: string): Promise<Story>;
  incidents(monitorId: string): Promise<readonly IncidentState[]>;
}

export async function openFoldBench(
  store: FoldStore,
  options: { owner?: string; clock?: VirtualClock } = {},
): Promise<FoldBench> {
  const { owner = "bench", clock = new VirtualClock({ startMs: T0 }) } = options;
  benches += 1;
  const kit = testKit(clock, benches);
  const held = await store.transaction((tx) => tx.partitions.hold(owner, 600_000, true));
  const epochs = new Map(held.map(({ part, epoch }) => [part, epoch]));
  const deps: FoldDeps = {
    kit,
    store,
    cache: createPartitionCache(),
    epochs,
    owner,
    channelsOf: () => ["ops", "mail"],
  };
  let seq = 0;
  const incidents = async (monitorId: string): Promise<readonly IncidentState[]> => {
    const query = { openOnly: false, monitorId, beforeId: 0, limit: 1000 };
    return (await store.transaction((tx) => tx.incidents.list(query))).toReversed();
  };
  return {
    clock,
    kit,
    store,
    deps,
    monitor: async (spec = {}) => {
      const monitor = aMonitor();
      const whole = { ...monitor, spec: aSpec({ name: monitor.id, ...spec }) };
      await store.transaction((tx) => tx.monitors.save(whole));
      return whole;
    },
    message: (result, change = {}) => {
      seq += 1;
      const subject = subjects.check(result.monitorId, result.region);
      const data = CheckResult.encode(result).finish();
      return { stream: "SENTINEL_CHECKS", epoch: "e1", seq, subject, data, headers: {}, ...change };
    },
    fold: (messages) => foldBatch(deps, messages),
    incidents,
    story: async (monitorId) => await storyOf(store, monitorId, await incidents(monitorId), clock.now()),
  };
}

/** The state without the name of its monitor, which stands in its diagnosis too. */
function renamed(state: IncidentState, monitorId: string): IncidentState {
  return JSON.parse(JSON.stringify(state).replaceAll(monitorId, "m"));
}

async function storyOf(
  store: FoldStore,
  monitorId: string,
  incidents: readonly IncidentState[],
  nowMs: number,
): Promise<Story> {
  const rank = new Map(incidents.map(({ id }, index) => [id, index + 1]));
  const ranked = (id: number): number => (id === 0 ? 0 : (rank.get(id) ?? -1));
  return await store.transaction(async (tx) => {
    const isStored = (await tx.states.load([monitorId])).size > 0;
    const state = isStored ? (await loadStates(tx, [monitorId], nowMs)).get(monitorId) : undefined;
    const events: string[][] = [];
    for (const { id } of incidents) {
      const stored = await tx.events.read(incidentStream(id));
      events.push(
        stored.map(({ payload }) =>
          JSON.stringify(IncidentEvent.decode(payload))
            .replaceAll(monitorId, "m")
            .replace(`"incidentId":${id}`, `"incidentId":"#${ranked(id)}"`),
        ),
      );
    }
    return {
      state:
        state === undefined
          ? undefined
          : {
              ...state,
              beats: [],
              openIncidentId: ranked(state.openIncidentId),
              lastIncidentId: ranked(state.lastIncidentId),
            },
      beats: (await tx.checks.beats([monitorId], 60)).get(monitorId) ?? [],
      incidents: incidents.map((each) => renamed({ ...each, id: ranked(each.id) }, monitorId)),
      events,
      uptime: (await tx.uptime.since(0))
        .filter((count) => count.monitorId === monitorId)
        .map(({ monitorId: _, ...count }) => count)
        .toSorted((a, b) => a.hourMs - b.hourMs),
    };
  });
}
