import {
  type CheckResult,
  type Incident,
  MonitorStatus,
  partitionOf,
  STREAM_CHECKS,
  Verdict,
} from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Board } from "./board.ts";
import type { ChangeIncident } from "./change-incident.ts";
import {
  type Blind,
  blindOf,
  coverageSpec,
  evidenceOf,
  groupOf,
  type Listening,
  patienceMs,
  type Sight,
  sightAfter,
  type Watched,
} from "./core/coverage.ts";
import { initialIncidentState } from "./core/incident.ts";
import type { IncidentCommand } from "./core/types.ts";
import { type CommittedChanges, createIncidentChanges, type IncidentChangesDeps } from "./incident-changes.ts";
import type { FoldStore } from "./store/port.ts";

/** Incidents about monitors that nobody sees belong to names that begin so, which no monitor has. */
export const COVERAGE = "sentinel/coverage/";

const LOOK_EVERY_MS = 1000;
/** A process that was stopped for longer than this heard nothing meanwhile. */
const ASLEEP_MS = 5000;
/** Monitors of which the check log is asked in one look, and rounds of each. */
const REMEMBERED_AT_A_TIME = 500;
const ROUNDS_READ = 20;
/** What an incident names is brought up to date no more often than this. */
const UPDATE_EVERY_MS = 30_000;

export interface CoverageDeps extends IncidentChangesDeps {
  readonly kit: Pick<ServiceKit, "clock" | "log" | "random" | "tracing">;
  readonly bus: Pick<Bus, "state" | "connected">;
  readonly store: FoldStore;
  readonly board: Pick<Board, "standings" | "incidents" | "setBlind">;
  readonly change: ChangeIncident;
  /** Probers that say they are there; absent where nobody listens to that. */
  readonly probers?: Pick<Listening, "prober" | "anyProber" | "live">;
  /** After a commit, and when what is shown of these monitors has changed. */
  readonly onChanged: (committed: CommittedChanges | undefined, monitorIds: readonly string[]) => void;
}

/** Notices monitors that nobody sees any more: silence is an incident, and nothing unseen is shown as healthy. */
export interface Coverage {
  onFolded(results: readonly CheckResult[]): void;
  run(signal: AbortSignal): Promise<void>;
}

interface Known {
  readonly watched: Watched;
  /** When this definition was first seen. */
  readonly sinceMonoMs: number;
  readonly lastSeenMs: number;
}

