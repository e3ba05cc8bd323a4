import { type CheckResult, Monitor, partitionOf, Verdict } from "@sentinel/contracts";
import { initialIncidentState } from "../../core/incident.ts";
import { aRound, aSpec, T0 } from "../../core/fixtures.ts";
import type { IncidentState } from "../../core/types.ts";
import type { FoldStore, FoldTx, NewOutboxRow, Retention } from "../port.ts";

/** A store under test. */
export interface OpenFoldStore {
  readonly store: FoldStore;
  /** Lets leases of this length run out. */
  expire(ttlMs: number): Promise<void>;
  close(): Promise<void>;
}

/** A lease that a test lets run out; long enough that it does not on a busy machine before the test says so. */
export const SHORT_MS = 1500;

/** The store of the running test: one for the whole suite, so tests use names of their own. */
export interface FoldStoreHandle {
  readonly current: OpenFoldStore;
}

/** One transaction on the store of the running test. */
export function within<T>(handle: FoldStoreHandle, fn: (tx: FoldTx) => Promise<T>): Promise<T> {
  return handle.current.store.transaction(fn);
}

let made = 0;

/** A name nobody else of this run has. */
export function fresh(prefix: string): string {
  made += 1;
  return `${prefix}_${String(made).padStart(4, "0")}`;
}

export const aMonitor = (change: Partial<Monitor> = {}): Monitor => {
  const id = change.id ?? fresh("mon");
  return {
    ...Monitor.fromPartial({ id, version: 1, createdAtMs: T0, changedAtMs: T0 }),
    spec: aSpec({ name: id }),
    ...change,
  };
};

export const aCheck = (monitorId: string, slotMs: number, change: Partial<CheckResult> = {}): CheckResult =>
  aRound(slotMs, Verdict.HEALTHY, "", { monitorId, durationMs: 12.5, ...change });

/** Packs hours of one monitor as compaction does. Gives how many rounds were new to the chunks. */
export async function packHours(
  tx: FoldTx,
  monitorId: string,
  hoursMs: readonly number[],
  everyMs: number,
): Promise<number> {
  let packed = 0;
  for (const hourMs of hoursMs) {
    const segments = await tx.checks.segments(hourMs);
    const rounds = segments.flatMap(({ counted, results }) =>
      results((id) => id === monitorId).map((result) => ({ result, counted })),
    );
    const regions = Map.groupBy(rounds, ({ result }) => result.region);
    packed += await tx.checks.pack(
      [...regions].map(([region, each]) => ({ monitorId, region, hourMs, everyMs, rounds: each })),
    );
    const mine = segments.filter(({ rounds: count, results }) => results((id) => id === monitorId).length === count);
    await tx.checks.forget(hourMs, mine);
  }
  return packed;
}

export const anIncident = (id: number, monitorId: string, change: Partial<IncidentState> = {}): IncidentState => ({
  ...initialIncidentState,
  id,
  monitorId,
  monitorName: monitorId,
  startedAtMs: T0,
  version: 1,
  ...change,
});

export const anOutboxRow = (kind: NewOutboxRow["kind"], change: Partial<NewOutboxRow> = {}): NewOutboxRow => ({
  kind,
  subject: `evt.v1.${partitionOf("x")}.x`,
  part: partitionOf("x"),
  payload: Uint8Array.of(1, 2, 3),
  key: fresh("key"),
  atMs: T0,
  traceparent: "",
  ...change,
});

/** Everything is kept but what is named. */
export const keeping = (change: Partial<Retention>): Retention => ({
  checksMs: 0,
  evidenceMs: 0,
  summariesMs: 0,
  finishedMs: 0,
  countsMs: 0,
  ...change,
});
