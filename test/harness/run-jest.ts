import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Runs one folder of tests and prints "N passed, N failed" as the last line. */
export async function runJest(folder: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), "sentinel-jest-"));
  const reportFile = join(scratch, "report.json");
  const child = spawn(
    process.execPath,
    [
      "--experimental-vm-modules",
      "--no-warnings",
      join(root, "node_modules/jest/bin/jest.js"),
      "--config",
      join(root, "test/harness/jest.config.mjs"),
      "--json",
      `--outputFile=${reportFile}`,
      "--verbose",
      folder,
    ],
    { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] },
  );
  const code = await new Promise<number>((resolve) => child.on("exit", (exit) => resolve(exit ?? 1)));
  const text = await readFile(reportFile, "utf8").catch(() => "{}");
  await rm(scratch, { recursive: true, force: true });
  const report: unknown = JSON.parse(text);
  const failed = Math.max(countIn(report, "numFailedTests"), code === 0 ? 0 : 1);
  process.stdout.write(`${countIn(report, "numPassedTests")} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** 0 where the report has no such count, as when Jest ended before it wrote one. */
function countIn(report: unknown, name: string): number {
  if (typeof report !== "object" || report === null) return 0;
  const found = Object.entries(report).find(([key]) => key === name)?.[1];
  return typeof found === "number" ? found : 0;
}