export function createCoverage(deps: CoverageDeps): Coverage {
  const { kit, board } = deps;
  const { clock } = kit;
  const sights = new Map<string, Map<string, Sight>>();
  const known = new Map<string, Known>();
  /** Those of which the check log was asked. */
  const remembered = new Set<string>();
  /** By monitor and region, with the group it was told in. */
  let blind = new Map<string, Blind & { readonly group: string }>();
  const updatedAt = new Map<string, { readonly monoMs: number; readonly count: number }>();
  let listeningSinceMonoMs = clock.monotonic();
  let provenMonoMs = listeningSinceMonoMs;

  const listening = (heardUntilMonoMs: number): Listening => ({
    heardUntilMonoMs,
    sinceMonoMs: ({ id }) => Math.max(listeningSinceMonoMs, known.get(id)?.sinceMonoMs ?? 0),
    brokerAway: !deps.bus.connected(),
    prober: (region, name) => deps.probers?.prober(region, name) ?? "unknown",
    anyProber: deps.probers?.anyProber ?? true,
    live: liveOf(deps),
  });
  const blindNow = (heardUntilMonoMs: number): Map<string, Blind> => {
    const found = new Map<string, Blind>();
    const ears = listening(heardUntilMonoMs);
    for (const { watched, lastSeenMs } of known.values()) {
      const seen = sights.get(watched.id);
      const looked = seen === undefined ? [undefined] : seen.values();
      for (const sight of looked) {
        const lost = blindOf(watched, sight, lastSeenMs, ears);
        if (lost !== undefined) found.set(`${watched.id} ${sight?.region ?? ""}`, lost);
      }
    }
    return found;
  };
  const readWatched = (): void => {
    const ids = new Set<string>();
    for (const { monitor, status, lastCheckedAtMs } of board.standings()) {
      const { spec } = monitor;
      if (spec === undefined || spec.paused || status === MonitorStatus.MAINTENANCE) continue;
      ids.add(monitor.id);
      const { id, version } = monitor;
      const { name, everyMs, timeoutMs } = spec;
      if (known.get(id)?.watched.version === version) continue;
      const watched = { id, name, version, everyMs, timeoutMs };
      // What was seen before this process listened is only believed for as long as it would be now.
      if (lastCheckedAtMs > 0 && !sights.has(id) && clock.now() - lastCheckedAtMs > patienceMs(watched)) {
        if (board.setBlind(id, lastCheckedAtMs)) deps.onChanged(undefined, [id]);
      }
      known.set(id, { watched, sinceMonoMs: clock.monotonic(), lastSeenMs: lastCheckedAtMs });
    }
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    for (const id of sights.keys()) if (!ids.has(id)) sights.delete(id);
    for (const id of remembered) if (!ids.has(id)) remembered.delete(id);
  };
  /** All that was in the stream at some instant is folded: what was not heard by then did not come. */
  const prove = async (): Promise<void> => {
    const atMonoMs = clock.monotonic();
    if (!deps.bus.connected()) return void (provenMonoMs = atMonoMs);
    const end = await deps.bus.state(STREAM_CHECKS);
    const partitions = await deps.store.transaction((tx) => tx.partitions.all());
    const isFolded = partitions.some((each) => each.streamEpoch === end.epoch && each.lastSeq >= end.lastSeq);
    if (end.lastSeq === 0 || isFolded) provenMonoMs = atMonoMs;
  };
  /** Who saw these last, before this process listened: without that, each restart would tell of the same silence anew. */
  const remember = async (lost: ReadonlyMap<string, Blind>): Promise<boolean> => {
    const unknown = [...lost.values()].flatMap(({ monitorId }) => {
      const found = known.get(monitorId);
      const isNew = found === undefined || found.lastSeenMs === 0 || sights.has(monitorId);
      return isNew || remembered.has(monitorId) ? [] : [found];
    });
    if (unknown.length === 0) return false;
    const some = unknown.slice(0, REMEMBERED_AT_A_TIME);
    const rounds = await lastRounds(deps.store, some);
    for (const { watched } of some) {
      remembered.add(watched.id);
      for (const round of rounds.get(watched.id) ?? []) see(round, Number.NEGATIVE_INFINITY);
    }
    return true;
  };
  const look = async (): Promise<void> => {
    readWatched();
    const suspects = blindNow(clock.monotonic());
    if ([...suspects.keys()].some((key) => !blind.has(key))) await prove();
    // The next look tells, and tells of all at once.
    if (await remember(blindNow(provenMonoMs))) return;
    const lost = blindNow(provenMonoMs);
    // What is known to be unseen stays so until something is heard of it.
    for (const [key, each] of blind) if (suspects.has(key) && !lost.has(key)) lost.set(key, each);
    const before = blind;
    blind = new Map([...lost].map(([key, each]) => [key, { ...each, group: before.get(key)?.group ?? groupOf(each) }]));
    show(before);
    await tell();
  };
  /** One region that sees a monitor is fresh evidence of it. */
  const show = (before: ReadonlyMap<string, Blind>): void => {
    const changed = new Set<string>();
    for (const { monitorId, sinceMs } of blind.values()) {
      const regions = [...(sights.get(monitorId)?.keys() ?? [""])];
      if (!regions.every((region) => blind.has(`${monitorId} ${region}`))) continue;
      if (board.setBlind(monitorId, sinceMs)) changed.add(monitorId);
    }
    const now = new Set([...blind.values()].map(({ monitorId }) => monitorId));
    for (const { monitorId } of before.values()) {
      if (!now.has(monitorId) && board.setBlind(monitorId, undefined)) changed.add(monitorId);
    }
    if (changed.size > 0) deps.onChanged(undefined, [...changed]);
  };
  const tell = async (): Promise<void> => {
    const groups = Map.groupBy(blind.values(), ({ group }) => group);
    const open = new Map(openOnes(deps).map((each) => [each.monitorId.slice(COVERAGE.length), each.id]));
    if (everybodyKnown()) await endOthers(groups, open);
    for (const [group, members] of groups) {
      const id = open.get(group);
      const last = updatedAt.get(group);
      // What somebody closed by hand is told again only when more is out of sight.
      const isMore = last === undefined || last.count < members.length;
      if (id === undefined && isMore) deps.onChanged(await openOne(deps, group, members), []);
      else if (id !== undefined && last !== undefined && isMore) {
        if (clock.monotonic() - last.monoMs < UPDATE_EVERY_MS) continue;
        await deps.change(id, updateOf(members, clock.now(), liveOf(deps)), { traceparent: "" });
      } else if (last !== undefined) continue;
      updatedAt.set(group, { monoMs: clock.monotonic(), count: members.length });
    }
  };
  /** Those of which all is seen again; before a new one of the same monitors, so that one silence is told once. */
  const endOthers = async (groups: ReadonlyMap<string, unknown>, open: ReadonlyMap<string, number>): Promise<void> => {
    for (const group of updatedAt.keys()) if (!groups.has(group)) updatedAt.delete(group);
    for (const [group, id] of open) {
      if (groups.has(group)) continue;
      const atMs = clock.now();
      await deps.change(id, { type: "Recover", slotMs: atMs, atMs }, { traceparent: "" });
    }
  };
  /** Right after a start nobody knows yet who is still unseen. */
  const everybodyKnown = (): boolean => [...known.keys()].every((id) => sights.has(id) || blind.has(`${id} `));
  const see = (result: CheckResult, monoMs: number): void => {
    const regions = sights.get(result.monitorId) ?? new Map<string, Sight>();
    const sight = sightAfter(regions.get(result.region), result, monoMs);
    if (sight === undefined) return;
    sights.set(result.monitorId, regions.set(result.region, sight));
    if (sight.reason === "" && monoMs > Number.NEGATIVE_INFINITY) board.setBlind(result.monitorId, undefined);
  };
  return {
    onFolded: (results) => {
      const monoMs = clock.monotonic();
      for (const result of results) see(result, monoMs);
    },
    run: async (signal) => {
      let lookedMonoMs = clock.monotonic();
      readWatched();
      while (!signal.aborted) {
        await clock.sleep(LOOK_EVERY_MS, signal);
        if (signal.aborted) return;
        const monoMs = clock.monotonic();
        if (monoMs - lookedMonoMs - LOOK_EVERY_MS > ASLEEP_MS) listeningSinceMonoMs = monoMs;
        await look().catch((error: unknown) => kit.log.warn("incidents.coverage_not_judged", { error }));
        lookedMonoMs = clock.monotonic();
      }
    },
  };
}

