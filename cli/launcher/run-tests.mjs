import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "./run-to-end.mjs";

/** Runs jest with its own output visible and ends with the plain line "N passed, N failed". */
export async function runTests(node, args, options) {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-test-"));
  try {
    const report = join(folder, "report.json");
    const code = await runToEnd(node, [...args, "--json", `--outputFile=${report}`], options);
    const { passed, failed } = countTests(readReport(report), code);
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    return failed === 0 ? 0 : code || 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that cannot be loaded is a failure beside the tests, and so is a bad exit code that no test explains. */
export function countTests(report, code) {
  const failed = (report.numFailedTests ?? 0) + (report.numRuntimeErrorTestSuites ?? 0);
  return { passed: report.numPassedTests ?? 0, failed: code === 0 ? failed : Math.max(failed, 1) };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Jest ended before it could write one; the exit code says so.
    return {};
  }
}
