import { type CheckResult, partitionOf, Resolution } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { type Board, type Change, createBoard, loadBoard } from "./board.ts";
import { type ChangeIncident, checkVersion, createChangeIncident } from "./change-incident.ts";
import type { Changes } from "./changes.ts";
import { compact } from "./checklog/compact.ts";
import { toIncident } from "./core/incident.ts";
import type { IncidentState, MonitorState } from "./core/types.ts";
import { closed, type Folded, incidentTotals } from "./fold.ts";
import { foldPartitions } from "./fold-partitions.ts";
import { createCoverage } from "./coverage.ts";
import { createDeaf, type Deaf } from "./deaf.ts";
import { createForeignView } from "./foreign-view.ts";
import {
  type ChannelsOf,
  type CommittedChanges,
  createIncidentChanges,
  type IncidentChangesDeps,
  NO_CHANGES,
} from "./incident-changes.ts";
import type { Tenure } from "./membership.ts";
import { createMaintenance, followMaintenance, loadMaintenance, type Maintenance } from "./maintenance.ts";
import { createMaintenanceBook } from "./maintenance-book.ts";
import { countRepairs, type IncidentsMetrics, readLevels } from "./metrics.ts";
import { createForgottenWatch, type Turned } from "./forgotten.ts";
import { createMonitors, type MonitorChange, type Monitors } from "./monitors.ts";
import { watchObjectives } from "./objectives.ts";
import { createNotifier } from "./notifier.ts";
import type { Channel } from "./notify/channels.ts";
import { onRepairRequested } from "./on-repair-requested.ts";
import { createOutboxRelay } from "./outbox-relay.ts";
import { watchSilence } from "./silence.ts";
import { createProberRoll } from "./prober-roll.ts";
import { projectKpis } from "./project-kpis.ts";
import { reconcileRepairs, settleLostRepairs } from "./reconcile-repairs.ts";
import type { IncidentsDeps } from "./start.ts";
import { createWatermarks } from "./watermarks.ts";

export interface TenureDeps extends IncidentsDeps {
  readonly tenure: Tenure;
  readonly changes: Changes;
  readonly channels: () => ReadonlyMap<string, Channel>;
  readonly channelsKnown: () => boolean;
  readonly metrics: IncidentsMetrics;
  /** An error code while check results cannot be folded, else null. */
  readonly onTrouble: (trouble: string | null) => void;
  /** Called when this process has its first share. */
  readonly onShare: () => void;
}

/** What runs while this process is a member; only of one that leads the board is true. */
export interface RunningTenure {
  readonly board: Board;
  readonly monitors: Monitors;
  readonly maintenance: Maintenance;
  readonly change: ChangeIncident;
  /** When nobody could take a ping. */
  readonly deaf: Deaf;
  /** Hands what waits in the outbox to the bus at once. */
  readonly kick: () => void;
  resolve(id: number, actor: string, expectedVersion: number, traceparent: string): Promise<IncidentState>;
  /** Until the tenure ends. */
  run(): Promise<void>;
}

const NO_TOTALS = { checks: 0, incidents: 0, autoFixes: 0 };

