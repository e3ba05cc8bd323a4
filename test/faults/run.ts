// `npm run test:faults`: kills, power cuts and forgetful brokers, each followed by an audit of everything.
import { writeFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runJest } from "../harness/run-jest.ts";
import { estimateMs, fullProfile, KINDS, type Outcome, perform, type Run, shortProfile } from "./profile.ts";
import { writeProofs } from "./proofs.ts";

const root = join(import.meta.dirname, "../..");
const STATE = join(root, ".cache/faults.json");

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    only: { type: "string" },
    seed: { type: "string" },
    count: { type: "string" },
  },
});

function command({ kind, seed, count }: Run): string {
  return `npm run test:faults -- --only ${kind} --seed ${seed} --count ${count}`;
}

async function one(run: Run): Promise<Outcome> {
  // Two runs may write at the same time.
  const say = (line: string): void => void process.stdout.write(`${run.kind}/${run.seed}: ${line}\n`);
  say(`${run.count} faults`);
  const outcome = await perform(run, say);
  const { findings, skipped, tookMs, checks, incidents, messages } = outcome;
  const seen = `${checks} checks, ${incidents} incidents, ${messages} messages, ${(tookMs / 1000).toFixed(0)} s`;
  if (skipped !== undefined) say(`skipped: ${skipped}`);
  else if (findings.length === 0) say(`nothing lost, nothing doubled: ${seen}`);
  else {
    for (const { rule, detail } of findings.slice(0, 20)) say(`FOUND ${rule}: ${detail}`);
    say(`${findings.length} findings: ${seen}`);
    say(`repeat: ${command(run)}`);
  }
  return outcome;
}

function summary(outcomes: readonly Outcome[], more: { readonly passed: number; readonly failed: number }): number {
  const failed = outcomes.filter(({ findings }) => findings.length > 0).length + more.failed;
  const skipped = outcomes.filter((each) => each.skipped !== undefined).length;
  process.stdout.write(`${outcomes.length - skipped + more.passed + more.failed - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

const minutes = (ms: number): string => `${Math.ceil(ms / 60_000)} minutes`;

const NOTHING_MORE = { passed: 0, failed: 0 };

async function repeatOne(only: string): Promise<number> {
  const kind = KINDS.find((each) => each === only);
  if (kind === undefined) {
    process.stderr.write(`--only takes one of ${KINDS.join(", ")}\n`);
    return 2;
  }
  const run: Run = { kind, seed: Number(values.seed ?? 1), count: Number(values.count ?? 10) };
  return summary([await one(run)], NOTHING_MORE);
}

async function short(): Promise<number> {
  const fresh = Number(values.seed ?? Math.floor(Math.random() * 1_000_000) + 100);
  process.stdout.write(`fresh seed of this run: ${fresh}\n`);
  const runs = shortProfile(fresh);
  process.stdout.write(
    `${runs.length} runs, ${minutes(estimateMs(runs))} by estimate, after the tests of the auditor\n`,
  );
  const jest = await runJest("test/faults");
  const outcomes: Outcome[] = [];
  for (const run of runs) outcomes.push(await one(run));
  return summary(outcomes, jest === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

/** Runs wait most of their time, so several on stages of their own get done sooner. */
const AT_ONCE = 2;
/** How much sooner, on two cores. */
const GAIN = 1.6;

/** Goes on where an earlier full run was interrupted, and repeats what failed. */
async function full(): Promise<number> {
  const key = ({ kind, seed, count }: Run): string => `${kind}/${seed}/${count}`;
  const text = await readFile(STATE, "utf8").catch(() => "[]");
  const before: readonly Outcome[] = JSON.parse(text);
  const done = before.filter(({ findings }) => findings.length === 0);
  const known = new Set(done.map(({ run }) => key(run)));
  await mkdir(join(root, ".cache"), { recursive: true });
  const left = fullProfile().filter((run) => !known.has(key(run)));
  const forMs = estimateMs(left) / GAIN;
  process.stdout.write(`${left.length} runs, ${minutes(forMs)} by estimate; ${done.length} were made before\n`);
  const work = async (): Promise<void> => {
    for (let run = left.shift(); run !== undefined; run = left.shift()) {
      done.push(await one(run));
      writeFileSync(STATE, JSON.stringify(done));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await writeProofs(join(root, "docs/proofs.md"), done);
  return summary(done, NOTHING_MORE);
}

if (values.only !== undefined) process.exitCode = await repeatOne(values.only);
else process.exitCode = values.full ? await full() : await short();
