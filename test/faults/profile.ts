import { AMNESIAS, runAmnesias } from "./amnesia.ts";
import type { Finding } from "./auditor.ts";
import { runKills } from "./kills.ts";
import { POINTS, runPoints } from "./points.ts";
import { type Disk, openDisk, runPowerCuts } from "./power-cuts.ts";
import type { Verdict } from "./settle.ts";
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
    if (run.kind === "power-cuts" || run.kind === "power-cuts-unsafe") {
      const disk = await openDisk();
      if ("reason" in disk) return { ...nothing, findings: [], tookMs: took(), skipped: disk.reason };
      try {
        return { ...(await performOnDisk(run, disk, say)), tookMs: took() };
      } finally {
        await disk.remove();
      }
    }
    return { ...(await performOnFolder(run, say)), tookMs: took() };
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...nothing, findings: [{ rule: "run-broken", detail }], tookMs: took() };
  }
}

/** Without waiting for the disk the same cuts have to be noticed, or the audit of the safe ones would prove nothing. */
async function performOnDisk(run: Run, disk: Disk, say: Say): Promise<Outcome> {
  const unsafe = run.kind === "power-cuts-unsafe";
  const open = await openAllInOne({ folder: disk.mountPoint });
  const outcome = await onStage(run, open, (stage) => runPowerCuts(stage, disk, { ...run, unsafe, onEach: say }));
  if (!unsafe) return outcome;
  for (const { rule, detail } of outcome.findings) say(`as it must: ${rule}: ${detail}`);
  const missing = {
    rule: "loss-not-noticed",
    detail: "commits did not wait for the disk, and the audit found nothing",
  };
  return { ...outcome, findings: outcome.findings.length > 0 ? [] : [missing] };
}

async function performOnFolder(run: Run, say: Say): Promise<Outcome> {
  switch (run.kind) {
    case "kills":
      return await onStage(run, await openAllInOne(), (stage) =>
        runKills(stage, { seed: run.seed, kills: run.count, onKill: say }),
      );
    case "kills-distributed":
      return await onStage(run, await openDistributed(), (stage) =>
        runKills(stage, { seed: run.seed, kills: run.count, onKill: say }),
      );
    case "points-distributed":
      return await onStage(run, await openDistributed(), (stage) => runPoints(stage, POINTS.slice(0, run.count), say));
    case "amnesia":
      return await onStage(run, await openDistributed(), (stage) => runAmnesias(stage, { ...run, onEach: say }));
    case "power-cuts":
    case "power-cuts-unsafe":
      throw new Error("needs a disk of its own");
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
  { kind: "kills", seed: 1, count: 18 },
  { kind: "kills", seed: fresh, count: 10 },
  { kind: "kills-distributed", seed: 1, count: 10 },
  { kind: "points-distributed", seed: 1, count: POINTS.length },
  { kind: "amnesia", seed: 1, count: AMNESIAS.length + 1 },
  { kind: "power-cuts", seed: fresh, count: 4 },
];

const times = (runs: number, make: (index: number) => Run): readonly Run[] =>
  Array.from({ length: runs }, (_, index) => make(index + 1));

/** 1,000 kills, 100 power cuts and 100 amnesias. */
export const fullProfile = (): readonly Run[] => [
  ...times(25, (seed) => ({ kind: "kills", seed, count: 20 })),
  ...times(22, (seed) => ({ kind: "kills-distributed", seed, count: 20 })),
  ...times(5, (seed) => ({ kind: "points-distributed", seed, count: POINTS.length })),
  ...times(20, (seed) => ({ kind: "amnesia", seed, count: 5 })),
  ...times(10, (seed) => ({ kind: "power-cuts", seed, count: 10 })),
  { kind: "power-cuts-unsafe", seed: 1, count: 4 },
];