export async function startTenure(deps: TenureDeps): Promise<RunningTenure> {
  const { kit, bus, store, owner, exclusive, tenure, changes, metrics } = deps;
  const nowMs = (): number => kit.clock.now();
  const windows = createMaintenanceBook();
  await loadMaintenance(store, windows);
  const board = tenure.leads ? await loadBoard(store, nowMs, windows) : createBoard(NO_TOTALS, nowMs, windows);
  const relay = createOutboxRelay({ kit, bus, store, deadLetters: metrics.deadLetters });
  const watermarks = createWatermarks(kit, bus);
  const channelsOf: ChannelsOf = (monitorId, monitor = board.monitor(monitorId)) => {
    const wanted = monitor?.spec?.notify ?? [];
    return wanted.length > 0 ? wanted : [...deps.channels().keys()];
  };
  const afterCommit = (committed: CommittedChanges, before: readonly Change[], checks: number): void => {
    for (const state of committed.incidents) board.setIncident(state);
    for (const { message, ...fields } of committed.lines) kit.log.info(message, fields);
    countRepairs(metrics, committed.timeline);
    const totals = { checks, ...incidentTotals(committed.timeline) };
    board.addTotals(totals);
    foreign.told(committed.timeline);
    const seen: Change[] = [
      ...before,
      ...committed.incidents.map((state): Change => ({ $case: "incident", value: toIncident(state) })),
      ...committed.timeline.map((value): Change => ({ $case: "timeline", value })),
    ];
    if (totals.checks + totals.incidents + totals.autoFixes > 0) seen.push({ $case: "totals", value: board.totals });
    changes.publish(seen);
    if (committed.timeline.length > 0) {
      relay.kick();
      notifier.kick();
    }
  };
  const onFolded = (folded: Folded): void => {
    for (const [id, { state }] of folded.states) board.setState(id, state);
    board.addUptime(folded.uptime);
    coverage.onFolded(folded.results);
    changes.foldStatus.folded();
    metrics.folded.inc(folded.results.length);
    metrics.deadLetters.inc({ source: "checks" }, folded.deadLetters);
    metrics.foldSeconds.observe(folded.tookMs / 1000);
    const checks = folded.results.map((value): Change => ({ $case: "check", value }));
    afterCommit(folded, [...viewChanges(board, [...folded.states.keys()], false), ...checks], folded.totals.checks);
    watermarks.moved(folded.ends);
    forgotten.onFolded(folded);
  };
  const onMonitorChanged = (change: MonitorChange): void => {
    if (change.monitor === undefined) board.removeMonitor(change.id);
    else board.setMonitor(change.monitor, withBeats(board, change));
    const seen: readonly Change[] =
      change.monitor === undefined
        ? [{ $case: "monitorRemoved", value: change.id }]
        : viewChanges(board, [change.id], true);
    afterCommit(change, seen, 0);
  };
  const incidentDeps = { kit, store, channelsOf };
  const change = createChangeIncident(incidentDeps, (committed) => afterCommit(committed, [], 0));
  const forgotten = createForgottenWatch({ kit, board, change });
  const probers = createProberRoll({ kit, bus });
  const coverage = createCoverage({
    ...incidentDeps,
    bus,
    board,
    probers,
    change,
    onChanged: (committed = NO_CHANGES, ids) => afterCommit(committed, viewChanges(board, ids, false), 0),
  });
  const onForeignFolded = (results: readonly CheckResult[]): void => {
    forgotten.onFolded({ results });
    coverage.onFolded(results);
  };
  const foreign = createForeignView({ kit, bus, store, board, changes, onFolded: onForeignFolded });
  const onTurned = (turned: Turned): void => {
    afterCommit(turned, [], 0);
    watermarks.moved(turned.ends);
  };
  const notifier = createNotifier({
    kit,
    store,
    owner,
    channels: deps.channels,
    channelsKnown: deps.channelsKnown,
    publicUrl: deps.publicUrl,
    change,
    sent: metrics.notifications,
  });
  const aboutMaintenance = {
    kit,
    bus,
    store,
    board,
    book: windows,
    onShown: (ids: readonly string[]) => changes.publish(viewChanges(board, ids, false)),
  };
  const monitors = createMonitors({ ...incidentDeps, onChanged: onMonitorChanged });
  let parts: ReadonlySet<number> = new Set();
  const reconcile = { kit, store, owner, exclusive, change, owns: (part: number) => exclusive || parts.has(part) };
  if (exclusive) await settleLostRepairs(reconcile);
  const { signal } = tenure;
  const deaf = createDeaf(kit, await store.transaction((tx) => tx.checks.newestSlotMs()));
  return {
    board,
    monitors,
    maintenance: createMaintenance(aboutMaintenance),
    change,
    deaf,
    kick: () => relay.kick(),
    resolve: createResolve(incidentDeps, board, (committed, seen) => afterCommit(committed, seen(), 0)),
    run: async () => {
      const fold = {
        kit,
        store,
        bus,
        tenure,
        relay,
        watermarks,
        owner,
        channelsOf,
        windows,
        onTrouble: deps.onTrouble,
        onFailed: () => changes.foldStatus.failed(),
        // A bus of this process alone lives as long as it does.
        forgetsAtStart: exclusive,
        onTurned,
        onFolded,
        onForeign: tenure.leads ? foreign.read : () => undefined,
        onShare: (owned: readonly number[]) => {
          parts = new Set(owned);
          deps.onShare();
        },
      };
      const everyMsOf = (id: string): number => board.monitor(id)?.spec?.everyMs ?? 0;
      const work = [
        foldPartitions(fold),
        watermarks.run(signal),
        onRepairRequested({ ...deps, change }, signal),
        reconcileRepairs(reconcile, signal),
        notifier.run(signal),
        followMaintenance(aboutMaintenance, signal),
        ...(tenure.leads
          ? [
              foreign.run(signal),
              forgotten.run(signal),
              probers.run(signal),
              coverage.run(signal),
              deaf.watch(signal),
              watchObjectives(
                {
                  ...incidentDeps,
                  board,
                  book: windows,
                  onChanged: (committed, ids) => afterCommit(committed, viewChanges(board, ids, false), 0),
                },
                signal,
              ),
              watchSilence({ kit, board, foldStatus: changes.foldStatus }, signal),
              readLevels({ kit, store, board, metrics }, signal),
              projectKpis({ kit, store, metrics }, signal),
              compact({ kit, store, everyMsOf }, signal),
            ]
          : []),
      ];
      try {
        await Promise.all(work);
      } finally {
        // One that ended in error ends the others; each finishes what is in hand.
        tenure.lose();
        await Promise.allSettled(work);
      }
    },
  };
}

