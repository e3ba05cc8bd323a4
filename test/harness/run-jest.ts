import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Runs one folder of tests and prints "N passed, N failed" as the last line. */
export async function runJest(folder: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), "sentinel-jest-"));
  const report = join(scratch, "report.json");
  const child = spawn(
    process.execPath,
    [
      "--experimental-vm-modules",
      "--no-warnings",
      join(root, "node_modules/jest/bin/jest.js"),
      "--config",
      join(root, "test/harness/jest.config.mjs"),
      "--json",
      `--outputFile=${report}`,
      "--verbose",
      folder,
    ],
    { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] },
  );
  const code = await new Promise<number>((resolve) => child.on("exit", (exit) => resolve(exit ?? 1)));
  const text = await readFile(report, "utf8").catch(() => "{}");
  await rm(scratch, { recursive: true, force: true });
  const counts = JSON.parse(text) as { numPassedTests?: number; numFailedTests?: number; numFailedTestSuites?: number };
  const failed = Math.max(counts.numFailedTests ?? 0, code === 0 ? 0 : 1);
  process.stdout.write(`${counts.numPassedTests ?? 0} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}
