// `npm run test:sim`: worlds by their seeds. `--seeds 200 --from 1`, `--seed 7` to repeat one, `--story` to tell it.
import { parseArgs } from "node:util";
import { simulate } from "./simulate.ts";

const WEEK_MS = 7 * 86_400_000;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    story: { type: "boolean", default: false },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds);
let simulatedMs = 0;
let failed = 0;
const before = process.cpuUsage();
for (let seed = from; seed < from + seeds; seed += 1) {
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
const { user, system } = process.cpuUsage(before);
const minutes = (user + system) / 60e6;
process.stdout.write(
  `${seeds} seeds, ${failed} failed, ${(simulatedMs / WEEK_MS).toFixed(2)} weeks in ${minutes.toFixed(2)} CPU minutes: ` +
    `${(simulatedMs / WEEK_MS / minutes).toFixed(2)} weeks per CPU minute\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
