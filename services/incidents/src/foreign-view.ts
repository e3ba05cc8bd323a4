import {
  type CheckResult,
  CheckResult as CheckResults,
  IncidentTimelineChange,
  STREAM_EVENTS,
} from "@sentinel/contracts";
import type { Bus, Message } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Board, Change } from "./board.ts";
import type { Changes } from "./changes.ts";
import { toIncident } from "./core/incident.ts";
import { countRounds } from "./checklog/count-rounds.ts";
import { cursorOf } from "./fold.ts";
import { createKick } from "./kick.ts";
import { loadStates } from "./load-states.ts";
import type { FoldStore } from "./store/port.ts";

const LOOK_MS = 250;
const RESYNC_MS = 30_000;
const RETRY_MS = 1000;
const RECENT = 200;
/** Rounds told to those who watch; of a longer backlog only the newest. */
const MAX_WAITING = 20_000;
const MAX_TOLD = 10_000;

export interface ForeignViewDeps {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly store: FoldStore;
  readonly board: Board;
  readonly changes: Changes;
  readonly onFolded: (results: readonly CheckResult[]) => void;
}

/** Keeps the board of the lead true to what other members fold: the streams tell that something changed, the store what. */
export interface ForeignView {
  /** Results of partitions of others, as they are read. */
  readonly read: (messages: readonly Message[]) => void;
  /** What this process did itself is told already when it comes as an event. */
  readonly told: (timeline: readonly IncidentTimelineChange[]) => void;
  run(signal: AbortSignal): Promise<void>;
}

interface Waiting {
  readonly part: number;
  readonly epoch: string;
  readonly seq: number;
  readonly result: CheckResult;
}

export function createForeignView(deps: ForeignViewDeps): ForeignView {
  const { kit } = deps;
  let waiting: Waiting[] = [];
  const kick = createKick();
  const told = new Set<string>();
  const tell = (eventId: string): boolean => {
    if (told.has(eventId)) return false;
    told.add(eventId);
    const [oldest] = told;
    if (told.size > MAX_TOLD && oldest !== undefined) told.delete(oldest);
    return true;
  };
  const look = async (): Promise<void> => {
    const partitions = await deps.store.transaction((tx) => tx.partitions.all());
    const isFolded = ({ part, epoch, seq }: Waiting): boolean => {
      const place = partitions[part];
      // Of another life of the stream nothing can be told, but that it does no harm to look.
      return place !== undefined && (place.streamEpoch !== epoch || place.lastSeq >= seq);
    };
    const { yes = [], no = [] } = Object.groupBy(waiting, (each) => (isFolded(each) ? "yes" : "no"));
    waiting = no;
    try {
      if (yes.length > 0)
        await show(
          deps,
          yes.map(({ result }) => result),
        );
    } catch (error) {
      waiting = [...yes, ...waiting];
      throw error;
    }
  };
  const watch = async (signal: AbortSignal): Promise<void> => {
    let syncedAtMs = kit.clock.monotonic();
    while (!signal.aborted) {
      // Where nobody else folds there is nothing to look for.
      if (waiting.length === 0) await kick.wait(kit.clock, syncedAtMs + RESYNC_MS - kit.clock.monotonic(), signal);
      await kit.clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      try {
        if (waiting.length > 0) await look();
        if (kit.clock.monotonic() - syncedAtMs < RESYNC_MS) continue;
        syncedAtMs = kit.clock.monotonic();
        await resync(deps);
      } catch (error) {
        if (!signal.aborted) kit.log.warn("incidents.view_not_read", { error });
        await kit.clock.sleep(RETRY_MS, signal);
      }
    }
  };
  return {
    read: (messages) => {
      waiting.push(...messages.flatMap(toWaiting));
      if (waiting.length > MAX_WAITING) waiting = waiting.slice(-MAX_WAITING);
      if (waiting.length > 0) kick.now();
    },
    told: (timeline) => {
      for (const { entry } of timeline) tell(entry?.eventId ?? "");
    },
    run: async (signal) => {
      await Promise.all([watch(signal), followEvents(deps, tell, signal)]);
    },
  };
}

