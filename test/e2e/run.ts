// `npm run test:e2e`: the dashboard in a real browser, against a real all-in-one Sentinel.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureChromium } from "../harness/chromium.ts";
import { runJest } from "../harness/run-jest.ts";

const chromium = ensureChromium();
const build = spawnSync(process.execPath, [join(import.meta.dirname, "../../cli/src/main.ts"), "build-dashboard"], {
  stdio: "inherit",
});
process.exitCode = build.status === 0 ? await runJest("test/e2e", { CHROMIUM: chromium }) : 1;
