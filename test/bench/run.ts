// `npm run bench [-- --smoke] [-- NAME…]`: each figure with its rival or limit from the same run, and the hardware.
import { checkCost } from "./check-cost.ts";
import { detection } from "./detection.ts";
import { foldRate } from "./fold-rate.ts";
import { reads } from "./reads.ts";
import { type Bench, hardware } from "./report.ts";
import { memory, startTime } from "./start-time.ts";

const benches: Readonly<Record<string, Bench>> = { startTime, checkCost, detection, foldRate, reads, memory };
const smoke = process.argv.includes("--smoke");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));

process.stdout.write(`${hardware()}\n${smoke ? "smoke run: short, the figures mean little\n" : ""}`);
let passed = 0;
let failed = 0;
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  try {
    for (const { what, value, against } of await bench({ smoke })) {
      process.stdout.write(`\n${what}\n  ${value}\n  against: ${against}\n`);
    }
    passed += 1;
  } catch (error) {
    failed += 1;
    process.stdout.write(
      `\n${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  }
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
