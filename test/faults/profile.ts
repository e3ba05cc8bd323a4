import { AMNESIAS, runAmnesias } from "./amnesia.ts";
import type { Finding } from "./auditor.ts";
import { openClocks, runClocks } from "./clocks.ts";
import { runOutOfConnections } from "./connections.ts";
import { openSmallDisks, runDiskFull } from "./disk-full.ts";
import { runKills } from "./kills.ts";
import { openNetwork, runNetwork } from "./network.ts";
import { POINTS, runPoints } from "./points.ts";
import { openDisk, runPowerCuts } from "./power-cuts.ts";
import type { Verdict } from "./settle.ts";
import { runSlowFsync, slowFsyncMissing } from "./slow-fsync.ts";
import { openAllInOne } from "./stage-all-in-one.ts";
import { openDistributed } from "./stage-distributed.ts";
import { removeStage, type Stage } from "./stage.ts";

export const KINDS = [
  "kills",
  "kills-distributed",
  "points-distributed",
  "amnesia",
  "power-cuts",
  "power-cuts-unsafe",
  "network",
  "clock",
  "disk-full",
  "disk-full-all-in-one",
  "out-of-connections",
  "slow-fsync",
] as const;
export type Kind = (typeof KINDS)[number];

/** One run on a stage of its own, repeated exactly by its kind, seed and count as far as a machine repeats itself. */
export interface Run {
  readonly kind: Kind;
  readonly seed: number;
  /** Faults in it. */
  readonly count: number;
}

export interface Outcome {
  readonly run: Run;
  readonly findings: readonly Finding[];
  readonly tookMs: number;
  readonly checks: number;
  readonly incidents: number;
  readonly messages: number;
  /** Why this machine cannot make this run; it then counts neither as passed nor as failed. */
  readonly skipped?: string;
}

type Say = (line: string) => void;

/** Makes the run, and gives what the auditor found; a run that cannot go on is a finding too. */
export async function perform(run: Run, say: Say): Promise<Outcome> {
  const from = performance.now();
  const took = (): number => Math.round(performance.now() - from);
  const nothing = { run, checks: 0, incidents: 0, messages: 0 };
  try {
    return { ...(await PERFORM[run.kind](run, say)), tookMs: took() };
  } catch (error) {
    if (error instanceof Impossible) return { ...nothing, findings: [], tookMs: took(), skipped: error.message };
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...nothing, findings: [{ rule: "run-broken", detail }], tookMs: took() };
  }
}

/** What this machine lacks for a run. */
class Impossible extends Error {}

function demand<T extends object>(found: T | { readonly reason: string }): T {
  if ("reason" in found) throw new Impossible(found.reason);
  return found;
}

const PERFORM: Readonly<Record<Kind, (run: Run, say: Say) => Promise<Outcome>>> = {
  kills: async (run, say) =>
    await onStage(run, await openAllInOne(), (stage) =>
      runKills(stage, { seed: run.seed, kills: run.count, onKill: say }),
    ),
  "kills-distributed": async (run, say) =>
    await onStage(run, await openDistributed({ incidents: 2 }), (stage) =>
      runKills(stage, { seed: run.seed, kills: run.count, onKill: say }),
    ),
  "points-distributed": async (run, say) =>
    await onStage(run, await openDistributed({ monitors: POINTS.length }), (stage) =>
      runPoints(stage, POINTS.slice(0, run.count), say),
    ),
  amnesia: async (run, say) =>
    await onStage(run, await openDistributed(), (stage) => runAmnesias(stage, { ...run, onEach: say })),
  "power-cuts": async (run, say) => await cutPower(run, false, say),
  "power-cuts-unsafe": async (run, say) => {
    const outcome = await cutPower(run, true, say);
    for (const { rule, detail } of outcome.findings) say(`as it must: ${rule}: ${detail}`);
    return { ...outcome, findings: outcome.findings.length > 0 ? [] : [NOT_NOTICED] };
  },
  network: async (run, say) => {
    const network = openNetwork();
    try {
      const open = await openDistributed({ between: network.between });
      return await onStage(run, open, (stage) => runNetwork(stage, network, { ...run, onEach: say }));
    } finally {
      await network.stop();
    }
  },
  clock: async (run, say) => {
    const clocks = demand(await openClocks());
    try {
      const open = await openDistributed({ envOf: clocks.envOf });
      return await onStage(run, open, (stage) => runClocks(stage, clocks, { ...run, onEach: say }));
    } finally {
      await clocks.remove();
    }
  },
  "disk-full": async (run, say) => {
    const disks = demand(await openSmallDisks("distributed"));
    try {
      const open = await openDistributed({ folder: disks.folder });
      return await onStage(run, open, (stage) => runDiskFull(stage, disks, { ...run, onEach: say }));
    } finally {
      await disks.remove();
    }
  },
  "disk-full-all-in-one": async (run, say) => {
    const disks = demand(await openSmallDisks("all-in-one"));
    try {
      const open = await openAllInOne({ folder: disks.folder });
      return await onStage(run, open, (stage) => runDiskFull(stage, disks, { ...run, onEach: say }));
    } finally {
      await disks.remove();
    }
  },
  "out-of-connections": async (run, say) =>
    await onStage(run, await openDistributed(), (stage) => runOutOfConnections(stage, { ...run, onEach: say })),
  "slow-fsync": async (run, say) => {
    const reason = await slowFsyncMissing();
    if (reason !== undefined) throw new Impossible(reason);
    return await onStage(run, await openDistributed(), (stage) => runSlowFsync(stage, { ...run, onEach: say }));
  },
};

