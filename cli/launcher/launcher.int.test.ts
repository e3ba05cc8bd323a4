import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

const here = import.meta.dirname;
let root: string;

/** Stands for npm in PATH: notes how it was called, then does what `behaviour` says. */
function npmThat(behaviour: string): string {
  const bin = join(root, "bin");
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\necho "$@" >> "${root}/calls"\n${behaviour}\n`;
  writeFileSync(join(bin, "npm"), script, { mode: 0o755 });
  return bin;
}

function ensureInstalled(bin: string, lang = "en") {
  const program = `const { ensureInstalled } = await import(${JSON.stringify(join(here, "install.mjs"))});
    await ensureInstalled(${JSON.stringify(root)}).catch((e) => { console.error("SAID " + e.message); process.exitCode = e.exitCode; });`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { PATH: bin, LANG: lang },
  });
  return { code: done.status, said: /^SAID (.*)$/m.exec(done.stderr)?.[1], stderr: done.stderr, stdout: done.stdout };
}

const calls = (): string[] =>
  existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trim().split("\n") : [];
const lock = (text: string): void => writeFileSync(join(root, "package-lock.json"), text);
const stamp = (): boolean => existsSync(join(root, "node_modules/.sentinel-install"));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sentinel-launcher-"));
  writeFileSync(join(root, "package.json"), "{}");
  lock("one");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("the installation", () => {
  test("happens once for a lock, and again when the lock changed", () => {
    const bin = npmThat("exit 0");
    expect(ensureInstalled(bin).code).toBe(0);
    expect(ensureInstalled(bin).code).toBe(0);
    expect(calls()).toHaveLength(1);
    expect(calls()[0]).toMatch(/^ci .*--no-audit --no-fund --prefer-offline/);
    lock("two");
    ensureInstalled(bin);
    expect(calls()).toHaveLength(2);
  });

  test("is done again after it was interrupted", () => {
    ensureInstalled(npmThat("exit 0"));
    lock("two");
    expect(ensureInstalled(npmThat("kill -9 $$")).code).not.toBe(0);
    expect(stamp()).toBe(false);
    expect(ensureInstalled(npmThat("exit 0")).code).toBe(0);
    expect(stamp()).toBe(true);
    expect(calls()).toHaveLength(3);
  });

  test("works without a lock", () => {
    rmSync(join(root, "package-lock.json"));
    ensureInstalled(npmThat("exit 0"));
    expect(calls()[0]).toMatch(/^install --no-audit/);
  });

  test("does not depend on the packages of other platforms being in the lock", () => {
    const bin = npmThat('case "$1" in ci) echo "npm error code EUSAGE" >&2; exit 1;; esac');
    expect(ensureInstalled(bin)).toMatchObject({ code: 0, stderr: "" });
    expect(calls()[1]).toMatch(/^install --no-save/);
  });

  test.each([
    ["npm error code ENOTFOUND", "The packages could not be fetched because the package registry is out of reach"],
    ["npm error code ENOSPC", "the disk is full"],
    ["npm error code EACCES", "is not writable for this account"],
    ["npm error something else", "npm could not install the packages"],
  ])("that fails with “%s” is one sentence that says what to do", (npmSays, sentence) => {
    const { code, said, stderr } = ensureInstalled(
      npmThat(`echo "${npmSays}" >&2; echo "npm error     at run (x.js:1:2)" >&2; exit 1`),
    );
    expect(code).toBe(1);
    expect(said).toContain(sentence);
    expect(said).toContain("run the same command again");
    expect(stderr).not.toContain("    at ");
    // npm's own words only where nothing better is known.
    expect(stderr.includes(npmSays)).toBe(sentence.startsWith("npm could not"));
    expect(stamp()).toBe(false);
  });

  test("says it in French on a French terminal", () => {
    expect(ensureInstalled(npmThat("exit 1"), "fr_FR.UTF-8").said).toContain("relancez la même commande");
  });

  test("without npm says where to get it", () => {
    expect(ensureInstalled(join(root, "nothing")).said).toMatch(/^npm was not found: install it/);
  });
});

function evaluate(module: string, expression: string): unknown {
  const program = `const m = await import(${JSON.stringify(join(here, module))}); console.log(JSON.stringify(${expression}))`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  return JSON.parse(done.stdout);
}

test("a test file that cannot be loaded, and a jest that ended early, count as failures", () => {
  const counts = [
    "m.countTests({ numPassedTests: 3, numFailedTests: 0 }, 0)",
    "m.countTests({ numPassedTests: 3, numFailedTests: 2, numRuntimeErrorTestSuites: 1 }, 1)",
    "m.countTests({ numPassedTests: 3, numFailedTests: 0 }, 1)",
    "m.countTests({}, 137)",
  ].map((each) => evaluate("run-tests.mjs", each));
  expect(counts).toEqual([
    { passed: 3, failed: 0 },
    { passed: 3, failed: 3 },
    { passed: 3, failed: 1 },
    { passed: 0, failed: 1 },
  ]);
});

test("a Node that is new enough is used where no package exists for the machine, an old one is not", () => {
  const on = (platform: string, node: string): string =>
    `m.canHaveNode({ platform: "${platform}", arch: "x64", versions: { node: "${node}" } })`;
  expect(evaluate("node-binary.mjs", on("linux", "18.0.0"))).toBe(true);
  expect(evaluate("node-binary.mjs", on("darwin", "24.1.0"))).toBe(true);
  expect(evaluate("node-binary.mjs", on("darwin", "22.0.0"))).toBe(false);
  expect(evaluate("node-binary.mjs", on("win32", "24.0.0"))).toBe(false);
});

test("what runs gets the signals and gives the exit code", () => {
  const run = (program: string): string => `await m.runToEnd(process.execPath, ["-e", ${JSON.stringify(program)}], {})`;
  expect(evaluate("run-to-end.mjs", run("process.exit(7)"))).toBe(7);
  expect(evaluate("run-to-end.mjs", run("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 60000)"))).toBe(
    143,
  );
  const passedOn =
    "process.on('SIGTERM', () => process.exit(9)); setTimeout(() => {}, 60000); process.kill(process.ppid, 'SIGTERM')";
  expect(evaluate("run-to-end.mjs", run(passedOn))).toBe(9);
});

test("a command it does not know is a usage line and exit code 2", () => {
  const done = spawnSync(process.execPath, [join(here, "launch.mjs"), "frobnicate"], { encoding: "utf8" });
  expect([done.status, done.stdout]).toEqual([2, ""]);
  expect(done.stderr).toMatch(/^(Usage|Usage.*): launch\.mjs start/);
});

test("a reader that goes away first is no crash", () => {
  const main = join(here, "../src/main.ts");
  const done = spawnSync(
    "/bin/sh",
    ["-c", `(trap "" PIPE; "$0" "$1" --help; echo "code $?" >&2) | true`, process.execPath, main],
    {
      encoding: "utf8",
    },
  );
  expect(done.stderr).toBe("code 0\n");
});