function toWaiting({ subject, epoch, seq, data }: Message): readonly Waiting[] {
  try {
    return [{ part: cursorOf(subject), epoch, seq, result: CheckResults.decode(data) }];
  } catch {
    // Its owner keeps it as a dead letter.
    return [];
  }
}

/** States and totals as they are in the store by now. */
async function show({ kit, store, board, changes, onFolded }: ForeignViewDeps, results: readonly CheckResult[]) {
  const ids = [...new Set(results.map(({ monitorId }) => monitorId))].filter((id) => board.monitor(id) !== undefined);
  // Those that come again, or were read before the board was, are counted already.
  const fresh = results.filter(
    ({ monitorId, slotMs }) => !board.view(monitorId)?.beats.some((beat) => beat.slotMs === slotMs),
  );
  const read = await store.transaction(async (tx) => ({
    states: await loadStates(tx, ids, kit.clock.now()),
    totals: await tx.totals.sum(),
  }));
  for (const [id, state] of read.states) board.setState(id, state);
  board.addUptime(countRounds(fresh));
  board.setTotals(read.totals);
  changes.foldStatus.folded();
  onFolded(results);
  const views = ids.flatMap((id) => viewOf(board, id));
  const checks = results.map((value): Change => ({ $case: "check", value }));
  changes.publish([...views, ...checks, { $case: "totals", value: board.totals }]);
}

function viewOf(board: Board, id: string): readonly Change[] {
  const value = board.view(id);
  return value === undefined ? [] : [{ $case: "monitor", value, definition: false }];
}

/** What happened to incidents, as it is published. */
async function followEvents(
  { kit, bus, store, board, changes }: ForeignViewDeps,
  tell: (eventId: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { lastSeq: afterSeq, epoch } = await bus.state(STREAM_EVENTS);
      for await (const { data } of bus.read(STREAM_EVENTS, { afterSeq, epoch, filter: "evt.v1.>", signal })) {
        const change = decodeChange(data);
        if (change?.entry === undefined || !tell(change.entry.eventId)) continue;
        const { incidentId, entry } = change;
        if ((board.incident(incidentId)?.version ?? 0) < entry.version) {
          const read = await store.transaction(async (tx) => {
            const state = await tx.incidents.find(incidentId);
            if (state === undefined) return undefined;
            const monitor = (await loadStates(tx, [state.monitorId], kit.clock.now())).get(state.monitorId);
            return { state, monitor, totals: await tx.totals.sum() };
          });
          if (read === undefined) continue;
          const { state, monitor, totals } = read;
          // The monitor as it was with this event; its rounds are shown, and counted, when they are read.
          const beats = board.view(state.monitorId)?.beats ?? [];
          if (monitor !== undefined) board.setState(state.monitorId, { ...monitor, beats });
          board.setIncident(state);
          board.setTotals(totals);
          changes.publish([
            { $case: "totals", value: totals },
            ...viewOf(board, state.monitorId),
            { $case: "incident", value: toIncident(state) },
          ]);
        }
        changes.publish([{ $case: "timeline", value: change }]);
      }
    } catch (error) {
      if (!signal.aborted) kit.log.warn("incidents.events_not_followed", { error });
    }
    await kit.clock.sleep(RETRY_MS, signal);
  }
}

function decodeChange(data: Uint8Array): IncidentTimelineChange | undefined {
  try {
    return IncidentTimelineChange.decode(data);
  } catch {
    return undefined;
  }
}

/** The broker may have forgotten an event: now and then the incidents are compared with the store. */
async function resync({ store, board, changes }: ForeignViewDeps): Promise<void> {
  const query = { openOnly: false, monitorId: "", beforeId: 0, limit: RECENT };
  const recent = await store.transaction((tx) => tx.incidents.list(query));
  const newer = recent.toReversed().filter(({ id, version }) => (board.incident(id)?.version ?? 0) < version);
  for (const state of newer) board.setIncident(state);
  changes.publish(newer.map((state): Change => ({ $case: "incident", value: toIncident(state) })));
}