/** Without waiting for the disk the same cuts have to be noticed, or the audit of the safe ones would prove nothing. */
const NOT_NOTICED: Finding = {
  rule: "loss-not-noticed",
  detail: "commits did not wait for the disk, and the audit found nothing",
};

async function cutPower(run: Run, unsafe: boolean, say: Say): Promise<Outcome> {
  const disk = demand(await openDisk());
  try {
    const open = await openAllInOne({ folder: disk.mountPoint });
    return await onStage(run, open, (stage) => runPowerCuts(stage, disk, { ...run, unsafe, onEach: say }));
  } finally {
    await disk.remove();
  }
}

async function onStage<S extends Stage>(run: Run, stage: S, work: (stage: S) => Promise<Verdict>): Promise<Outcome> {
  try {
    await stage.start();
    const { findings, evidence, tookMs } = await work(stage);
    return {
      run,
      findings,
      tookMs,
      checks: evidence?.checks.length ?? 0,
      incidents: evidence?.incidents.length ?? 0,
      messages: stage.world.ledgers.deliveries.length,
    };
  } finally {
    await removeStage(stage);
  }
}

/** What every change is tried with: fixed seeds, and one that nobody has tried before. */
export const shortProfile = (fresh: number): readonly Run[] => [
  { kind: "kills", seed: 1, count: 20 },
  { kind: "kills", seed: fresh, count: 12 },
  { kind: "kills-distributed", seed: 1, count: 16 },
  { kind: "points-distributed", seed: 1, count: POINTS.length },
  { kind: "amnesia", seed: 1, count: AMNESIAS.length + 1 },
  { kind: "power-cuts", seed: fresh, count: 4 },
  // A half-open connection to PostgreSQL and a broken one to the broker.
  { kind: "network", seed: 6, count: 2 },
  { kind: "clock", seed: 1, count: 2 },
  { kind: "disk-full", seed: 1, count: 2 },
  { kind: "disk-full-all-in-one", seed: 1, count: 1 },
  { kind: "out-of-connections", seed: fresh, count: 1 },
  { kind: "slow-fsync", seed: 1, count: 2 },
];

const times = (runs: number, make: (index: number) => Run): readonly Run[] =>
  Array.from({ length: runs }, (_, index) => make(index + 1));

/** 1,000 kills, 100 power cuts and 100 amnesias, and of everything else what makes each pair of whom and how once. */
export const fullProfile = (): readonly Run[] => [
  ...times(20, (seed) => ({ kind: "kills", seed, count: 25 })),
  ...times(11, (seed) => ({ kind: "kills-distributed", seed, count: 40 })),
  ...times(5, (seed) => ({ kind: "points-distributed", seed, count: POINTS.length })),
  ...times(10, (seed) => ({ kind: "amnesia", seed, count: 10 })),
  ...times(10, (seed) => ({ kind: "power-cuts", seed, count: 10 })),
  { kind: "power-cuts-unsafe", seed: 1, count: 4 },
  ...times(3, (seed) => ({ kind: "network", seed, count: 10 })),
  ...times(4, (seed) => ({ kind: "clock", seed, count: 9 })),
  ...times(4, (seed) => ({ kind: "disk-full", seed, count: 8 })),
  ...times(2, (seed) => ({ kind: "disk-full-all-in-one", seed, count: 6 })),
  ...times(3, (seed) => ({ kind: "out-of-connections", seed, count: 10 })),
  ...times(3, (seed) => ({ kind: "slow-fsync", seed, count: 10 })),
];

/** What a run takes on two cores that do other things as well: its start, its rest and its audit, and each fault. */
const COST_MS: Readonly<Record<Kind, { readonly run: number; readonly fault: number }>> = {
  kills: { run: 12_000, fault: 3500 },
  "kills-distributed": { run: 14_000, fault: 3000 },
  "points-distributed": { run: 14_000, fault: 4500 },
  amnesia: { run: 14_000, fault: 5000 },
  "power-cuts": { run: 14_000, fault: 9000 },
  "power-cuts-unsafe": { run: 24_000, fault: 9000 },
  network: { run: 20_000, fault: 8000 },
  clock: { run: 14_000, fault: 8500 },
  "disk-full": { run: 20_000, fault: 9000 },
  "disk-full-all-in-one": { run: 20_000, fault: 9000 },
  "out-of-connections": { run: 14_000, fault: 9000 },
  "slow-fsync": { run: 14_000, fault: 7500 },
};

/** About how long these runs take, from what such runs took. */
export const estimateMs = (runs: readonly Run[]): number =>
  runs.reduce((sum, { kind, count }) => sum + COST_MS[kind].run + count * COST_MS[kind].fault, 0);
