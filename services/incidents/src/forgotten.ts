import { CheckResult, Evidence, MonitorSpec, Nature, STREAM_CHECKS, Verdict } from "@sentinel/contracts";
import type { Board } from "./board.ts";
import type { ChangeIncident } from "./change-incident.ts";
import { initialIncidentState } from "./core/incident.ts";
import type { StreamTurn } from "./core/stream-course.ts";
import { fence, type FoldDeps, type Folded } from "./fold.ts";
import { type CommittedChanges, createIncidentChanges, NO_CHANGES } from "./incident-changes.ts";
import type { FoldTx } from "./store/port.ts";

/** Incidents about Sentinel itself belong to this name, which no monitor has. */
export const SENTINEL = "sentinel";

/** After so long without a result from before, everything the spools held has come again. */
const QUIET_MS = 30_000;
const LOOK_EVERY_MS = 5000;

/** What a new course of the stream means: places begin anew, in a generation of their own. */
export interface Turned extends CommittedChanges {
  readonly ends: Folded["ends"];
}

/**
 * Begins a new generation of places, because numbers of the check stream belong to other messages by now. Probers keep
 * what the new generation has not passed. `tell` opens an incident about it, unless one is open.
 * @throws SentinelError `lease_lost`
 */
export async function beginGeneration(
  deps: FoldDeps,
  turn: { readonly kind: StreamTurn; readonly epoch: string },
  tell: boolean,
  parts: readonly number[] = [...deps.epochs.keys()],
): Promise<Turned> {
  const { kit, store } = deps;
  const turned = await store.transaction(async (tx) => {
    fence(deps, await tx.partitions.lock(parts));
    const ends = await tx.partitions.beginGeneration(parts, turn.epoch);
    const committed = tell ? await open(deps, tx, turn.kind) : NO_CHANGES;
    return { ...committed, ends: ends.map((end) => ({ ...end, prints: [] })) };
  });
  deps.cache.clear();
  kit.log.warn("incidents.broker_forgot", { stream: STREAM_CHECKS, turn: turn.kind, epoch: turn.epoch });
  return turned;
}

/** Places that were left in an older course of the stream follow the others into a generation, of which all is told. */
export async function joinGeneration(
  deps: FoldDeps,
  {
    parts,
    epoch,
    generation,
  }: { readonly parts: readonly number[]; readonly epoch: string; readonly generation: number },
): Promise<Turned> {
  const ends = await deps.store.transaction(async (tx) => {
    fence(deps, await tx.partitions.lock(parts));
    return await tx.partitions.beginGeneration(parts, epoch, generation);
  });
  return { ...NO_CHANGES, ends: ends.map((end) => ({ ...end, prints: [] })) };
}

async function open(deps: FoldDeps, tx: FoldTx, kind: StreamTurn): Promise<CommittedChanges> {
  const [known] = await tx.incidents.list({ openOnly: true, monitorId: SENTINEL, beforeId: 0, limit: 1 });
  if (known !== undefined) return NO_CHANGES;
  const atMs = deps.kit.clock.now();
  const changes = createIncidentChanges(deps);
  const traceparent = "";
  changes.apply(
    initialIncidentState,
    {
      type: "Open",
      incidentId: await tx.incidents.nextId(),
      monitorId: SENTINEL,
      spec: MonitorSpec.fromPartial({ name: "Sentinel", nature: Nature.TECHNICAL }),
      verdict: Verdict.DEGRADED,
      startedAtMs: atMs,
      lastHealthyAtMs: 0,
      result: evidenceOf(kind, atMs),
      failedRounds: 1,
      repairsAtMs: [],
      repairsThisHour: 0,
      atMs,
    },
    { traceparent },
  );
  return await changes.commit(tx);
}

/** The broker as an endpoint that failed. */
const evidenceOf = (kind: StreamTurn, atMs: number): CheckResult => ({
  ...CheckResult.fromPartial({}),
  slotMs: atMs,
  endpoints: [
    {
      url: STREAM_CHECKS,
      verdict: Verdict.DEGRADED,
      reason: "broker_forgot",
      status: 0,
      durationMs: 0,
      phases: undefined,
      evidence: { ...Evidence.fromPartial({}), params: { stream: STREAM_CHECKS, turn: kind } },
    },
  ],
});

/** Resolves the incident when results from before it have stopped coming again. */
export function createForgottenWatch(deps: {
  readonly kit: FoldDeps["kit"];
  readonly board: Board;
  readonly change: ChangeIncident;
}): { onFolded(folded: Pick<Folded, "results">): void; run(signal: AbortSignal): Promise<void> } {
  const { kit, board, change } = deps;
  let lateAtMs = kit.clock.now();
  const openOne = () =>
    board.incidents().find(({ monitorId, resolvedAtMs }) => monitorId === SENTINEL && resolvedAtMs === 0);
  const settle = async (): Promise<void> => {
    const found = openOne();
    const atMs = kit.clock.now();
    if (found === undefined || atMs - Math.max(found.detectedAtMs, lateAtMs) < QUIET_MS) return;
    await change(found.id, { type: "Recover", slotMs: atMs, atMs }, { traceparent: "" });
  };
  return {
    onFolded: ({ results }) => {
      const found = openOne();
      if (found === undefined || !results.some(({ slotMs }) => slotMs < found.detectedAtMs)) return;
      lateAtMs = kit.clock.now();
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await kit.clock.sleep(LOOK_EVERY_MS, signal);
        if (signal.aborted) return;
        await settle().catch((error: unknown) => kit.log.warn("incidents.not_settled", { error }));
      }
    },
  };
}
