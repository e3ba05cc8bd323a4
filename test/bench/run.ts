// `npm run bench [-- --smoke] [-- NAME…]`: each figure with its rival or limit from the same run, and the hardware.
// `--minutes N` is how long foldMemory and the end of prober take; `--markdown FILE` also writes them as a table.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { checklog } from "./check-log.ts";
import { detection } from "./detection.ts";
import { foldLatency } from "./fold-latency.ts";
import { foldMemory } from "./fold-memory.ts";
import { foldRate } from "./fold-rate.ts";
import { memory } from "./memory.ts";
import { pageBytes } from "./page-bytes.ts";
import { prober } from "./prober.ts";
import { reads } from "./reads.ts";
import { type Bench, type Figure, hardware, versions } from "./report.ts";
import { startTime } from "./start-time.ts";
import { store } from "./store.ts";

const benches: Readonly<Record<string, Bench>> = {
  startTime,
  prober,
  detection,
  store,
  foldLatency,
  foldMemory,
  foldRate,
  checklog,
  reads,
  pageBytes,
  memory,
};

const { values, positionals } = parseArgs({
  options: { smoke: { type: "boolean", default: false }, markdown: { type: "string" }, minutes: { type: "string" } },
  allowPositionals: true,
});
const { smoke, markdown } = values;
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
if (minutes !== undefined && !(minutes > 0)) {
  process.stderr.write(`--minutes takes a number of minutes, such as 10; it was ${values.minutes}\n`);
  process.exit(2);
}
const unknown = positionals.find((name) => !(name in benches));
if (unknown !== undefined) {
  process.stderr.write(`no such benchmark: ${unknown}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}

const head = [hardware(), versions()];
process.stdout.write(`${head.join("\n")}\n`);
if (smoke) process.stdout.write("smoke run: short, it shows that everything runs; the figures mean little\n");
const figures: Figure[] = [];
let passed = 0;
let failed = 0;
for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  try {
    for (const figure of await bench({ smoke, ...(minutes === undefined ? {} : { minutes }) })) {
      const { what, value, against, ratio } = figure;
      process.stdout.write(`\n${what}\n  ${value}\n  against: ${against}\n  ratio:   ${ratio}\n`);
      figures.push(figure);
    }
    passed += 1;
  } catch (error) {
    failed += 1;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`\n${name} failed: ${text}\n`);
  }
}
if (markdown !== undefined) {
  const rows = figures.map(({ what, value, against, ratio }) => `| ${what} | ${value} | ${against} | ${ratio} |`);
  const table = ["| What | Value | Rival or limit, same run | Ratio |", "|---|---|---|---|", ...rows];
  await writeFile(markdown, `${head.map((line) => `${line}  `).join("\n")}\n\n${table.join("\n")}\n`);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
