// `npm run test:e2e`: the dashboard in a real browser, against a real all-in-one Sentinel.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureChromium } from "../harness/chromium.ts";
import { runJest } from "../harness/run-jest.ts";

process.exitCode = await run();

async function run(): Promise<number> {
  let chromium: string;
  try {
    chromium = ensureChromium();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  // Built once here, so that no test waits for it.
  const build = spawnSync(process.execPath, [join(import.meta.dirname, "../../cli/src/main.ts"), "build-dashboard"], {
    stdio: "inherit",
  });
  return build.status === 0 ? await runJest("test/e2e", { CHROMIUM: chromium }) : 1;
}