function viewChanges(board: Board, ids: readonly string[], definition: boolean): readonly Change[] {
  return ids.flatMap((id) => {
    const value = board.view(id);
    return value === undefined ? [] : [{ $case: "monitor", value, definition } satisfies Change];
  });
}

/** A state that was changed beside the fold comes without its beats, which the board has. */
function withBeats(board: Board, { id, state }: MonitorChange): MonitorState | undefined {
  return state === undefined ? undefined : { ...state, beats: board.view(id)?.beats ?? [] };
}

/** Closing by hand: the monitor begins anew, so an outage that goes on must be confirmed again before it reopens. */
function createResolve(
  deps: IncidentChangesDeps & { readonly kit: TenureDeps["kit"]; readonly store: TenureDeps["store"] },
  board: Board,
  afterCommit: (committed: CommittedChanges, seen: () => readonly Change[]) => void,
): RunningTenure["resolve"] {
  const { kit, store } = deps;
  return async (id, actor, expectedVersion, traceparent) => {
    const monitorId = (await store.transaction((tx) => tx.incidents.find(id)))?.monitorId;
    if (monitorId === undefined) throw new SentinelError("incident_not_found", { id: String(id) });
    const atMs = kit.clock.now();
    const done = await store.transaction(async (tx) => {
      await tx.partitions.revise([partitionOf(monitorId)]);
      const before = (await tx.incidents.lock([id])).get(id);
      if (before === undefined) throw new SentinelError("incident_not_found", { id: String(id) });
      checkVersion(before, expectedVersion);
      const changes = createIncidentChanges(deps);
      const command = { type: "Resolve", actor, resolution: Resolution.MANUAL, atMs } as const;
      const after = changes.apply(before, command, { traceparent, actor });
      const committed = await changes.commit(tx);
      const known = (await tx.states.load([monitorId])).get(monitorId);
      if (known === undefined || known.openIncidentId !== id) return { after, committed, state: undefined };
      const state = { ...closed(known, after, atMs), failingRounds: 0, firstFailureMs: 0 };
      await tx.states.save(new Map([[monitorId, state]]));
      return { after, committed, state };
    });
    const { state } = done;
    if (state !== undefined) board.setState(monitorId, { ...state, beats: board.view(monitorId)?.beats ?? [] });
    afterCommit(done.committed, () => viewChanges(board, [monitorId], false));
    return done.after;
  };
}
