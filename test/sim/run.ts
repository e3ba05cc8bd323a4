// `npm run test:sim`: worlds by their seeds. `-- --seeds 200 --from 1`, with `--story` to tell what happened in each;
// `-- --planted` looks for each planted bug in the first 500 worlds.
import { parseArgs } from "node:util";
import corpus from "./corpus.json" with { type: "json" };
import { findPlant } from "./find-plant.ts";
import { PLANTS } from "./plants.ts";
import { simulate } from "./simulate.ts";

const MOST_FOR_A_PLANT = 500;
const WEEK_MS = 7 * 86_400_000;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    planted: { type: "boolean", default: false },
    story: { type: "boolean", default: false },
  },
});
if (values.planted) await findPlanted();
const from = Number(values.from);
const seeds = values.planted ? 0 : Number(values.seeds);
let simulatedMs = 0;
let failed = 0;
const before = process.cpuUsage();
const fresh = Array.from({ length: seeds }, (_, index) => from + index);
// A single world is told alone; a run of many begins with those that failed once.
const worlds = new Set([...(seeds > 1 ? corpus : []), ...fresh]);
for (const seed of worlds) {
  const outcome = await simulate(seed);
  simulatedMs += outcome.simulatedMs;
  const { events, checks, lives, violations } = outcome;
  const took = `${(outcome.simulatedMs / 3_600_000).toFixed(2)} h, ${checks} checks, ${events} events, ${lives} lives`;
  if (violations.length === 0) {
    process.stdout.write(`seed ${seed}: ${took}\n`);
    if (values.story) process.stdout.write(`${outcome.story.join("\n")}\n`);
    continue;
  }
  failed += 1;
  process.stdout.write(`seed ${seed}: ${took}: NOT AS PROMISED\n`);
  for (const { rule, what } of violations.slice(0, 5)) process.stdout.write(`  ${rule}: ${what.slice(0, 2000)}\n`);
  if (values.story) process.stdout.write(`${outcome.story.join("\n")}\n`);
  process.stdout.write(`  again: npm run test:sim -- --seeds 1 --from ${seed} --story\n`);
}
if (!values.planted) {
  const { user, system } = process.cpuUsage(before);
  const minutes = (user + system) / 60e6;
  process.stdout.write(
    `${worlds.size} seeds, ${failed} failed, ${(simulatedMs / WEEK_MS).toFixed(2)} weeks in ${minutes.toFixed(2)} CPU minutes: ` +
      `${(simulatedMs / WEEK_MS / minutes).toFixed(2)} weeks per CPU minute\n`,
  );
  if (failed > 0) process.exitCode = 1;
}

async function findPlanted(): Promise<void> {
  for (const [name, plant] of Object.entries(PLANTS)) {
    const found = await findPlant(plant, MOST_FOR_A_PLANT);
    const how = found === undefined ? "NOT FOUND" : `seed ${found.seed}: ${found.violation.rule}`;
    process.stdout.write(`planted: ${name}: ${how}\n`);
    if (found === undefined) process.exitCode = 1;
  }
}
