// `npm run test:sim`: those worlds that failed once and 200 by their seeds. `-- --seeds 500 --from 1`, with `--story` to
// tell what happened in each; `-- --planted` looks for each planted mistake in the first 500 worlds, with `--only lease`
// for those with that word in their name.
import { parseArgs } from "node:util";
import corpus from "./corpus.json" with { type: "json" };
import { findPlant } from "./find-plant.ts";
import { PLANTS } from "./plants.ts";
import type { Outcome } from "./simulate.ts";
import { Worlds } from "./worlds.ts";

const MOST_FOR_A_PLANT = 500;
const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    planted: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    story: { type: "boolean", default: false },
  },
});

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

using worlds = new Worlds();
let simulatedMs = 0;
let passed = 0;
let failed = 0;
await (values.planted ? findPlanted() : keepPromises());
const { user, system } = process.cpuUsage();
const minutes = (user + system) / 60e6;
const weeks = simulatedMs / WEEK_MS;
say(`${weeks.toFixed(2)} weeks in ${minutes.toFixed(2)} CPU minutes: ${(weeks / minutes).toFixed(2)} a CPU minute`);
say(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

async function keepPromises(): Promise<void> {
  const seeds = Number(values.seeds);
  const fresh = Array.from({ length: seeds }, (_, index) => Number(values.from) + index);
  // A single world is told alone; a run of many begins with those that failed once.
  const wanted = new Set([...(seeds > 1 ? corpus : []), ...fresh]);
  const tellEach = async (seed: number): Promise<void> => tell(await worlds.simulate({ seed }));
  await Promise.all(Array.from(wanted, tellEach));
}

function tell({ seed, events, checks, lives, violations, story, ...outcome }: Outcome): void {
  simulatedMs += outcome.simulatedMs;
  const took = `${(outcome.simulatedMs / HOUR_MS).toFixed(2)} h, ${checks} checks, ${events} events, ${lives} lives`;
  say(`seed ${seed}: ${took}${violations.length === 0 ? "" : ": NOT AS PROMISED"}`);
  for (const { rule, what } of violations.slice(0, 5)) say(`  ${rule}: ${what.slice(0, 2000)}`);
  if (values.story) say(story.join("\n"));
  if (violations.length === 0) passed += 1;
  else {
    failed += 1;
    say(`  again: npm run test:sim -- --seeds 1 --from ${seed} --story`);
  }
}

/** Each planted mistake has to be found, or nobody knows what it means that none is found where none is planted. */
async function findPlanted(): Promise<void> {
  const names = Object.keys(PLANTS).filter((name) => name.includes(values.only));
  const oneAfterTheOther = async (): Promise<void> => {
    for (let plant = names.shift(); plant !== undefined; plant = names.shift()) await find(plant);
  };
  await Promise.all(Array.from({ length: worlds.threads }, oneAfterTheOther));
}

async function find(plant: string): Promise<void> {
  const simulate = async (seed: number, planted: boolean): Promise<Outcome> => {
    const outcome = await worlds.simulate({ seed, plant: planted ? plant : undefined });
    simulatedMs += outcome.simulatedMs;
    return outcome;
  };
  const found = await findPlant(simulate, MOST_FOR_A_PLANT);
  if (found === undefined) failed += 1;
  else passed += 1;
  const how = found === undefined ? `NOT FOUND in ${MOST_FOR_A_PLANT}` : `${found.seed}: ${found.violations[0]?.rule}`;
  say(`planted: ${plant}: seeds until found ${how}`);
}