/** Rounds of each of these from the last time at which it was seen, oldest first. */
async function lastRounds(
  store: FoldStore,
  unseen: readonly Known[],
): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  return await store.transaction(async (tx) => {
    const found = new Map<string, readonly CheckResult[]>();
    for (const { watched, lastSeenMs } of unseen) {
      const afterMs = Math.max(0, lastSeenMs - patienceMs(watched));
      const query = { monitorId: watched.id, beforeMs: Number.MAX_SAFE_INTEGER, afterMs, limit: ROUNDS_READ };
      found.set(watched.id, (await tx.checks.list(query)).toReversed());
    }
    return found;
  });
}

const openOnes = ({ board }: CoverageDeps): readonly Incident[] =>
  board.incidents().filter(({ monitorId, resolvedAtMs }) => monitorId.startsWith(COVERAGE) && resolvedAtMs === 0);

const liveOf = ({ probers }: Pick<CoverageDeps, "probers">): Listening["live"] => probers?.live ?? [];

const updateOf = (members: readonly Blind[], atMs: number, live: Listening["live"]): IncidentCommand => ({
  type: "ChangeVerdict",
  spec: coverageSpec(),
  verdict: Verdict.DEGRADED,
  result: evidenceOf(members, atMs, live),
  atMs,
});

async function openOne(deps: CoverageDeps, group: string, members: readonly Blind[]): Promise<CommittedChanges> {
  const { kit, store } = deps;
  const atMs = kit.clock.now();
  const monitorId = COVERAGE + group;
  const result = evidenceOf(members, atMs, liveOf(deps));
  const known = members.map(({ sinceMs }) => sinceMs).filter((ms) => ms > 0);
  const sinceMs = known.length === 0 ? atMs : Math.min(atMs, ...known);
  return await store.transaction(async (tx) => {
    await tx.partitions.lock([partitionOf(monitorId)]);
    const open = await tx.incidents.list({ openOnly: true, monitorId, beforeId: 0, limit: 1 });
    const changes = createIncidentChanges(deps);
    if (open.length > 0) return await changes.commit(tx);
    kit.log.warn("incidents.not_watched", { group, monitors: members.length, sinceMs });
    const command: IncidentCommand = {
      type: "Open",
      incidentId: await tx.incidents.nextId(),
      monitorId,
      spec: coverageSpec(),
      verdict: Verdict.DEGRADED,
      startedAtMs: sinceMs,
      lastHealthyAtMs: 0,
      result,
      failedRounds: 2,
      repairsAtMs: [],
      repairsThisHour: 0,
      atMs,
    };
    changes.apply(initialIncidentState, command, { traceparent: "" });
    return await changes.commit(tx);
  });
}
