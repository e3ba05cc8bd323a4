import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const script = `
  const { createServiceKit, processVariables } = await import(${JSON.stringify(join(import.meta.dirname, "index.ts"))});
  const { failpoint } = createServiceKit({ service: "test", env: processVariables() });
  failpoint("fold.before-commit");
  console.log("first hit passed");
  failpoint("fold.before-commit");
  console.log("second hit passed");
`;

function run(armed: string) {
  const env = { ...process.env, SENTINEL_FAILPOINT: armed };
  const { signal, status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env });
  return { signal, status, lines: stdout.toString("utf8").trim().split("\n") };
}

test("a process dies of SIGKILL at the armed hit, before its next step", () => {
  expect(run("fold.before-commit:2")).toEqual({ signal: "SIGKILL", status: null, lines: ["first hit passed"] });
});

test("a process with nothing armed runs to its end", () => {
  expect(run("")).toEqual({ signal: null, status: 0, lines: ["first hit passed", "second hit passed"] });
});
